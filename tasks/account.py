"""Steps 3, 7, 8 and 9: everything a run depends on in the account, checked before any job starts."""

from collections.abc import Sequence

from prefect import task

from ec2_backup.aws import iam, kms, sts, vault
from ec2_backup.model import Caller, Instance, Key, ServiceRole, Target, Vault
from ec2_backup.results import PermissionCheck, VaultUse
from ec2_backup.settings import BackupOptions
from tasks.retrying import RETRYING


@task(name="03 authenticate", task_run_name="03 authenticate", **RETRYING)
def authenticate(target: Target) -> Caller:
    """Ask AWS who we are, in the account of the target's role where it has one."""
    return sts.get_caller_identity(target)


@task(name="03 check permissions", task_run_name="03 check permissions", **RETRYING)
def check_permissions(
    caller: Caller, role: ServiceRole, vaults: Sequence[Vault], options: BackupOptions
) -> PermissionCheck:
    """Ask IAM's policy simulation whether the caller may do all that the run will do."""
    return iam.check_permissions(caller, role, [one.arn for one in vaults], vaults[0].target, options)


@task(name="07 resolve role", task_run_name="07 resolve role {name}", **RETRYING)
def resolve_role(name: str, target: Target) -> ServiceRole:
    """Find the role under whatever path it has, and see that AWS Backup may assume it."""
    return iam.get_role(name, target)


@task(name="08 check vault", task_run_name="08 check vault {name} in {target}", **RETRYING)
def check_vault(target: Target, name: str, retention_days: int) -> Vault:
    """See that the vault is there and takes the retention, and that EC2 is opted in."""
    return vault.check_vault(name, retention_days, target)


@task(name="08 measure vault", task_run_name="08 measure vault {before.name} in {before.target}", **RETRYING)
def measure_vault(before: Vault) -> VaultUse:
    """Compare what the vault holds with what it held before the run."""
    return vault.measure_vault_use(before, before.target)


@task(name="09 check encryption", task_run_name="09 check keys in {vault.target}", **RETRYING)
def check_encryption(vault: Vault, instances: Sequence[Instance]) -> tuple[Key, ...]:
    """Look at the vault's key and every key that encrypts a volume."""
    return kms.check_keys(vault, [one for one in instances if one.target == vault.target])
