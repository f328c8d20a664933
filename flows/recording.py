"""A run of the flow, recorded: its key, its ledger, and a log and a report whatever happens."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from prefect import runtime
from prefect.context import FlowRunContext

from ec2_backup.aws import pace, s3, session
from ec2_backup.defaults import Effective
from ec2_backup.delivery import attempted, notified, uploaded
from ec2_backup.errors import Ec2BackupError
from ec2_backup.keeping import Recall, Settle, kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.listener import listening
from ec2_backup.narration import tell
from ec2_backup.publication import write_report
from ec2_backup.results import RunReport
from ec2_backup.runfile import find_run_file
from ec2_backup.runkey import LARGEST_CLOCK_ERROR, to_began_at, to_run_key
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import settle
from ec2_backup.shards import fleet_of
from flows.blocks import use_blocks
from flows.defaults import to_effective
from flows.interruption import cancel, recall
from flows.neighbours import earlier_work_began
from flows.progress import ProgressArtifact
from tasks.report import notify, publish_artifacts, upload_file


@contextmanager
def recorded_run(
    request: BackupRequest, recall: Recall = recall, cancel: Recall = cancel, to_report: Settle = settle
) -> Iterator[Ledger]:
    """Yield the ledger that a flow fills; its log and report are kept however the block ends.

    Its request is what was asked for, with the defaults of the Prefect Variable; the blocks that it names are in use.
    A retry of the flow run has the same key, since the key is made of what stays: the run's id and its first start.
    What `recall`, `cancel` and `to_report` do is told by `kept_run`.
    """
    effective, trouble = _effective(request)
    request = effective.request
    pace.set_quota("StartBackupJob", request.options.start_jobs_per_second)
    session.forget_clients()
    first_start = _first_start()
    run_key = request.run_key or to_run_key(first_start, str(runtime.flow_run.id))
    earlier = find_run_file(request, run_key)
    began_at = earlier.began_at if earlier else to_began_at(run_key) or first_start
    run = Ledger(request, run_key, began_at, run_url=runtime.flow_run.ui_url or "")
    if earlier:
        run.taken_up_since = earlier.jobs_since
        run.accounts = {one.account: one for one in earlier.accounts}
    elif began := _work_began(request, began_at):
        # Another machine's clock wrote this time, or this one's: no file says by how much it differed from AWS's.
        run.taken_up_since = began - LARGEST_CLOCK_ERROR
    with listening(ProgressArtifact()), kept_run(run, publish, recall, cancel, deliver, to_report):
        if trouble:
            raise trouble
        if effective.taken:
            tell(str(effective), step=1)
        use_blocks(request)
        yield run


def _effective(request: BackupRequest) -> tuple[Effective, Ec2BackupError | None]:
    """Return the request with the team's defaults, or without them the trouble with them, which the log is to have."""
    try:
        return to_effective(request), None
    except Ec2BackupError as error:
        return Effective(request), error


def _work_began(request: BackupRequest, began_at: datetime) -> datetime | None:
    """Return when an earlier attempt at the run may have started jobs, None where none has."""
    is_of_fleet = bool(fleet_of(runtime.flow_run.tags))
    if to_began_at(request.run_key or "") and not is_of_fleet:
        return began_at  # whoever gave the key means an attempt that Prefect may know nothing of
    return earlier_work_began(began_at, request.run_key) if is_of_fleet or runtime.flow_run.run_count > 1 else None


def _first_start() -> datetime:
    context = FlowRunContext.get()
    return (context.flow_run.start_time if context and context.flow_run else None) or datetime.now(UTC)


def publish(report: RunReport) -> RunReport:
    """Write the report's files, which name their copies in S3."""
    return write_report(report, s3.to_url)


def deliver(report: RunReport) -> RunReport:
    """Bring the report where people look: S3, Prefect, the run's topic. None of them needs another one to succeed."""
    delivered = uploaded(report, upload_file, s3.to_url)
    notified(delivered, notify)  # before the artifacts: where Prefect is gone, they wait half a minute for it
    attempted("the report's files are written, its artifacts in Prefect are not", publish_artifacts, delivered)
    return delivered
