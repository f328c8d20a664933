"""Step 12: what there really is of a backup: the recovery point, its AMI, and the AMI's snapshots."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ec2_backup.aws.ec2 import by_id, to_tags
from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AwsError
from ec2_backup.model import BackupJob, PlannedBackup, RecoveryPoint, Snapshot, Target
from ec2_backup.results import Proof
from ec2_backup.states import BackupJobState
from ec2_backup.verdict import prove

# Recovery points carry the job's start, never earlier; an hour covers any skew between AWS's own services.
_MARGIN = timedelta(hours=1)


def verify_recovery_points(backups: Sequence[tuple[PlannedBackup, BackupJob]], target: Target) -> list[Proof]:
    """Return for each backup of one Region whether it is proven, from what AWS Backup and EC2 show of it now."""
    completed = [job for _, job in backups if job.state is BackupJobState.COMPLETED]
    points = {point.arn: point for point in gather_evidence(completed, target)}
    return [prove(plan, job, points.get(job.recovery_point_arn or "")) for plan, job in backups]


def gather_evidence(jobs: Sequence[BackupJob], target: Target) -> tuple[RecoveryPoint, ...]:
    """Return the recovery points of these jobs, of one vault and Region, with their AMIs and snapshots.

    One list of the vault, then AMIs and snapshots by 1,000: a point that the list lacks is asked for by itself, and
    is absent from the answer where AWS does not know it.
    """
    wanted = {job.recovery_point_arn: job.vault_name for job in jobs if job.recovery_point_arn}
    return gather_points(wanted, min((job.created_at for job in jobs), default=None), target)


def gather_points(wanted: Mapping[str, str], since: datetime | None, target: Target) -> tuple[RecoveryPoint, ...]:
    """Return these recovery points of one Region with their AMIs and snapshots.

    Args:
        wanted: The name of each point's vault, by ARN.
        since: When the oldest of them was begun; None where there are none.
        target: Where they are.
    """
    found = _find_points(wanted, since - _MARGIN, target) if wanted and since else {}
    return with_images(list(map(to_recovery_point, found.values())), target)


def with_images(points: Sequence[RecoveryPoint], target: Target) -> tuple[RecoveryPoint, ...]:
    """Return recovery points of one Region with what EC2 has of their AMIs and snapshots now, 1,000 ids a call."""
    named = [point.image_id for point in points if point.image_id.startswith("ami-")]
    images = {image["ImageId"]: image for image in by_id("describe_images", "Images", "image-id", named, target)}
    wanted = [disk["Ebs"]["SnapshotId"] for image in images.values() for disk in _disks(image)]
    snapshots = {
        snapshot["SnapshotId"]: snapshot
        for snapshot in by_id("describe_snapshots", "Snapshots", "snapshot-id", wanted, target)
    }
    return tuple(_with_image(point, images.get(point.image_id), snapshots) for point in points)


def _find_points(wanted: Mapping[str, str], since: datetime, target: Target) -> dict[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for vault_name in sorted(set(wanted.values())):
        found |= {arn: point for arn, point in _list_points(vault_name, since, target) if arn in wanted}
    for arn in wanted.keys() - found.keys():
        point = describe_point(wanted[arn], arn, target)
        if point:
            found[arn] = point
    return found


def _list_points(vault_name: str, since: datetime, target: Target) -> Iterable[tuple[str, Mapping[str, Any]]]:
    listed = pages(
        "backup",
        "list_recovery_points_by_backup_vault",
        target,
        key="RecoveryPoints",
        BackupVaultName=vault_name,
        ByCreatedAfter=since,
        PaginationConfig={"PageSize": 1000},
    )
    return ((point["RecoveryPointArn"], point) for page in listed for point in page["RecoveryPoints"])


def describe_point(vault_name: str, arn: str, target: Target) -> Mapping[str, Any] | None:
    """Return the recovery point, None where the vault has none such or is absent; raises AwsError for all else."""
    try:
        return call(
            "backup",
            "describe_recovery_point",
            target,
            key="Status",
            BackupVaultName=vault_name,
            RecoveryPointArn=arn,
        )
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise


def to_recovery_point(point: Mapping[str, Any]) -> RecoveryPoint:
    """Return a recovery point as AWS Backup shows it, without its AMI so far."""
    arn = point["RecoveryPointArn"]
    days = point.get("Lifecycle", {}).get("DeleteAfterDays")
    return RecoveryPoint(
        arn=arn,
        image_id=arn.rpartition("/")[2],
        status=point["Status"],
        status_message=point.get("StatusMessage") or "",
        created_at=point.get("CreationDate"),
        completed_at=point.get("CompletionDate"),
        delete_at=point.get("CalculatedLifecycle", {}).get("DeleteAt"),
        # AWS writes "kept for ever" both as no days and as -1.
        retention_days=days if days and days > 0 else None,
        size_bytes=point.get("BackupSizeInBytes"),
        encrypted=point.get("IsEncrypted"),
        image_state=None,
    )


def _with_image(
    point: RecoveryPoint, image: Mapping[str, Any] | None, snapshots: Mapping[str, Mapping[str, Any]]
) -> RecoveryPoint:
    if image is None:
        return point
    disks = tuple(_to_snapshot(disk, snapshots) for disk in _disks(image))
    return replace(point, image_state=image["State"], snapshots=disks, tags=to_tags(image.get("Tags", ())))


def _to_snapshot(disk: Mapping[str, Any], snapshots: Mapping[str, Mapping[str, Any]]) -> Snapshot:
    snapshot = snapshots.get(disk["Ebs"]["SnapshotId"], {})
    return Snapshot(
        snapshot_id=disk["Ebs"]["SnapshotId"],
        device=disk["DeviceName"],
        size_gib=snapshot.get("VolumeSize", disk["Ebs"].get("VolumeSize", 0)),
        state=snapshot.get("State", "absent"),
        encrypted=snapshot.get("Encrypted", disk["Ebs"].get("Encrypted", False)),
        volume_id=snapshot.get("VolumeId"),
        kms_key_id=snapshot.get("KmsKeyId"),
    )


def _disks(image: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [disk for disk in image.get("BlockDeviceMappings", ()) if disk.get("Ebs", {}).get("SnapshotId")]
