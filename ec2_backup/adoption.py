"""Step 6, first half: jobs that are at AWS already, so that no instance ever gets a second one."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.results import Failure


@dataclass(frozen=True, slots=True)
class Adoption:
    """What is at AWS already, by instance: jobs that this run had started, and active jobs of somebody else."""

    own: Mapping[str, BackupJob]
    others: Mapping[str, BackupJob]
    attempts: Mapping[str, int] = field(default_factory=dict)  # how many of its own jobs each instance has


def sort_jobs(since_began: Iterable[BackupJob], active: Iterable[BackupJob], began_at: datetime | None) -> Adoption:
    """Return the jobs sorted: those of this vault that were created since the run began are the run's own.

    Where an instance has several, the newest counts: it is the one that the run's latest attempt made.
    """
    ours = [job for job in since_began if began_at and job.created_at >= began_at]
    ours.sort(key=lambda job: job.created_at)
    own = {job.instance_id: job for job in ours}
    others = {
        job.instance_id: replace(job, adopted=True)
        for job in sorted(active, key=lambda job: job.created_at, reverse=True)
        if job.instance_id not in own
    }
    return Adoption(own, others, Counter(job.instance_id for job in ours))


def adopt(plans: Iterable[PlannedBackup], present: Sequence[Adoption], on_active_job: str) -> list[BackupJob | Failure]:
    """Return the job that each of these plans has already, or a Failure where such a job is only to be reported.

    `present` is what was found in each account and Region, `on_active_job` the option `watch` or `report`.
    """
    own = {key: job for found in present for key, job in found.own.items()}
    others = {key: job for found in present for key, job in found.others.items()}
    results: list[BackupJob | Failure] = []
    for key in (plan.instance.instance_id for plan in plans):
        if key in own:
            results.append(own[key])
        elif key in others:
            results.append(others[key] if on_active_job == "watch" else _report(others[key]))
    return results


def still_to_start(plans: Iterable[PlannedBackup], known: Iterable[BackupJob | Failure]) -> list[PlannedBackup]:
    """Return the plans that have neither a job nor a Failure yet."""
    done = {result.instance_id for result in known}
    return [plan for plan in plans if plan.instance.instance_id not in done]


def _report(job: BackupJob) -> Failure:
    return Failure(
        job.instance_id,
        6,
        f"job {job.job_id} of {job.created_at:%Y-%m-%d %H:%M} UTC is already {job.state} in vault {job.vault_name}",
        "AWS Backup runs one job an instance. Wait until it is over, or let this run watch it: --on-active-job watch",
    )
