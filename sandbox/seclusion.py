"""A place for drills: a subnet whose routes lead nowhere, a closed security group, and a profile for Systems Manager.

It is a VPC of its own. Nothing gets in; nothing gets out but HTTPS to the group itself, where the endpoints would be.
"""

import json
from dataclasses import dataclass
from typing import Any

from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends
from moto.utilities.utils import get_partition

from sandbox import identity

PROFILE = "EC2BackupDrill"
_NETWORK, _SUBNET = "10.99.0.0/16", "10.99.0.0/24"


@dataclass(frozen=True, slots=True)
class Seclusion:
    """The ids of what a drill restores into, and the name of the profile that its instances may have."""

    subnet: str
    group: str
    profile: str = PROFILE


def make_seclusion(region: str, account: str = identity.ACCOUNT) -> Seclusion:
    """Make it in one Region of an account, and return its ids."""
    ec2: Any = ec2_backends[account][region]
    vpc = ec2.create_vpc(_NETWORK)
    subnet = ec2.create_subnet(vpc.id, _SUBNET, availability_zone=f"{region}a")
    table = ec2.create_route_table(vpc.id)
    ec2.associate_route_table(table.id, subnet_id=subnet.id)
    group = ec2.create_security_group("drill", "Restore drills: no way in, and HTTPS out", vpc_id=vpc.id)
    group.egress_rules.clear()  # AWS, too, begins with one that lets everything out
    own = [{"GroupId": group.id}]
    ec2.authorize_security_group_egress(group.id, "tcp", "443", "443", [], source_groups=own)
    _make_profile(account, get_partition(region))
    return Seclusion(subnet.id, group.id)


def _make_profile(account: str, partition: str) -> None:
    iam = iam_backends[account][partition]
    if any(one.name == PROFILE for one in iam.instance_profiles.values()):
        return
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    iam.create_role(PROFILE, document, "/", None, "", [], "3600")
    iam.create_instance_profile(PROFILE, "/", [], [])
    iam.add_role_to_instance_profile(PROFILE, PROFILE)
