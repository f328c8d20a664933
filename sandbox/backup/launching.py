"""The launch of a restored instance: what stands in its way is found, and told in the words of AWS Backup or EC2."""

import json
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Any

from moto.ec2.models.instance_types import INSTANCE_TYPES
from moto.iam.models import iam_backends

from sandbox.backup import keys, restored, roles, traces
from sandbox.backup.agenda import Agenda
from sandbox.backup.failures import NOT_AUTHORIZED, RESTORE_MESSAGES, RestoreCause
from sandbox.backup.images import SOURCE_TAG, BackupImage
from sandbox.backup.launches import Launch, UnlaunchableError, to_launch
from sandbox.backup.restorejobs import RestoreJob
from sandbox.backup.workshop import Workshop
from sandbox.clock import CLOCK

_TO_EC2 = {"iam:PassedToService": "ec2.amazonaws.com"}
_AT_LAUNCH = {"ec2:CreateAction": "RunInstances"}


def launch(job: RestoreJob, workshop: Workshop, agenda: Agenda, at: datetime) -> None:
    """Launch the instance of a restore job, unless the script has the job come to nothing.

    Raises:
        UnlaunchableError: AWS Backup or EC2 refuses it.
    """
    if not roles.can_be_assumed(workshop.account, workshop.partition, job.role_arn):
        raise UnlaunchableError(RESTORE_MESSAGES[RestoreCause.ROLE_NOT_ASSUMABLE].format(role=job.role_arn))
    vault = workshop.vaults.get(job.point.vault_name)
    if vault is None or job.point.arn not in vault.points:
        raise UnlaunchableError(RESTORE_MESSAGES[RestoreCause.POINT_GONE])
    ec2 = workshop.ec2
    wanted = to_launch(job.metadata, job.point.restore_metadata)
    raise_for_type(wanted)
    subnet = subnet_of(ec2, wanted)
    groups = groups_of(ec2, wanted, subnet)
    raise_for_image(ec2, job.point.image)
    raise_for_role(job.role_arn, ec2, wanted, tags=job.copies_tags)
    if job.outcome.state in {"FAILED", "ABORTED"}:
        return
    wanted = replace(wanted, subnet_id=subnet.id)
    instance = restored.put(ec2, wanted, groups, job.point.image, at, job.outcome)
    job.instance = instance
    _tag(ec2, job, instance)
    traces.record_launch(workshop.account, workshop.region, job)
    agenda.at(CLOCK.after(at, 2 * restored.STARTING_SECONDS), lambda _: instance.give_up())


def _tag(ec2: Any, job: RestoreJob, instance: restored.RestoredInstance) -> None:
    """Tag what is restored: with the source's tags if asked for, which go on its volumes as well; theirs are lost.

    AWS Backup's own tag is on the instance too, as its managed policy provides for; the form of its value is a guess.
    """
    tags = dict(job.point.source_tags) if job.copies_tags else {}
    ec2.tags[instance.id] = tags | {SOURCE_TAG: f"{job.instance_id}:{job.job_id}"}
    for _, mapping in instance.get_block_device_mapping:
        ec2.tags[mapping.volume_id] = dict(tags)


def raise_for_role(role_arn: str, ec2: Any, launch: Launch, *, tags: bool) -> None:
    """Check that a role may launch, pass the roles of the instance profile to EC2, and tag the instance.

    Raises:
        UnlaunchableError: Its policies do not allow that: AWS Backup says what in a form that it has encoded.
    """
    instances = f"arn:{ec2.partition}:ec2:{ec2.region_name}:{ec2.account_id}:instance/*"
    needs: list[tuple[str, str, dict[str, str]]] = [("ec2:RunInstances", instances, {})]
    needs += [("iam:PassRole", arn, _TO_EC2) for arn in _passed(ec2, launch)]
    needs += [("ec2:CreateTags", instances, _AT_LAUNCH)] * tags
    for action, resource, context in needs:
        if not roles.may(role_arn, action, resource, context):
            raise not_authorized(role_arn, action, resource)


