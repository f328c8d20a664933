"""What a restore owes beside its story: its record, its name, its jobs, and what is done about each of their ends."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import cast

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.context import FlowRunContext
from prefect.utilities.annotations import quote

from ec2_backup.aws import session
from ec2_backup.aws.restore.jobs import find_own_jobs
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.narration import Mark, tell
from ec2_backup.report.units import count
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.keeping import kept_restore
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import PlannedRestore, RestoreFailure, RestoreList
from ec2_backup.restore.request import RestoreRequest, to_backup_request
from ec2_backup.restore.runfile import RestoreFile, find_restore_file
from ec2_backup.restore.verdict import judge_job
from ec2_backup.runkey import LARGEST_CLOCK_ERROR, to_began_at, to_run_key
from flows.blocks import use_blocks
from tasks.restore import (
    find_restore_jobs,
    publish_restore,
    start_restore_job,
    tag_new_instance,
    verify_restored_instance,
    watch_restores,
)

News = RestoreJob | RestoredInstance


@contextmanager
def recorded_restore(request: RestoreRequest) -> Iterator[RestoreLedger]:
    """Yield the ledger that a flow fills; its log and report are kept however the block ends.

    A run that is taken up has the plans of its file, whatever was backed up or changed since.
    """
    run_key, first_start = to_beginning(request.run_key)
    earlier = find_restore_file(request, run_key)
    run = RestoreLedger(request, run_key, first_start, runtime.flow_run.ui_url or "")
    date(run, earlier)
    with kept_restore(run, recall, publish_restore):
        use_blocks(to_backup_request(request))
        if earlier:
            take_up(run, earlier)
        yield run


def to_beginning(run_key: str | None) -> tuple[str, datetime]:
    """Return the key of the flow run, its own or the one that was asked for, and when it was first started."""
    session.forget_clients()
    context = FlowRunContext.get()
    first_start = (context.flow_run.start_time if context and context.flow_run else None) or datetime.now(UTC)
    return run_key or to_run_key(first_start, str(runtime.flow_run.id)), first_start


def date(run: RestoreLedger, earlier: RestoreFile | None) -> None:
    """Write down when the run began, and where it was begun before, since when jobs may be its own."""
    key_says = to_began_at(run.run_key)
    run.began_at = earlier.began_at if earlier else key_says or run.began_at
    if earlier:
        run.taken_up_since, run.is_agreed = earlier.jobs_since, True
    elif (run.request.run_key and key_says) or runtime.flow_run.run_count > 1:
        run.taken_up_since = run.began_at - LARGEST_CLOCK_ERROR


def take_up(run: RestoreLedger, file: RestoreFile) -> None:
    """Write down what the file of the run says was planned, and had failed by then."""
    run.listed = RestoreList(f"restore {run.run_key}", file.rows)
    run.note([plan.chosen for plan in file.plans])
    run.note(file.plans)
    for failure in file.failures:
        run.fail(failure)


def recall(run: RestoreLedger) -> None:
    """Write down the jobs that AWS has of an interrupted run, also those whose answer never arrived."""
    open_plans = [run.plans[line] for line in sorted(run.begun - run.jobs.keys())]
    if open_plans:
        run.note(find_own_jobs(open_plans, run.jobs_since, run.run_key))


def begin(turn: Sequence[PlannedRestore], run: RestoreLedger) -> Iterator[News]:
    """Start what has no job yet, follow the jobs and what they made, and yield each end as it is seen."""
    run.begun.update(plan.row.line for plan in turn)
    if run.taken_up_since:
        found = run.note(find_restore_jobs(turn, run.jobs_since, run.run_key))
        run.found_over.update(job.line for job in found if job.state.is_final)
        if found:
            tell(f"{count(len(found), 'restore job')} found at AWS, which this run had started")
    rest = [plan for plan in turn if plan.row.line not in run.jobs]
    run.note(started(rest, run))
    jobs = [run.jobs[plan.row.line] for plan in turn if plan.row.line in run.jobs]
    if jobs:
        plans = cast("dict[int, PlannedRestore]", quote(run.plans))  # Prefect would look through all of it
        yield from watch_restores(plans, quote(jobs), run.jobs_since, run.request.options)


def started(plans: Sequence[PlannedRestore], run: RestoreLedger) -> Iterator[RestoreJob | RestoreFailure]:
    """Start these restores and yield each job, or why there is none.

    A task that failed may have started its job all the same: AWS is asked before its row counts as failed. Raises
    AuthenticationError, and AccessError where nothing could be started because of it.
    """
    unsure: dict[int, Exception] = {}
    futures = start_restore_job.map(list(plans)) if plans else []
    for plan, future in zip(plans, futures, strict=True):
        answer = future.result(raise_on_failure=False)
        if isinstance(answer, Exception):
            unsure[plan.row.line] = answer
            continue
        if isinstance(answer, RestoreJob):
            tell(f"{plan.point.source_id}: restore job {answer.job_id} started from {plan.point.image_id}")
        yield answer
    yield from _settled([plan for plan in plans if plan.row.line in unsure], unsure, run)


def _settled(
    lost: Sequence[PlannedRestore], errors: Mapping[int, Exception], run: RestoreLedger
) -> Iterator[RestoreJob | RestoreFailure]:
    for error in errors.values():
        if not isinstance(error, AwsError) or isinstance(error, AuthenticationError):
            raise error
    found = {job.line: job for job in find_own_jobs(lost, run.jobs_since, run.run_key)} if lost else {}
    yield from found.values()
    for line, error in errors.items():
        if isinstance(error, AccessError) and not run.jobs and not found:
            raise error
        if isinstance(error, AwsError) and line not in found:
            yield RestoreFailure(line, f"no restore job was started: {error.message}", error.hint)


def proven(news: News, run: RestoreLedger) -> None:
    """Do what the end of a job, or of the wait for an instance, asks for: tag what was made, prove what is ready."""
    plan = run.plans[news.line]
    run.note([news])  # type: ignore[type-var]  # one of the two, each of which the ledger takes
    if isinstance(news, RestoreJob):
        failure = judge_job(plan, news)
        run.fail(failure)
        if not failure:
            tell(f"{plan.point.source_id}: {news.created_id} made, waiting for its status checks")
            tag(plan, news)
        return
    if verified(plan, run):
        run.proven.add(news.line)
        tell(f"{plan.point.source_id} is restored as {run.jobs[news.line].created_id} and proven", mark=Mark.DONE)


def tag(plan: PlannedRestore, job: RestoreJob) -> None:
    """Give the new instance its tags; where that cannot be, it is told."""
    try:
        tag_new_instance(plan, job)
    except AuthenticationError:
        raise
    except AwsError as error:  # the proof will name each tag that is missing
        tell(f"{job.created_id} could not be tagged: {error.message}", mark=Mark.WARNING)


def verified(plan: PlannedRestore, run: RestoreLedger) -> bool:
    """Hold a new instance against its plan, write down what is found, and return whether it is what was backed up."""
    line, job = plan.row.line, run.jobs[plan.row.line]
    try:
        restored, failure = verify_restored_instance(plan, job)
    except AuthenticationError:
        raise
    except AwsError as error:
        run.fail(RestoreFailure(line, f"{job.created_id} could not be verified: {error.message}", error.hint))
        return False
    run.note([restored] if restored else [])
    run.fail(failure)
    return failure is None


def name_restore(run: RestoreLedger, kind: str = "Restore") -> None:
    """Give the flow run a name that tells what is known by now: `Restore · i-0a1b2c3d · proven`."""
    names = [run.name_of(row.line) for row in run.rows]
    what = names[0] if len(names) == 1 else count(len(names), "instance")
    if not run.is_agreed:
        how = "plan" if run.plans else ""
    else:
        how = "proven" if len(run.proven) == len(names) else f"{len(run.proven)} proven"
    try:
        with get_client(sync_client=True) as client:
            client.update_flow_run(runtime.flow_run.id, name=" · ".join(filter(None, (kind, what, how))))
    except Exception as error:  # noqa: BLE001 - a name must never cost a restore
        tell(f"the run has not got its name in Prefect: {str(error) or type(error).__name__}", mark=Mark.WARNING)
