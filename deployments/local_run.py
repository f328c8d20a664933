"""One backup run from this process: the inventory looked at, Prefect found, the flow called, its end shown.

What takes seconds to import comes last, so that a wrong CSV is answered before any of it.
"""

import logging
import secrets
import signal
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import FrameType

from deployments.ending import EndedWithoutPrefect
from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import DRILL_GROUP, DRILL_SUBNET, raise_for_blocks, sandbox_process
from ec2_backup.accountlist import read_accounts
from ec2_backup.delivery import notified, uploaded
from ec2_backup.errors import Ec2BackupError, Interrupted, InventoryError
from ec2_backup.inventory import read_inventory
from ec2_backup.keeping import kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.listener import ReportKeeper, listening
from ec2_backup.publication import write_report
from ec2_backup.report.command import to_next_command, to_restore_hint
from ec2_backup.results import RunReport
from ec2_backup.runfile import find_run_file
from ec2_backup.runkey import to_run_key
from ec2_backup.selection import is_selection
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import Calls, settle
from ec2_backup.sources import is_in_s3, names_blocks
from ec2_backup.terminal import Output, print_error, print_plan, print_report, print_trouble, shown

UNREACHABLE = "Is that server up? Without PREFECT_API_URL and a Prefect profile, a local server is started."
UNAUTHORIZED = "Set PREFECT_API_AUTH_STRING to that server's user:password, or PREFECT_API_KEY for Prefect Cloud."
UNTOLD = "Nothing about the backups: they are as the report says. In Prefect's UI this run may stay Running for ever."


def check_inventory(request: BackupRequest) -> None:
    """Read local CSVs once before anything else; raises InventoryError, which has its log and report too.

    What Prefect may have another word on is left to the flow: a default CSV that is not there, since the defaults of
    the Variable may name another one, and a report that can only be delivered with what is in a block.
    """
    if _is_delivered_by_block(request):
        return
    try:
        if _is_known_here(request):
            read_inventory(request.csv)
        accounts = request.options.accounts
        listed = request.run_key and find_run_file(request, request.run_key)  # which has the accounts as they were
        if accounts and not is_in_s3(accounts) and not listed:
            read_accounts(accounts)
    except InventoryError:
        now = datetime.now(UTC)
        run = Ledger(request, to_run_key(now, secrets.token_hex(4)), now)
        with kept_run(run, write_report, deliver=_delivered):
            raise


def _is_known_here(request: BackupRequest) -> bool:
    if is_in_s3(request.csv) or is_selection(request.csv):
        return False
    return "csv" in request.model_fields_set or Path(request.csv).is_file()


def _is_delivered_by_block(request: BackupRequest) -> bool:
    options = request.options
    return bool(options.report_to or options.notify_topic) and names_blocks(request)


def _delivered(report: RunReport) -> RunReport:
    """Bring a report where it was asked for, without Prefect, which has not been looked for yet."""
    options = BackupRequest.model_validate(report.parameters).options
    if not (options.report_to or options.notify_topic):
        return report
    from ec2_backup.aws.s3 import put_file  # noqa: PLC0415 - imports boto3
    from ec2_backup.aws.sns import publish_message  # noqa: PLC0415

    delivered = uploaded(report, put_file)
    notified(delivered, publish_message)
    return delivered


def run_backup(request: BackupRequest, output: Output, *, sandbox: bool = False) -> int:
    """Run the backup flow, show it, and return the exit code.

    A signal ends it. Prefect's "Cancel" does not: it is the worker of a deployed run that carries it out. With
    `sandbox` it runs against an AWS that lives as long as the run, so there is nothing to go on with afterwards.

    Raises EndedWithoutPrefect, with the exit code, where Prefect could not be told how the run ended.
    """
    keeper = ReportKeeper()
    with output.reserved():
        with listening(keeper), sigterm_interrupts():
            code, error = _outcome(request, output, sandbox=sandbox)
        report = keeper.report
        if error and (report is None or isinstance(error, InventoryError)):
            print_error(error, output.console)
        elif report:
            _print_end(report, output, can_go_on=not sandbox)
            if code != report.exit_code:
                # The run was over: what came after it, a Prefect that is gone or Ctrl-C, does not undo what it proved.
                why = f"Prefect was not told how this run ended: {error and error.message}"
                print_trouble(why, UNTOLD, output.console)
    output.write_report(report or _unpublished(request, error))
    if report and code != report.exit_code:
        raise EndedWithoutPrefect(report.exit_code)
    return code


