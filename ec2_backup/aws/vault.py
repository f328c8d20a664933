"""Step 8: the vault, and whether AWS Backup takes EC2 instances at all in a Region."""

from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AccessError, AwsError, VaultError
from ec2_backup.model import Target, Vault
from ec2_backup.plan import raise_for_retention
from ec2_backup.results import VaultUse

# A vault with more points than this is not summed up: each 1,000 cost a call.
LARGEST_SUM = 5_000


def check_vault(name: str, retention_days: int, target: Target) -> Vault:
    """Return the vault of one Region. Raises VaultError where it cannot take these backups."""
    vault = describe_backup_vault(name, target)
    raise_for_retention(vault, retention_days)
    raise_for_opt_out(target)
    return vault


def describe_backup_vault(name: str, target: Target) -> Vault:
    """Return the vault. Raises VaultError where it is absent, AccessError where the caller may not look at it.

    AWS answers "access denied" for a vault that does not exist; the list of vaults tells the two apart where it may
    be read.
    """
    try:
        answer = call("backup", "describe_backup_vault", target, key="BackupVaultArn", BackupVaultName=name)
    except AwsError as error:
        may_hide = isinstance(error, AccessError) or error.code == "ResourceNotFoundException"
        if may_hide and (other := _absent_or_hidden(name, error, target)):
            raise other from error
        raise
    return Vault(
        name=name,
        arn=answer["BackupVaultArn"],
        region=target.region,
        encryption_key_arn=answer.get("EncryptionKeyArn"),
        recovery_points=answer.get("NumberOfRecoveryPoints", 0),
        locked=answer.get("Locked", False),
        min_retention_days=answer.get("MinRetentionDays"),
        max_retention_days=answer.get("MaxRetentionDays"),
        access_role_arn=target.role_arn,
    )


def vault_exists(name: str, target: Target) -> bool | None:
    """Return whether there is a vault of this name, None where nobody may list the vaults."""
    known = _vault_names(target)
    return None if known is None else name in known


def _absent_or_hidden(name: str, error: AwsError, target: Target) -> VaultError | None:
    """Return the error for a vault that is absent, or may be; None for one that is there and that was denied."""
    where = f"--region {target.region}"
    create = (
        f"Create it with: ./start-ec2-backup.sh setup --vault {name} {where}, "
        f"or: aws backup create-backup-vault --backup-vault-name {name} {where}"
    )
    known = _vault_names(target)
    if known is None:
        return VaultError(
            error.operation,
            error.code,
            f"{error.said} Either the vault {name} does not exist or the caller may not see it; AWS tells neither",
            region=str(target),
            hint=f"{create}; or allow backup:DescribeBackupVault on it.",
        )
    if name in known:
        return None
    there = f"There are: {', '.join(sorted(known))}." if known else "There is none in this Region."
    return VaultError(
        error.operation,
        error.code,
        f"the vault {name} does not exist. {there} (AWS said: {error.said})",
        region=str(target),
        hint=f"{create}; or name another with --vault.",
    )


def _vault_names(target: Target) -> set[str] | None:
    try:
        found = list(pages("backup", "list_backup_vaults", target, key="BackupVaultList"))
    except AwsError:
        return None
    return {vault["BackupVaultName"] for page in found for vault in page["BackupVaultList"]}


def raise_for_opt_out(target: Target) -> None:
    """Raise VaultError where AWS Backup is switched off for EC2 in this Region; not being allowed to look passes."""
    try:
        answer = call("backup", "describe_region_settings", target, key="ResourceTypeOptInPreference")
    except AccessError:
        return
    if answer["ResourceTypeOptInPreference"].get("EC2", True) is False:
        raise VaultError(
            "backup:DescribeRegionSettings",
            "NotOptedIn",
            "AWS Backup is not switched on for EC2",
            region=str(target),
            hint="Switch it on with: aws backup update-region-settings --resource-type-opt-in-preference EC2=true "
            f"--region {target.region}",
        )


def measure_vault_use(before: Vault, target: Target) -> VaultUse:
    """Return the vault's recovery points before and now, and their provisioned size where there were at most 5,000.

    Where they are summed up they are counted too, and the vault is not asked for its own count, which AWS calls
    approximate (AWS Backup API reference, DescribeBackupVault).
    """
    if before.recovery_points > LARGEST_SUM:
        now, stored = describe_backup_vault(before.name, target).recovery_points, None
    else:
        sizes = _sizes(before.name, target)
        now, stored = len(sizes), sum(sizes)
    return VaultUse(before.name, target.region, before.recovery_points, now, stored, target.role_arn)


def _sizes(name: str, target: Target) -> list[int]:
    listed = pages(
        "backup",
        "list_recovery_points_by_backup_vault",
        target,
        key="RecoveryPoints",
        BackupVaultName=name,
        PaginationConfig={"PageSize": 1000},
    )
    return [point.get("BackupSizeInBytes") or 0 for page in listed for point in page["RecoveryPoints"]]
