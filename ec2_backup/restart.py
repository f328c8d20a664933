"""Step 6, once more: jobs that failed for a cause that passes are started again, within the same run.

AWS Backup itself never retries a job that has FAILED (AWS Backup API reference, BackupJob.State).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.plan import to_idempotency_token
from ec2_backup.states import BackupJobState

# Of the texts that AWS documents: too many snapshots at once, and faults inside AWS.
_PASSING = re.compile(
    r"in-progress snapshots|active snapshot limit|image creation throttled|concurrent snapshots"
    r"|internal error|internal failure|encountered a fatal error",
    re.IGNORECASE,
)


def is_worth_restarting(job: BackupJob) -> bool:
    """Say whether this job FAILED for a cause that may be gone by now; somebody else's job is left to them."""
    return job.state is BackupJobState.FAILED and not job.adopted and bool(_PASSING.search(job.message))


def to_restarts(
    ended: Iterable[BackupJob], plans: Mapping[str, PlannedBackup], run_key: str, attempt: int
) -> list[PlannedBackup]:
    """Return the plans to be started once more, with the token of this attempt (2 and up); by instance id in `plans`.

    The token follows from run key and attempt alone, so a run that dies here is taken up without a further job.
    """
    return [
        replace(plan, idempotency_token=to_idempotency_token(run_key, job.instance_id, plan.vault_name, attempt))
        for job in ended
        if is_worth_restarting(job) and (plan := plans.get(job.instance_id))
    ]


def replaced(ended: Iterable[BackupJob], newer: Iterable[BackupJob]) -> list[BackupJob]:
    """Return the jobs, each instance's by its newer one where it has one."""
    of_instance = {job.instance_id: job for job in newer}
    return [of_instance.get(job.instance_id, job) for job in ended]
