"""What there is now of all that restores name: subnets, security groups, instance types, instance profiles."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from ec2_backup.aws.ec2 import by_filter
from ec2_backup.aws.iam import simulate_permissions
from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.permissions import PermissionNeed
from ec2_backup.restore.ground import Ground, Profile, Subnet

Seen = TypeVar("Seen")


def look_at_ground(
    subnets: Sequence[str], groups: Sequence[str], types: Sequence[str], profiles: Sequence[str],
    role: ServiceRole, caller: Caller, target: Target,
) -> Ground:  # fmt: skip
    """Return what exists of these in one Region: a call for each kind, and two for each profile."""
    return Ground(
        subnets=_seen(lambda: {one.subnet_id: one for one in describe_subnets(subnets, target)}),
        groups=_seen(lambda: describe_groups(groups, target)),
        offered=_seen(lambda: describe_offerings(types, target)),
        profiles=_seen(lambda: {one.name: one for one in get_profiles(profiles, role, caller, target)}),
    )


def _seen(look: Callable[[], Seen]) -> Seen | None:
    """Return what the look gives, None where the caller may not look: AWS itself refuses then what is wrong."""
    try:
        return look()
    except AccessError:
        return None


def describe_subnets(ids: Sequence[str], target: Target) -> Iterable[Subnet]:
    """Return those of the subnets that exist."""
    return [
        Subnet(one["SubnetId"], one["VpcId"], one["AvailabilityZone"], one.get("AvailableIpAddressCount", 1))
        for one in by_filter("describe_subnets", "Subnets", "subnet-id", ids, target)
    ]


def describe_groups(ids: Sequence[str], target: Target) -> dict[str, str]:
    """Return the VPC of each of the security groups that exist."""
    found = by_filter("describe_security_groups", "SecurityGroups", "group-id", ids, target)
    return {one["GroupId"]: one.get("VpcId", "") for one in found}


def describe_offerings(types: Sequence[str], target: Target) -> frozenset[tuple[str, str]]:
    """Return in which Availability Zones there is each of the instance types."""
    listed = pages(
        "ec2",
        "describe_instance_type_offerings",
        target,
        key="InstanceTypeOfferings",
        LocationType="availability-zone",
        Filters=[{"Name": "instance-type", "Values": list(types)}],
    )
    found = [one for page in listed for one in page["InstanceTypeOfferings"]] if types else []
    return frozenset((one["InstanceType"], one["Location"]) for one in found)


def get_profiles(names: Iterable[str], role: ServiceRole, caller: Caller, target: Target) -> Iterable[Profile]:
    """Return those of the instance profiles that exist, and whether AWS Backup's role may pass their roles."""
    found = []
    for name in names:
        try:
            profile = call("iam", "get_instance_profile", target, key="InstanceProfile", InstanceProfileName=name)
        except AwsError as error:
            if error.code == "NoSuchEntity":
                continue
            raise
        arns = [one["Arn"] for one in profile["InstanceProfile"].get("Roles", ())]
        found += [Profile(name, arns[0], _may_pass(arns[0], role, caller, target)) if arns else Profile(name)]
    return found


def _may_pass(passed: str, role: ServiceRole, caller: Caller, target: Target) -> bool | None:
    """Return what policy simulation says of AWS Backup's role, None where that is not certain or not allowed."""
    as_role = Caller(caller.account, role.arn, caller.partition, target.region, access_role_arn=target.role_arn)
    need = PermissionNeed(("iam:PassRole",), (passed,), context={"iam:PassedToService": "ec2.amazonaws.com"})
    try:
        (answer,) = simulate_permissions(as_role, [need], target)
    except AuthenticationError:
        raise
    except (AwsError, ValueError):
        return None
    return answer.allowed if answer.allowed or answer.certain else None
