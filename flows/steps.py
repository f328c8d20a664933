"""How a flow hands its steps to tasks: batches out, results back, and what may be left out."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeAlias, TypeVar, cast

from prefect import Task, unmapped
from prefect.futures import PrefectFuture
from prefect.utilities.annotations import quote

from ec2_backup.aws.backup import find_own_jobs, to_start_failure
from ec2_backup.batches import VERIFIED, Batched, by_target, in_groups, started_size
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.ledger import Ledger
from ec2_backup.model import BackupJob, PlannedBackup
from ec2_backup.narration import FleetProgress, Mark, tell, tell_progress, tell_proven
from ec2_backup.report.units import count
from ec2_backup.restart import to_restarts
from ec2_backup.results import Failure, Proof
from tasks.jobs import start_backup_jobs, watch_backup_jobs
from tasks.proof import verify_recovery_points

Result = TypeVar("Result")
Future: TypeAlias = PrefectFuture[Any]

TOLD = 100  # how often the progress of a fleet's start is told: Prefect keeps every line


def in_batches(task: Task[..., Any], size: int, items: Sequence[Batched], *more: object) -> Iterator[Any]:
    """Map a task over batches of at most `size` items of one Region, and return all that they yield, in order."""
    return results_of(submitted(task, size, items, *more))


def submitted(task: Task[..., Any], size: int, items: Sequence[Batched], *more: object) -> list[Future]:
    """Map a task over batches of at most `size` items of one Region, and return while they are at work."""
    batches = by_target(items, size)
    targets, members = [target for target, _ in batches], [batch for _, batch in batches]
    return list(task.map(targets, quote(members), *map(unmapped, more)))


def results_of(futures: Iterable[Future]) -> Iterator[Any]:
    """Yield all that these tasks return, in order; raises what one of them raised."""
    for future in futures:
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


def watched(run: Ledger, attempts: Counter[str]) -> Iterator[list[BackupJob]]:
    """Watch the run's jobs and yield those that are over, as they are; one worth it is started again instead.

    `attempts` counts the jobs that each instance has had in this run, and goes on counting. Where a backup was proven
    between two looks and is to be copied, that is a turn at which none are over.
    """
    options = run.request.options
    jobs = cast("dict[str, BackupJob]", quote(run.jobs))  # the very dict, which grows: Prefect would hand on a copy
    for over in watch_backup_jobs(jobs, options, run.copies.bell):
        run.note(over)
        again = to_restarts(over, run.plans, run.run_key, attempts, 1 + options.restarts)
        attempts.update(plan.instance.instance_id for plan in again)
        newer = {job.instance_id for job in run.keep_each(6, started(again, run))}
        yield [job for job in over if job.instance_id not in newer]


def verifying(jobs: Sequence[BackupJob], run: Ledger) -> list[Future]:
    """Begin to verify the backups of these jobs; each proof is noted as it comes, whatever else the run waits for."""
    verifications = submitted(verify_recovery_points, VERIFIED, run.backups_of(jobs))
    for verification in verifications:
        verification.add_done_callback(partial(_note_proven, run))
    return verifications


def _note_proven(run: Ledger, verification: Future) -> None:
    if proven := run.note(_proven([verification])):
        text = f"{count(len(proven), 'backup')} proven, {len(run.proofs):,} of {len(run.jobs):,} by now"
        tell_proven(text, len(run.proofs))
        if run.copies.destinations:
            run.copies.bell.ring()


def _proven(verifications: Iterable[Future]) -> Iterator[Proof]:
    for verification in verifications:
        answer = verification.result(raise_on_failure=False)
        yield from () if isinstance(answer, Exception) else (proof for proof in answer if not proof.failure)


def proofs_of(jobs: Sequence[BackupJob], verifications: list[Future], run: Ledger) -> Iterator[Proof]:
    """Yield the proof of each backup; AWS's lists lag, so what was not proven when its job was over has a second look.

    Raises AwsError where AWS cannot be asked that time either.
    """
    proven = {proof.instance_id: proof for proof in _proven(verifications)}
    yield from proven.values()
    rest = [job for job in jobs if job.instance_id not in proven]
    yield from in_batches(verify_recovery_points, VERIFIED, run.backups_of(rest))


def _progress(done: int, total: int, run: Ledger) -> FleetProgress:
    return FleetProgress(6, "started", done, total, {}, (datetime.now(UTC) - run.began_at).total_seconds())
