"""From proven backups to copies: what is still to be copied, under which token, and what AWS has of it already."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.model import CopyJob, PlannedCopy
from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.restart import is_worth_restarting
from ec2_backup.results import Proof
from ec2_backup.states import BackupJobState


def plan_copies(
    plan: PlannedBackup, job: BackupJob, proof: Proof, destinations: Iterable[CopyDestination], run_key: str
) -> list[PlannedCopy]:
    """Return the copies of a proven backup, one for each destination; none of a backup that is not proven.

    The same run key, recovery point and destination always give the same plan, with the same idempotency token.
    """
    source = proof.recovery_point
    if proof.failure or source is None:
        return []
    return [
        PlannedCopy(
            instance_id=plan.instance.instance_id,
            source=source,
            source_vault=job.vault_name,
            region=job.region,
            destination=destination,
            role_arn=plan.role_arn,
            idempotency_token=to_copy_token(run_key, source.arn, destination.arn),
            retention_days=destination.retention_days,
            access_role_arn=job.access_role_arn,
        )
        for destination in destinations
    ]


def to_copy_token(run_key: str, recovery_point_arn: str, destination_arn: str, attempt: int = 1) -> str:
    """Return the token that stands for one copy of one recovery point in one run: 64 hexadecimal digits.

    A later `attempt` gives another token: a copy that failed for good is started anew only on purpose.
    """
    parts = ["copy", run_key, recovery_point_arn, destination_arn, attempt]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def with_attempt(plan: PlannedCopy, run_key: str, attempt: int) -> PlannedCopy:
    """Return the plan with the token of this attempt."""
    token = to_copy_token(run_key, plan.source.arn, plan.destination.arn, attempt)
    return replace(plan, idempotency_token=token)


def adopt_copies(
    plans: Sequence[PlannedCopy], listed: Iterable[CopyJob], run_key: str
) -> tuple[list[CopyJob], list[PlannedCopy], Counter[str]]:
    """Return the jobs that AWS has of these plans, the plans still to be started, and how many jobs each copy has had.

    Of several jobs the newest counts that has not failed. Where all have failed, whoever takes the run up wants the
    copy again: it is planned anew, under the token of the next attempt.

    Args:
        plans: What is to be copied.
        listed: The copy jobs of the places that the plans are in, whoever has made them.
        run_key: The run's key.
    """
    sources = {(plan.source.arn, plan.destination.arn): plan for plan in plans}
    found: dict[str, CopyJob] = {}
    had: Counter[str] = Counter()
    for job in sorted(listed, key=lambda job: job.created_at):
        if plan := sources.get((job.source_arn, job.destination_arn)):
            had[plan.key] += 1
            if job.state is not BackupJobState.FAILED:
                found[plan.key] = job
    rest = [with_attempt(plan, run_key, had[plan.key] + 1) for plan in plans if plan.key not in found]
    return list(found.values()), rest, had


def to_copy_restarts(
    ended: Iterable[CopyJob], plans: Mapping[str, PlannedCopy], run_key: str, attempts: Mapping[str, int], most: int
) -> list[PlannedCopy]:
    """Return the copies to be started once more, up to `most` jobs each: those that failed for a cause that passes."""
    return [
        with_attempt(plans[job.key], run_key, attempts[job.key] + 1)
        for job in ended
        if is_worth_restarting(job) and job.key in plans and attempts[job.key] < most
    ]


def to_copy_request(plan: PlannedCopy) -> dict[str, Any]:
    """Return the keyword arguments of boto3's `start_copy_job`."""
    lifecycle = {"Lifecycle": {"DeleteAfterDays": plan.retention_days}} if plan.retention_days is not None else {}
    return {
        "RecoveryPointArn": plan.source.arn,
        "SourceBackupVaultName": plan.source_vault,
        "DestinationBackupVaultArn": plan.destination.arn,
        "IamRoleArn": plan.role_arn,
        "IdempotencyToken": plan.idempotency_token,
    } | lifecycle
