"""Where the recovery points of a row are: an instance's in one list, the one of an ARN in vault after vault."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ec2_backup.aws.evidence import describe_point
from ec2_backup.aws.session import pages
from ec2_backup.errors import AccessError
from ec2_backup.inventory_notes import to_some
from ec2_backup.model import Caller, Target
from ec2_backup.restore.model import RestoreFailure, RestoreRow, StoredPoint


def look_up(row: RestoreRow, vault: str | None, caller: Caller, target: Target) -> list[StoredPoint] | RestoreFailure:
    """Return all recovery points of a row, without their images, or why nobody can tell whether there is one.

    `vault` is the only one looked in, None for all. Raises AccessError where AWS shows none of what was asked for.
    """
    if row.recovery_point_arn:
        return _by_arn(row, vault, target)
    arn = f"arn:{caller.partition}:ec2:{target.region}:{caller.account}:instance/{row.instance_id}"
    return list(_of_instance(arn, vault, target))


def _of_instance(arn: str, vault: str | None, target: Target) -> Iterator[StoredPoint]:
    listed = pages("backup", "list_recovery_points_by_resource", target, key="RecoveryPoints", ResourceArn=arn)
    for page in listed:
        for point in page["RecoveryPoints"]:
            if vault in {None, point.get("BackupVaultName")}:
                yield _to_point(point, point["BackupVaultName"], arn, target)


def _by_arn(row: RestoreRow, vault: str | None, target: Target) -> list[StoredPoint] | RestoreFailure:
    """Return the recovery point from the vault that has it, or none; AWS knows a point by its vault alone."""
    arn, closed = row.recovery_point_arn, dict[str, AccessError]()
    names = [vault] if vault else _vault_names(target)
    for name in names:
        try:
            point = describe_point(name, arn, target)
        except AccessError as error:
            closed[name] = error
            continue
        if point:
            return [_to_point(point, name, point["ResourceArn"], target)]
    if closed and len(closed) == len(names):
        raise next(iter(closed.values()))
    return _unseen(row, list(closed), len(names)) if closed else []


def _unseen(row: RestoreRow, closed: Sequence[str], vaults: int) -> RestoreFailure:
    """Return why it is not known whether there is the point: some vaults have it not, the others may not be asked."""
    said = (
        f"AWS Backup has no recovery point {row.recovery_point_arn} in {vaults - len(closed)} of {vaults} vaults, and "
        f"the caller may not look into {to_some(closed)}: it is there, or nowhere"
    )
    advice = "Allow backup:DescribeRecoveryPoint on it, or check the ARN, the account and the Region."
    return RestoreFailure(row.line, said, advice)


def _vault_names(target: Target) -> list[str]:
    """Return the names of all vaults. Raises AccessError with what to do where they may not be listed."""
    try:
        listed = list(pages("backup", "list_backup_vaults", target, key="BackupVaultList"))
    except AccessError as error:
        error.hint = "Name the vault of the recovery point with --vault, or allow backup:ListBackupVaults."
        raise
    return [vault["BackupVaultName"] for page in listed for vault in page["BackupVaultList"]]


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