def _print_end(report: RunReport, output: Output, *, can_go_on: bool) -> None:
    if report.parameters.get("dry_run") and not output.is_quiet:
        print_plan(report, output.console)
    then = {"next_command": to_next_command(report), "restore_hint": to_restore_hint(report)} if can_go_on else {}
    print_report(report, output.console, quiet=output.is_quiet, **then)


def _unpublished(request: BackupRequest, error: Ec2BackupError | None) -> RunReport:
    """Return the report of a run that ended before it could keep one, as where no Prefect server answers."""
    now = datetime.now(UTC)
    run = Ledger(request, request.run_key or to_run_key(now, secrets.token_hex(4)), now)
    return settle(run, now, Calls({}, 0), error)


def _outcome(request: BackupRequest, output: Output, *, sandbox: bool) -> tuple[int, Ec2BackupError | None]:
    try:
        with shown(output.console, live=True, quiet=output.is_quiet):
            check_inventory(request)
            with _sandboxed(request, output) if sandbox else nullcontext() as served:
                connect_to_prefect(output.aside)
                _call_flow(_placed(request, served or {}), takes_defaults=not sandbox)
    except Ec2BackupError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return 1, unexpected(error)
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt, and Prefect's TerminationSignal
        return Interrupted.exit_code, Interrupted("the run was told to stop")
    return 0, None


def _placed(request: BackupRequest, served: Mapping[str, str]) -> BackupRequest:
    """Return the request with the sandbox's own place for drills, where there is one and a drill is wanted."""
    if not (request.options.drill and served):
        return request
    place = {"drill_subnet": served[DRILL_SUBNET], "drill_security_group": served[DRILL_GROUP]}
    return request.model_copy(update={"options": request.options.model_copy(update=place)})


def _sandboxed(request: BackupRequest, output: Output) -> AbstractContextManager[Mapping[str, str]]:
    raise_for_blocks(request)
    say = partial(output.aside.print, style="dim")
    return sandbox_process(request.csv, request.region, say, copy_to=request.options.copy_to)


def unexpected(error: Exception) -> Ec2BackupError:
    """Return an error that nobody foresaw as one that can be shown."""
    if str(error).startswith("Failed to reach API"):  # Prefect's words for an API that does not answer
        return Ec2BackupError(f"Prefect does not answer: {error}", hint=UNREACHABLE)
    if "401 Unauthorized" in str(error):  # Prefect's client has an error of its own, which only Prefect can import
        return Ec2BackupError(f"Prefect refused: {str(error).splitlines()[0]}", hint=UNAUTHORIZED)
    return Ec2BackupError(
        f"Unexpected {type(error).__name__}: {error}",
        hint="This is a fault of the program; the log has the details. Jobs that were started go on at AWS.",
    )


def _call_flow(request: BackupRequest, *, takes_defaults: bool) -> None:
    """Call the flow; the defaults of the Prefect Variable are of real accounts, so a sandbox takes none."""
    from flows.backup import backup  # noqa: PLC0415 - imports Prefect and boto3
    from flows.defaults import asked_for  # noqa: PLC0415

    logging.raiseExceptions = False  # Prefect's handler would tell the terminal of each line that its API did not take
    parameters = request.model_dump(exclude={"options", "output"})
    with asked_for(request) if takes_defaults else nullcontext():
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
