"""Step 6, once more: jobs that failed for a cause that passes are started again, within the same run.

AWS Backup itself never retries a job that has FAILED (AWS Backup API reference, BackupJob.State).
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from ec2_backup.adoption import Adoption
from ec2_backup.copies.model import CopyJob
from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.plan import to_idempotency_token
from ec2_backup.states import BackupJobState

# Of the texts that AWS documents: too many snapshots or copies at once, and faults inside AWS.
_PASSING = re.compile(
    r"in-progress snapshots|active snapshot limit|image creation throttled|concurrent snapshots"
    r"|internal error|internal failure|encountered a fatal error|too many copy jobs",
    re.IGNORECASE,
)


def is_worth_restarting(job: BackupJob | CopyJob) -> bool:
    """Say whether this job FAILED for a cause that may be gone by now; somebody else's job is left to them."""
    return job.state is BackupJobState.FAILED and not job.adopted and bool(_PASSING.search(job.message))


def to_attempts(jobs: Iterable[BackupJob], present: Iterable[Adoption]) -> Counter[str]:
    """Return how many jobs this run has made for each instance: one, or as many as were found at AWS."""
    found = {key: number for adoption in present for key, number in adoption.attempts.items()}
    return Counter({job.instance_id: max(1, found.get(job.instance_id, 1)) for job in jobs})


def to_restarts(
    ended: Iterable[BackupJob], plans: Mapping[str, PlannedBackup], run_key: str, attempts: Mapping[str, int], most: int
) -> list[PlannedBackup]:
    """Return the plans to be started once more, each with the token of its next attempt.

    Args:
        ended: The jobs as they ended, one for each instance.
        plans: The run's plans by instance id.
        run_key: The run's key: with the attempt it gives the token, so a run that dies here is taken up without a
            further job.
        attempts: How many jobs each instance has had in this run.
        most: How many jobs an instance may have in this run.
    """
    return [
        replace(plan, idempotency_token=to_idempotency_token(run_key, key, plan.vault_name, attempts[key] + 1))
        for key, plan in ((job.instance_id, plans.get(job.instance_id)) for job in ended if is_worth_restarting(job))
        if plan and attempts[key] < most
    ]
