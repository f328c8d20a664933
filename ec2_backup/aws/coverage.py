"""What a look at the coverage asks of AWS: every instance, and the recovery points of all vaults, a thousand a call."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from ec2_backup.aws.ebs import describe_volumes
from ec2_backup.aws.ec2 import to_instance, to_tags
from ec2_backup.aws.evidence import to_recovery_point, with_images
from ec2_backup.aws.session import pages
from ec2_backup.coverage.model import KeptPoint, Plan, RestoredPoint, SeenInstance, SeenVault
from ec2_backup.drill.marks import to_proof
from ec2_backup.errors import AccessError
from ec2_backup.model import Caller, RecoveryPoint, Target
from ec2_backup.selection import Selection, Term, to_filters
from ec2_backup.settings import PROVEN_TAG

_PAGE = {"PageSize": 1000}
_SOURCE_TAG = "aws:backup:source-resource"  # which AWS Backup sets: the instance and the job, with a colon between them


def describe_fleet(selection: Selection, caller: Caller, target: Target) -> tuple[SeenInstance, ...]:
    """Return every instance of a Region that fits the selection and is not terminated, with its EBS volumes."""
    found = {one["InstanceId"]: one for group in selection.groups for one in _fitting(group, target)}
    for group in selection.excluded:
        for one in _fitting(group, target):
            found.pop(one["InstanceId"], None)
    instances = describe_volumes([to_instance(one, caller, target) for one in found.values()], target)
    return tuple(SeenInstance(one, caller.account, _attached_at(found[one.instance_id])) for one in instances)


def list_recovery_points(caller: Caller, target: Target) -> tuple[list[SeenVault], list[KeptPoint]]:
    """Return all vaults of a Region and the recovery points of EC2 instances in them.

    A vault whose points may not be read has the reason in its `trouble`. Raises AccessError where the vaults may not
    be listed.
    """
    vaults: list[SeenVault] = []
    points: list[KeptPoint] = []
    for name in _vault_names(target):
        try:
            found, trouble = list(_points_of(name, caller, target)), ""
        except AccessError as error:
            found, trouble = [], error.message
        stored = sum(kept.point.size_bytes or 0 for kept in found)
        vaults.append(SeenVault(name, caller.account, target.region, len(found), stored, trouble, target.role_arn))
        points += found
    return vaults, points


def look_into(points: Sequence[KeptPoint], target: Target) -> tuple[RecoveryPoint, ...]:
    """Return these recovery points of one Region with their AMIs and snapshots."""
    return with_images([kept.point for kept in points], target)


def list_restored_points(target: Target) -> list[RestoredPoint]:
    """Return which recovery points of a Region drills have restored and proven, as the tags of their images say."""
    asked = {"Owners": ["self"], "Filters": [{"Name": "tag-key", "Values": [PROVEN_TAG]}], "PaginationConfig": _PAGE}
    listed = pages("ec2", "describe_images", target, key="Images", **asked)
    found = (
        _to_restored(image["ImageId"], to_tags(image.get("Tags", ()))) for page in listed for image in page["Images"]
    )
    return [one for one in found if one]


def _to_restored(image_id: str, tags: Mapping[str, str]) -> RestoredPoint | None:
    instance_id, proof = tags.get(_SOURCE_TAG, "").partition(":")[0], to_proof(tags)
    return RestoredPoint(instance_id, image_id, proof) if instance_id and proof else None


def _fitting(group: Sequence[Term], target: Target) -> Iterator[Mapping[str, Any]]:
    asked = {"Filters": to_filters(group), "PaginationConfig": _PAGE}
    for page in pages("ec2", "describe_instances", target, key="Reservations", **asked):
        for reservation in page["Reservations"]:
            yield from reservation["Instances"]


def _attached_at(instance: Mapping[str, Any]) -> dict[str, datetime]:
    disks: Iterable[Mapping[str, Any]] = (one.get("Ebs") or {} for one in instance.get("BlockDeviceMappings", ()))
    return {disk["VolumeId"]: disk["AttachTime"] for disk in disks if "VolumeId" in disk and "AttachTime" in disk}


def _vault_names(target: Target) -> list[str]:
    listed = pages("backup", "list_backup_vaults", target, key="BackupVaultList", PaginationConfig=_PAGE)
    return [vault["BackupVaultName"] for page in listed for vault in page["BackupVaultList"]]


def _points_of(vault: str, caller: Caller, target: Target) -> Iterator[KeptPoint]:
    asked = {"BackupVaultName": vault, "ByResourceType": "EC2", "PaginationConfig": _PAGE}
    for page in pages("backup", "list_recovery_points_by_backup_vault", target, key="RecoveryPoints", **asked):
        for one in page["RecoveryPoints"]:
            yield _to_kept_point(one, vault, caller, target)


def _to_kept_point(listed: Mapping[str, Any], vault: str, caller: Caller, target: Target) -> KeptPoint:
    kept = KeptPoint(
        resource_arn=listed.get("ResourceArn", ""),
        account=caller.account,
        region=target.region,
        vault=vault,
        point=to_recovery_point({**listed, "CreationDate": _made_at(listed)}),
        plan=_to_plan(listed.get("CreatedBy") or {}),
        access_role_arn=target.role_arn,
    )
    elsewhere = kept.home != (caller.account, target.region)
    return replace(kept, is_copy=elsewhere or bool(listed.get("SourceBackupVaultArn")))


def _made_at(listed: Mapping[str, Any]) -> datetime | None:
    """Return when the data of a recovery point are from: those of a copy are as old as the job that it goes back to.

    InitiationDate is "when the backup job that created this recovery point was initiated" (AWS Backup API reference).
    """
    dates = [listed[name] for name in ("CreationDate", "InitiationDate") if listed.get(name)]
    return min(dates, default=None)


def _to_plan(created_by: Mapping[str, str]) -> Plan | None:
    """Return the plan of a recovery point; its Region's console names it, older points have its id alone."""
    plan_id = created_by.get("BackupPlanId", "")
    name, rule = created_by.get("BackupPlanName", ""), created_by.get("BackupRuleName", "")
    return Plan(plan_id, name, rule or created_by.get("BackupRuleId", "")) if plan_id or name else None
