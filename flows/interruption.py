"""What an interrupted run owes: to find out what it had started, and to stop it where that was asked for."""

from ec2_backup.aws.backup import find_own_jobs, stop_backup_jobs
from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from flows.copying import recall_copies


def recall(run: Ledger) -> None:
    """Write down the jobs that AWS has of an interrupted run as they are now, also those whose answer never arrived."""
    settled = {key for key, job in run.jobs.items() if job.state.is_final or job.adopted}
    plans = [plan for key, plan in run.plans.items() if key not in settled]
    if plans and not run.request.dry_run:
        run.keep_each(6, find_own_jobs(plans, run.jobs_since))
    if copies := run.copies.unsettled:
        recall_copies(run, copies)


def cancel(run: Ledger) -> None:
    """Stop the jobs that an interrupted run has started, where that was asked for; those of others go on."""
    if not run.request.options.stop_jobs_on_cancel:
        return
    own = [job for job in run.jobs.values() if not job.adopted and not job.state.is_final]
    stopped = run.keep_each(10, stop_backup_jobs(own))
    tell(f"{len(stopped)} of {len(own)} jobs of this run were told to stop", mark=Mark.WARNING, step=10)
