"""The recovery points that may be restored, from all vaults of a Region, with their images."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ec2_backup.aws.ec2 import by_id, to_tags
from ec2_backup.aws.restore.lookup import look_up
from ec2_backup.aws.session import call
from ec2_backup.aws.vault import describe_backup_vault
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Caller, Target
from ec2_backup.restore.choice import choose, to_candidates
from ec2_backup.restore.model import ChosenPoint, ImageDisk, RestoreFailure, RestoreRow, StoredPoint


def choose_points(
    rows: Sequence[RestoreRow], vault: str | None, caller: Caller, target: Target
) -> list[ChosenPoint | RestoreFailure]:
    """Return for each row of one Region the recovery point that it is restored from, or why there is none.

    A call for each row, and images and snapshots of all together. `vault` is the only one looked in, None for all;
    raises VaultError where there is none of that name, and what AWS refuses where it refuses every row.
    """
    if vault:
        describe_backup_vault(vault, target)
    found = _looked_up(rows, vault, caller, target)
    points = {line: answer for line, answer in found.items() if not isinstance(answer, RestoreFailure)}
    candidates = {row.line: to_candidates(row, points[row.line]) for row in rows if row.line in points}
    wanted = {point.arn: point for some in candidates.values() for point in some}
    whole = {point.arn: point for point in with_images(list(wanted.values()), target)}
    chosen = {
        row.line: choose(row, points[row.line], [whole[one.arn] for one in candidates[row.line]])
        for row in rows
        if row.line in points
    }
    failed = {line: answer for line, answer in found.items() if isinstance(answer, RestoreFailure)}
    return [(chosen | failed)[row.line] for row in rows]


def _looked_up(
    rows: Sequence[RestoreRow], vault: str | None, caller: Caller, target: Target
) -> dict[int, list[StoredPoint] | RestoreFailure]:
    """Return by line the recovery points of each row, or why AWS does not show them.

    Raises what AWS refuses of every row, what concerns the credentials, and what may pass.
    """
    found: dict[int, list[StoredPoint] | RestoreFailure] = {}
    refused = 0
    for row in rows:
        try:
            found[row.line] = look_up(row, vault, caller, target)
        except AwsError as error:
            refused += 1
            if isinstance(error, AuthenticationError) or error.retryable or refused == len(rows):
                raise
            said = f"its recovery points could not be looked for: {error.message}"
            found[row.line] = RestoreFailure(row.line, said, error.hint)
    return found


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
