"""From instances and a destination to planned backups: decisions only, no call to AWS."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from ec2_backup.encryption import judge_keys
from ec2_backup.errors import VaultError
from ec2_backup.model import Destination, Instance, Key, PlannedBackup, Target, Vault
from ec2_backup.results import Failure
from ec2_backup.settings import BackupRequest
from ec2_backup.tags import MAX_TAGS, merged_tag_count, to_tags

BACKABLE_STATES = frozenset({"running", "stopped"})  # AWS Backup developer guide, "Creating a backup"

_STATE_ADVICE = {
    "pending": "Wait until it is running, then start the run again.",
    "stopping": "Wait until it is stopped, then start the run again.",
    "shutting-down": "It is being terminated: take it off the list, or back up its volumes while they exist.",
    "terminated": "It is gone: take it off the list. Earlier recovery points can still be restored.",
}


def plan_backup(
    instance: Instance, destination: Destination, request: BackupRequest, run_key: str
) -> PlannedBackup | Failure:
    """Return all that StartBackupJob will be given for the instance, or why it cannot be backed up.

    The same run key, instance and vault always give the same plan, with the same idempotency token.
    """
    tags = to_tags(instance, request, run_key)
    failure = validate_state(instance) or _validate_volumes(instance) or _validate_tags(instance, tags)
    if failure:
        return failure
    return PlannedBackup(
        instance=instance,
        vault_name=destination.vault.name,
        role_arn=destination.role.arn,
        idempotency_token=to_idempotency_token(run_key, instance.instance_id, destination.vault.name),
        tags=tags,
        retention_days=request.retention_days,
        start_window_minutes=request.options.start_window_minutes,
        complete_window_minutes=request.options.complete_window_minutes,
        windows_vss=request.options.windows_vss and instance.platform.lower() == "windows",
    )


def plan_backups(
    instances: Iterable[Instance],
    destinations: Mapping[Target, Destination],
    keys: Mapping[str, Key],
    request: BackupRequest,
    run_key: str,
) -> list[PlannedBackup | Failure]:
    """Return a plan or a Failure for each instance; `destinations` are by target, `keys` by ARN."""
    return [
        judge_keys(instance, keys) or plan_backup(instance, destinations[instance.target], request, run_key)
        for instance in instances
    ]


def to_idempotency_token(run_key: str, instance_id: str, vault: str, attempt: int = 1) -> str:
    """Return the token that stands for one backup of one instance in one run: 64 hexadecimal digits.

    It holds no time and nothing random, so every retry of any kind repeats it, on any machine. A later `attempt`
    gives another token: a job that failed for good is started anew only on purpose.
    """
    # JSON keeps the parts apart: ("a", "bc") and ("ab", "c") must not meet.
    return hashlib.sha256(json.dumps([run_key, instance_id, vault, attempt]).encode()).hexdigest()


def validate_state(instance: Instance) -> Failure | None:
    """Return why AWS Backup cannot take the instance as it is now, or None where it can.

    AWS names running and stopped. It says nothing of the states between, so these are refused with the advice to wait.
    """
    if instance.state not in BACKABLE_STATES:
        advice = _STATE_ADVICE.get(instance.state, "Start it or stop it, then start the run again.")
        return Failure(
            instance.instance_id,
            4,
            f"the instance is {instance.state or 'in no known state'}; only running and stopped ones can be backed up",
            advice,
        )
    if instance.root_device_type == "instance-store":
        return Failure(
            instance.instance_id,
            4,
            "its root device is an instance store; AWS Backup takes instances that boot from EBS",
            "Take it off the list, and keep its data by other means: an AMI of it would hold none.",
        )
    return None


def raise_for_retention(vault: Vault, retention_days: int) -> None:
    """Raise VaultError where the vault's lock would make every job with this retention fail.

    AWS accepts such a job and fails it later, so it is cheaper to look first.
    """
    if outside := retention_trouble(vault, retention_days):
        said, nearest = outside
        raise VaultError(
            "backup:DescribeBackupVault",
            "RetentionOutsideVaultLock",
            said,
            region=str(vault.target),
            hint=f"Choose --retention-days {nearest}, or another vault with --vault.",
        )


def retention_trouble(vault: Vault, retention_days: int) -> tuple[str, int] | None:
    """Return why the vault's lock refuses this retention and the nearest that it takes, None where it takes it."""
    lowest, highest = vault.min_retention_days, vault.max_retention_days
    fits = (lowest is None or retention_days >= lowest) and (highest is None or retention_days <= highest)
    if not vault.locked or fits:
        return None
    said = f"the lock of vault {vault.name} allows {_to_range(lowest, highest)}, not {_to_days(retention_days)}"
    return said, _to_nearest(retention_days, lowest, highest)


def to_start_request(plan: PlannedBackup) -> dict[str, Any]:
    """Return the keyword arguments of boto3's `start_backup_job`; what the plan leaves open is not among them."""
    optional: dict[str, Any] = {
        "Lifecycle": {"DeleteAfterDays": plan.retention_days} if plan.retention_days is not None else None,
        "StartWindowMinutes": plan.start_window_minutes,
        "CompleteWindowMinutes": plan.complete_window_minutes,
        "BackupOptions": {"WindowsVSS": "enabled"} if plan.windows_vss else None,
    }
    return {
        "BackupVaultName": plan.vault_name,
        "ResourceArn": plan.instance.arn,
        "IamRoleArn": plan.role_arn,
        "IdempotencyToken": plan.idempotency_token,
        "RecoveryPointTags": dict(plan.tags),
    } | {name: value for name, value in optional.items() if value is not None}


def _validate_volumes(instance: Instance) -> Failure | None:
    if instance.volumes:
        return None
    return Failure(
        instance.instance_id,
        5,
        "no EBS volume is attached to it, so a backup would hold no data",
        "Attach its volumes, or take it off the list.",
    )


def _validate_tags(instance: Instance, tags: dict[str, str]) -> Failure | None:
    count = merged_tag_count(instance, tags)
    if count <= MAX_TAGS:
        return None
    return Failure(
        instance.instance_id,
        4,
        f"its recovery point would carry {count} tags, and AWS allows {MAX_TAGS}: the job would fail",
        f"Remove {count - MAX_TAGS} of the instance's own tags, or ask for fewer with --tag.",
    )


def _to_range(lowest: int | None, highest: int | None) -> str:
    if lowest is None:
        return f"at most {_to_days(highest)}"
    if highest is None:
        return f"at least {_to_days(lowest)}"
    return f"{lowest} to {_to_days(highest)}"


def _to_days(days: int | None) -> str:
    return f"{days} day" if days == 1 else f"{days} days"


def _to_nearest(days: int, lowest: int | None, highest: int | None) -> int:
    return max(days, lowest) if lowest is not None and days < lowest else min(days, highest or days)
