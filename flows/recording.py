"""A run of the flow, recorded: its key, its ledger, and a log and a report whatever happens."""

from contextlib import AbstractContextManager
from datetime import UTC, datetime

from prefect import runtime
from prefect.context import FlowRunContext

from ec2_backup import publication
from ec2_backup.aws import pace, session
from ec2_backup.errors import Ec2BackupError
from ec2_backup.keeping import kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from ec2_backup.results import RunReport
from ec2_backup.runkey import to_began_at, to_run_key
from ec2_backup.settings import BackupRequest
from ec2_backup.states import RunStatus
from flows.steps import recall
from tasks.report import publish_artifacts, write_report


def recorded_run(request: BackupRequest) -> AbstractContextManager[Ledger]:
    """Return the context in which a flow fills the run's ledger; its log and report are kept however it ends.

    A retry of the flow run has the same key, since the key is made of what stays: the run's id and its first start.
    """
    pace.set_quota("StartBackupJob", request.options.start_jobs_per_second)
    session.forget_clients()
    first_start = _first_start()
    run_key = request.run_key or to_run_key(first_start, str(runtime.flow_run.id))
    began_at = to_began_at(run_key) or first_start
    run = Ledger(request, run_key, began_at, run_url=runtime.flow_run.ui_url or "")
    return kept_run(run, publish, recall)


def _first_start() -> datetime:
    context = FlowRunContext.get()
    return (context.flow_run.start_time if context and context.flow_run else None) or datetime.now(UTC)


def publish(report: RunReport) -> RunReport:
    """Write the report's files, then its artifacts; no trouble with Prefect keeps the files from being written."""
    # Prefect starts no more tasks in a run that is being cancelled.
    complete = publication.write_report(report) if report.status is RunStatus.INTERRUPTED else _write(report)
    try:
        publish_artifacts(complete)
    except Exception as error:  # noqa: BLE001 - the AWS work is done: whatever Prefect says may not hide it
        tell(f"the report's files are written, its artifacts in Prefect are not: {error}", mark=Mark.WARNING, step=13)
    return complete


def _write(report: RunReport) -> RunReport:
    try:
        return write_report(report)
    except Ec2BackupError:
        raise
    except Exception:  # noqa: BLE001 - Prefect cannot be reached, the disk can
        return publication.write_report(report)
