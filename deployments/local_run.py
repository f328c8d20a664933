"""One backup run from this process: the inventory looked at, Prefect found, the flow called, its end shown.

What takes seconds to import comes last, so that a wrong CSV is answered before any of it.
"""

import logging
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from types import FrameType

from rich.console import Console

from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import sandbox_process
from ec2_backup.errors import Ec2BackupError, Interrupted, InventoryError
from ec2_backup.inventory import read_inventory
from ec2_backup.keeping import kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.listener import listening
from ec2_backup.publication import write_report
from ec2_backup.report.command import to_next_command
from ec2_backup.results import RunReport
from ec2_backup.runkey import to_run_key
from ec2_backup.settings import BackupRequest
from ec2_backup.terminal import print_error, print_plan, print_report, shown


class ReportKeeper(logging.Handler):
    """A reader of the narration that keeps the report which a run tells last."""

    report: RunReport | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's report where it has one."""
        self.report = getattr(record, "report", self.report)


def check_inventory(request: BackupRequest) -> None:
    """Read a local CSV once before anything else; raises InventoryError, which has its log and report too."""
    if request.csv.startswith("s3://"):
        return
    try:
        read_inventory(request.csv)
    except InventoryError:
        now = datetime.now(UTC)
        run = Ledger(request, to_run_key(now, secrets.token_hex(4)), now)
        with kept_run(run, write_report):
            raise


def run_backup(request: BackupRequest, console: Console, *, can_go_on: bool = True) -> int:
    """Run the backup flow, show it on the console, and return the exit code.

    A signal ends it. Prefect's "Cancel" does not: it is the worker of a deployed run that carries it out. What to type
    next is shown where a later command finds what this run has started, so where the run `can_go_on`.
    """
    keeper = ReportKeeper()
    with listening(keeper), sigterm_interrupts():
        code, error = _outcome(request, console)
    report = keeper.report
    if error and (report is None or isinstance(error, InventoryError)):
        print_error(error, console)
    elif report:
        if request.dry_run:
            print_plan(report, console)
        print_report(report, console, next_command=to_next_command(report) if can_go_on else "")
    return code


def run_in_sandbox(request: BackupRequest, console: Console) -> int:
    """Run the backup flow against a sandbox that lives as long as the run, and return the exit code."""
    try:
        check_inventory(request)
        with (
            sigterm_interrupts(),
            sandbox_process(request.csv, request.region, say=lambda text: console.print(text, style="dim")),
        ):
            return run_backup(request, console, can_go_on=False)
    except Ec2BackupError as error:
        print_error(error, console)
        return error.exit_code
    except KeyboardInterrupt:
        return Interrupted.exit_code


def _outcome(request: BackupRequest, console: Console) -> tuple[int, Ec2BackupError | None]:
    try:
        with shown(console, live=True):
            check_inventory(request)
            connect_to_prefect(console)
            _call_flow(request)
    except Ec2BackupError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return 1, unexpected(error)
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt, and Prefect's TerminationSignal
        return Interrupted.exit_code, Interrupted("the run was told to stop")
    return 0, None


def unexpected(error: Exception) -> Ec2BackupError:
    """Return an error that nobody foresaw as one that can be shown."""
    return Ec2BackupError(
        f"Unexpected {type(error).__name__}: {error}",
        hint="This is a fault of the program; the log has the details. Jobs that were started go on at AWS.",
    )


def _call_flow(request: BackupRequest) -> None:
    from flows.backup import backup  # noqa: PLC0415 - imports Prefect and boto3

    parameters = request.model_dump(exclude={"options", "output"})
    backup(**parameters, output=str(request.output), options=request.options)


@contextmanager
def sigterm_interrupts() -> Iterator[None]:
    """Let SIGTERM end the block like Ctrl-C does; Prefect does the same while a flow runs."""
    earlier = signal.signal(signal.SIGTERM, _interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, earlier)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
