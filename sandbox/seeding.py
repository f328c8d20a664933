"""Putting a fleet into moto, with what its backups need: keys, vaults, the roles of AWS Backup and of the operator."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import cast

from moto.backup.models import backup_backends
from moto.core.types import Base64EncodedString
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance, InstanceState, Reservation
from moto.ec2.models.security_groups import SecurityGroup
from moto.iam.models import IAMBackend, Role, iam_backends
from moto.kms.models import kms_backends
from moto.utilities.utils import get_partition

from sandbox import iam, identity
from sandbox.ec2 import FleetBackend
from sandbox.fleet import Fleet
from sandbox.machines import Disk, Machine, reservation_id

VAULT = "EC2-Backup"
SERVICE_ROLE = "AWSBackupDefaultServiceRole"
ACCOUNT_ROLE = "EC2BackupAutomation"

_STATES = {"pending": 0, "running": 16, "shutting-down": 32, "terminated": 48, "stopping": 64, "stopped": 80}


@dataclass(frozen=True, slots=True)
class Ground:
    """What the instances of one Region stand on."""

    ec2: FleetBackend
    image_id: str
    windows_image_id: str
    subnets: tuple[str, ...]
    group: SecurityGroup
    keys: dict[str, str]


def seed(fleet: Fleet, account: str = identity.ACCOUNT, *, bare: bool = False) -> None:
    """Make the fleet, and in each of its Regions a vault `EC2-Backup` with a key, and the roles.

    What is in no other account goes into this one, the operator's own. The others have a role `ACCOUNT_ROLE` that it
    may assume. A `bare` account gets neither vault nor key for it nor the role of AWS Backup: it is as before its first
    backup.
    """
    _seed(fleet.of_account(""), account, bare=bare)
    for other in fleet.accounts:
        part = fleet.of_account(other)
        _seed(part, other, bare=bare)
        for partition in {get_partition(region) for region in part.regions}:
            make_entrance(other, account, partition, fleet.external_ids.get(other, ""))


def _seed(fleet: Fleet, account: str, *, bare: bool) -> None:
    for partition in {get_partition(region) for region in fleet.regions}:
        _make_roles(account, partition, bare=bare)
    grounds = {region: _make_ground(account, region, fleet, bare=bare) for region in fleet.regions}
    for number, machine in enumerate(fleet.machines.values()):
        _make_instance(grounds[machine.region], machine, number)


def _make_roles(account: str, partition: str, *, bare: bool) -> None:
    iam.add_managed_policies(account, partition)
    managed = f"arn:{partition}:iam::aws:policy"
    backup = ["service-role/AWSBackupServiceRolePolicyForBackup", "service-role/AWSBackupServiceRolePolicyForRestores"]
    roles = iam_backends[account][partition]
    operator = _make_role(roles, identity.OPERATOR_ROLE, "/", {"AWS": f"arn:{partition}:iam::{account}:root"})
    operator.id = identity.OPERATOR_ROLE_ID
    roles.attach_role_policy(f"{managed}/AdministratorAccess", identity.OPERATOR_ROLE)
    if not bare:
        _make_role(roles, SERVICE_ROLE, "/service-role/", {"Service": iam.BACKUP_SERVICE})
        for name in backup:
            roles.attach_role_policy(f"{managed}/{name}", SERVICE_ROLE)


def make_entrance(account: str, operators: str, partition: str, external_id: str) -> None:
    """Make the role `ACCOUNT_ROLE` of an account, which the operator's account may assume."""
    roles = iam_backends[account][partition]
    condition = {"Condition": {"StringEquals": {"sts:ExternalId": external_id}}} if external_id else {}
    _make_role(roles, ACCOUNT_ROLE, "/", {"AWS": f"arn:{partition}:iam::{operators}:root"}, **condition)
    roles.attach_role_policy(f"arn:{partition}:iam::aws:policy/AdministratorAccess", ACCOUNT_ROLE)