def not_authorized(role_arn: str, action: str, resource: str) -> UnlaunchableError:
    """Return the error of a role that may not do something."""
    who = {"arn": roles.session(role_arn).arn}
    said = {"allowed": False, "context": {"principal": who, "action": action, "resource": resource}}
    return UnlaunchableError(NOT_AUTHORIZED.format(encoded=b64encode(json.dumps(said).encode()).decode()))


def raise_for_image(ec2: Any, image: BackupImage) -> None:
    """Check that the image is there with its snapshots, and that their keys can be used.

    Raises:
        UnlaunchableError: One of them is not.
    """
    if image.id not in ec2.amis:
        raise UnlaunchableError(f"The image id '[{image.id}]' does not exist")
    if image.state != "available":
        raise UnlaunchableError(f"The image id '[{image.id}]' is not in the available state")
    for snapshot in image.snapshots:
        if snapshot.id not in ec2.snapshots:
            raise UnlaunchableError(f"The snapshot '{snapshot.id}' does not exist.")
        if not keys.is_usable(snapshot.kms_key_id, ec2.account_id, ec2.region_name):
            raise UnlaunchableError(RESTORE_MESSAGES[RestoreCause.KMS_DISABLED])


def groups_of(ec2: Any, launch: Launch, subnet: Any) -> list[Any]:
    """Return the security groups of the instance: the default one of its VPC unless others are named.

    Raises:
        UnlaunchableError: There is no such group, or it is not in the VPC of the subnet.
    """
    found = [(name, ec2.get_security_group_from_id(name)) for name in launch.group_ids]
    for name, group in found:
        if group is None:
            raise UnlaunchableError(f"The security group '{name}' does not exist")
        if group.vpc_id != subnet.vpc_id:
            said = f"Security group {name} and subnet {subnet.id} belong to different networks."
            raise UnlaunchableError(said)
    return [group for _, group in found] or [ec2.get_default_security_group(subnet.vpc_id)]


def subnet_of(ec2: Any, launch: Launch) -> Any:
    """Return the subnet of the instance: the one that it names, or a default one.

    Raises:
        UnlaunchableError: There is none, or the address that is wanted in it is taken.
    """
    subnets = {one.id: one for one in ec2.describe_subnets()}
    if not launch.subnet_id:
        default = next(iter(ec2.get_default_subnets().values()), None)
        if default is None:
            raise UnlaunchableError("No default VPC for this user")
        return default
    if launch.subnet_id not in subnets:
        raise UnlaunchableError(f"The subnet ID '{launch.subnet_id}' does not exist")
    taken = {nic.private_ip_address for nic in ec2.enis.values() if nic.subnet.id == launch.subnet_id}
    if launch.private_ip in taken:
        raise UnlaunchableError(f"Address {launch.private_ip} is in use.")
    return subnets[launch.subnet_id]


def raise_for_type(launch: Launch) -> None:
    """Check the instance type.

    Raises:
        UnlaunchableError: EC2 has none of that name.
    """
    if launch.instance_type not in INSTANCE_TYPES:
        raise UnlaunchableError(f"Invalid value '{launch.instance_type}' for InstanceType.")


def _passed(ec2: Any, launch: Launch) -> Iterable[str]:
    """Yield the roles that are in the instance profile of a launch.

    Raises:
        UnlaunchableError: There is no such profile any more.
    """
    if not launch.profile:
        return
    profiles = iam_backends[ec2.account_id][ec2.partition].instance_profiles.values()
    profile = next((one for one in profiles if one.name == launch.profile), None)
    if profile is None:
        said = f"Value ({launch.profile}) for parameter iamInstanceProfile.name is invalid. "
        raise UnlaunchableError(f"{said}Invalid IAM Instance Profile name")
    yield from (role.arn for role in profile.roles)
