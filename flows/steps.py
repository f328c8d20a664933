"""How a flow hands its steps to tasks: batches out, results back, and what may be left out."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from prefect import Task, unmapped

from ec2_backup.aws.backup import find_own_jobs, stop_backup_jobs, to_start_failure
from ec2_backup.batches import Batched, by_target, in_groups, started_size
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.ledger import Ledger
from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.narration import FleetProgress, Mark, tell, tell_progress
from ec2_backup.results import Failure
from tasks.jobs import start_backup_jobs

Result = TypeVar("Result")

TOLD = 100  # how often the progress of a fleet's start is told: Prefect keeps every line


def in_batches(task: Task[..., Any], size: int, items: Sequence[Batched], *more: object) -> Iterator[Any]:
    """Map a task over batches of at most `size` items of one Region, and yield all that they return, in order."""
    batches = by_target(items, size)
    targets, members = [target for target, _ in batches], [batch for _, batch in batches]
    for future in task.map(targets, members, *map(unmapped, more)):
        yield from future.result()


def optional(step: int, results: Iterable[Result]) -> list[Result]:
    """Return the results of a step that no backup depends on; where AWS refuses it, say so and go on with those so far.

    Raises AuthenticationError: without credentials no later step will work either.
    """
    so_far: list[Result] = []
    try:
        so_far.extend(results)
    except AuthenticationError:
        raise
    except AwsError as error:
        tell(f"left out: {error.message}", mark=Mark.WARNING, step=step)
    return so_far


def started(plans: Sequence[PlannedBackup], run: Ledger) -> Iterator[BackupJob | Failure]:
    """Start all these backups and yield each job as it is known, or why there is none.

    A task that failed may have started its job all the same: AWS is asked before its instances count as failed.
    Raises AuthenticationError, and AccessError where nothing could be started because of it.
    """
    groups = in_groups(plans, started_size(len(plans)))
    unsure: list[tuple[PlannedBackup, Exception]] = []
    done = 0
    for group, future in zip(groups, start_backup_jobs.map(groups), strict=True):
        answer = future.result(raise_on_failure=False)
        if isinstance(answer, Exception):
            unsure += [(plan, answer) for plan in group]
        else:
            yield from answer
        done += len(group)
        if done * TOLD // len(plans) > (done - len(group)) * TOLD // len(plans):
            tell_progress(_progress(done, len(plans), run))
    yield from _settled(unsure, run)


def _settled(unsure: Sequence[tuple[PlannedBackup, Exception]], run: Ledger) -> Iterator[BackupJob | Failure]:
    for _, error in unsure:
        if not isinstance(error, AwsError) or isinstance(error, AuthenticationError):
            raise error
    found = {job.instance_id: job for job in find_own_jobs([plan for plan, _ in unsure], run.jobs_since)}
    yield from found.values()
    for plan, error in unsure:
        if isinstance(error, AccessError) and not run.jobs and not found:
            raise error
        if isinstance(error, AwsError) and plan.instance.instance_id not in found:
            yield to_start_failure(plan, error)


def _progress(done: int, total: int, run: Ledger) -> FleetProgress:
    return FleetProgress(6, "started", done, total, {}, (datetime.now(UTC) - run.began_at).total_seconds())


def recall(run: Ledger) -> None:
    """Write down the jobs that AWS has of an interrupted run, also those whose answer never arrived."""
    plans = [plan for key, plan in run.plans.items() if key not in run.jobs]
    if plans and not run.request.dry_run:
        run.keep_each(6, find_own_jobs(plans, run.jobs_since))


def cancel(run: Ledger) -> None:
    """Stop the jobs that an interrupted run has started, where that was asked for; those of others go on."""
    if not run.request.options.stop_jobs_on_cancel:
        return
    own = [job for job in run.jobs.values() if not job.adopted and not job.state.is_final]
    stopped = run.keep_each(10, stop_backup_jobs(own))
    tell(f"{len(stopped)} of {len(own)} jobs of this run were told to stop", mark=Mark.WARNING, step=10)