def _make_role(roles: IAMBackend, name: str, path: str, principal: dict[str, str], **more: object) -> Role:
    trust = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", **more}
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = roles.create_role(name, document, path, None, "", [], "3600")
    role.create_date -= timedelta(days=365)  # known everywhere long since
    return role


def _make_ground(account: str, region: str, fleet: Fleet, *, bare: bool) -> Ground:
    ec2 = cast("FleetBackend", ec2_backends[account][region])
    used = {disk.key for machine in fleet.machines.values() for disk in machine.disks if machine.region == region}
    keys = {
        name: make_key(account, region, _KEYS[name]) for name in (*["vault"] * (not bare), *sorted(used & _KEYS.keys()))
    }
    if "disabled" in keys:
        kms_backends[account][region].disable_key(keys["disabled"].rsplit("/", 1)[-1])
    if not bare:
        backup_backends[account][region].create_backup_vault(VAULT, {}, keys["vault"], "")
    return Ground(
        ec2=ec2,
        image_id=_image(ec2, "amzn2-ami-hvm"),
        windows_image_id=_image(ec2, "Windows_Server"),
        subnets=tuple(subnet.id for subnet in ec2.get_default_subnets().values()),
        group=cast("SecurityGroup", ec2.get_default_security_group()),
        keys=keys,
    )


_KEYS = {
    "vault": "Encrypts the vault EC2-Backup",
    "fleet": "Encrypts the volumes of the fleet",
    "disabled": "Encrypted volumes until it was disabled",
}


def make_key(account: str, region: str, description: str) -> str:
    """Make a customer managed key and return its ARN."""
    key = kms_backends[account][region].create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, [])
    return str(key.arn)


def _image(ec2: FleetBackend, name: str) -> str:
    images = sorted((image.name or "", image.id) for image in ec2.amis.values())
    return next((image_id for image_name, image_id in images if image_name.startswith(name)), images[0][1])


def _make_instance(ground: Ground, machine: Machine, number: int) -> None:
    ec2 = ground.ec2
    instance = Instance(  # type: ignore[abstract]  # as moto itself makes one
        ec2,
        ground.windows_image_id if machine.platform else ground.image_id,
        Base64EncodedString(""),
        [ground.group],
        instance_type=machine.instance_type,
        region_name=machine.region,
        subnet_id=ground.subnets[number % len(ground.subnets)],
    )
    instance.id = machine.instance_id
    instance.platform = machine.platform or None
    instance.root_device_type = machine.root_device_type
    instance.root_device_name = machine.disks[0].device if machine.disks else "/dev/sda1"
    instance.virtualization_type = "hvm"
    reservation = Reservation(reservation_id(machine.instance_id), ec2.account_id)
    reservation.instances.append(instance)
    ec2.reservations[reservation.id] = reservation
    ec2.tags[instance.id] = {"Name": machine.name, **machine.tags}
    for disk in machine.disks:
        _attach(ground, instance, disk, machine.name)
    _bring_to(instance, machine.state)


def _attach(ground: Ground, instance: Instance, disk: Disk, name: str) -> None:
    volume = ground.ec2.create_volume(
        size=disk.size_gib,
        zone_name=str(instance.placement.availability_zone),
        encrypted=bool(disk.key),
        kms_key_id=ground.keys[disk.key] if disk.key else None,
        volume_type=disk.volume_type,
        iops=disk.iops,
    )
    ground.ec2.attach_volume(volume.id, instance.id, disk.device, disk.delete_on_termination)
    ground.ec2.tags[volume.id] = {"Name": f"{name} {disk.device}"}


def _bring_to(instance: Instance, state: str) -> None:
    if state == "terminated":
        instance.terminate()
    elif state in {"stopped", "stopping"}:
        instance.stop()
    instance._state = InstanceState(state, _STATES[state])  # noqa: SLF001 - moto has no method for what is in between
