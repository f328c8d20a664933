"""The recovery points that may be restored, from all vaults of a Region, with their images."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ec2_backup.aws.ec2 import by_id, to_tags
from ec2_backup.aws.session import call, pages
from ec2_backup.aws.vault import describe_backup_vault
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Caller, Target
from ec2_backup.restore.choice import choose, to_candidates
from ec2_backup.restore.model import ChosenPoint, ImageDisk, RestoreFailure, RestoreRow, StoredPoint


def choose_points(
    rows: Sequence[RestoreRow], vault: str | None, caller: Caller, target: Target
) -> list[ChosenPoint | RestoreFailure]:
    """Return for each row of one Region the recovery point that it is restored from, or why there is none.

    A call for each row, and images and snapshots of all together. `vault` is the only one looked in, None for all;
    raises VaultError where there is none of that name.
    """
    if vault:
        describe_backup_vault(vault, target)
    found = {row.line: list(_find_points(row, vault, caller, target)) for row in rows}
    candidates = {row.line: to_candidates(row, found[row.line]) for row in rows}
    wanted = {point.arn: point for points in candidates.values() for point in points}
    whole = {point.arn: point for point in with_images(list(wanted.values()), target)}
    return [choose(row, found[row.line], [whole[one.arn] for one in candidates[row.line]]) for row in rows]


def _find_points(row: RestoreRow, vault: str | None, caller: Caller, target: Target) -> Iterator[StoredPoint]:
    if row.recovery_point_arn:
        yield from _points_by_arn(row.recovery_point_arn, vault, target)
        return
    arn = f"arn:{caller.partition}:ec2:{target.region}:{caller.account}:instance/{row.instance_id}"
    listed = pages("backup", "list_recovery_points_by_resource", target, key="RecoveryPoints", ResourceArn=arn)
    for page in listed:
        for point in page["RecoveryPoints"]:
            if vault in {None, point.get("BackupVaultName")}:
                yield _to_point(point, point["BackupVaultName"], arn, target)


def _points_by_arn(arn: str, vault: str | None, target: Target) -> Iterator[StoredPoint]:
    """Yield the recovery point from the vault that has it; AWS knows a point by its vault alone."""
    for name in [vault] if vault else vault_names(target):
        if point := _describe_point(name, arn, target):
            yield _to_point(point, name, point["ResourceArn"], target)
            return


def vault_names(target: Target) -> list[str]:
    """Return the names of all vaults. Raises AccessError with what to do where they may not be listed."""
    try:
        listed = list(pages("backup", "list_backup_vaults", target, key="BackupVaultList"))
    except AccessError as error:
        error.hint = "Name the vault of the recovery point with --vault, or allow backup:ListBackupVaults."
        raise
    return [vault["BackupVaultName"] for page in listed for vault in page["BackupVaultList"]]


def _describe_point(vault_name: str, arn: str, target: Target) -> Mapping[str, Any] | None:
    """Return the recovery point, None where the vault has none such, is absent, or may not be looked into."""
    try:
        return call(
            "backup",
            "describe_recovery_point",
            target,
            key="Status",
            BackupVaultName=vault_name,
            RecoveryPointArn=arn,
        )
    except AuthenticationError:
        raise
    except AwsError as error:
        if isinstance(error, AccessError) or error.code == "ResourceNotFoundException":
            return None
        raise


def with_images(points: Sequence[StoredPoint], target: Target) -> Iterator[StoredPoint]:
    """Yield the points with what EC2 has of their images and snapshots now."""
    ids = [point.image_id for point in points]
    images = {image["ImageId"]: image for image in by_id("describe_images", "Images", "image-id", ids, target)}
    wanted = [disk["Ebs"]["SnapshotId"] for image in images.values() for disk in _disks(image)]
    found = by_id("describe_snapshots", "Snapshots", "snapshot-id", wanted, target)
    snapshots = {snapshot["SnapshotId"]: snapshot for snapshot in found}
    for point in points:
        image = images.get(point.image_id)
        yield (
            point
            if image is None
            else replace(
                point,
                image_state=image["State"],
                disks=tuple(_to_disk(disk, snapshots) for disk in _disks(image)),
                tags=to_tags(image.get("Tags", ())),
            )
        )


def get_restore_metadata(chosen: ChosenPoint, target: Target) -> dict[str, str]:
    """Return the settings that the instance had when it was backed up, as AWS Backup kept them."""
    answer = call(
        "backup",
        "get_recovery_point_restore_metadata",
        target,
        key="RestoreMetadata",
        BackupVaultName=chosen.point.vault_name,
        RecoveryPointArn=chosen.point.arn,
    )
    return dict(answer["RestoreMetadata"])


def _to_point(point: Mapping[str, Any], vault_name: str, source_arn: str, target: Target) -> StoredPoint:
    return StoredPoint(
        arn=point["RecoveryPointArn"],
        vault_name=vault_name,
        region=target.region,
        status=point["Status"],
        status_message=point.get("StatusMessage") or "",
        created_at=point["CreationDate"],
        source_arn=source_arn,
        access_role_arn=target.role_arn,
    )


def _to_disk(disk: Mapping[str, Any], snapshots: Mapping[str, Mapping[str, Any]]) -> ImageDisk:
    ebs = disk["Ebs"]
    snapshot = snapshots.get(ebs["SnapshotId"], {})
    return ImageDisk(
        device=disk["DeviceName"],
        snapshot_id=ebs["SnapshotId"],
        size_gib=ebs.get("VolumeSize") or snapshot.get("VolumeSize", 0),
        volume_type=ebs.get("VolumeType", ""),
        encrypted=snapshot.get("Encrypted", ebs.get("Encrypted", False)),
        state=snapshot.get("State", "absent"),
        kms_key_id=snapshot.get("KmsKeyId"),
    )


def _disks(image: Mapping[str, Any]) -> Iterable[Mapping[str, Any]]:
    return [disk for disk in image.get("BlockDeviceMappings", ()) if disk.get("Ebs", {}).get("SnapshotId")]
