"""One restore from this process: Prefect found, the flow called, its plan agreed to, its end shown."""

import json
import logging
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import typer

from deployments.ending import EndedWithoutPrefect
from deployments.local_run import UNTOLD, sigterm_interrupts, unexpected
from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import raise_for_blocks, sandbox_process
from ec2_backup import settings
from ec2_backup.errors import Ec2BackupError, Interrupted, UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.listener import listening
from ec2_backup.restore.document import to_document
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreRequest, to_backup_request
from ec2_backup.restore.rows import read_rows
from ec2_backup.restore.settlement import to_outcome
from ec2_backup.sources import is_in_s3
from ec2_backup.terminal import Output, print_error, print_trouble, shown
from ec2_backup.terminal.restore import print_restore, print_restore_plan

NOBODY = "Nobody is there to say yes: only the plan is shown. Add --yes to start it."


class ReportKeeper(logging.Handler):
    """A reader of the narration that keeps the report which a restore tells last."""

    report: RestoreReport | None = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's report where it has one."""
        self.report = getattr(record, "report", self.report)


def named_for_sandbox() -> str:
    """Return the instance that a sandbox restores where none is named: the first of the CSV that is there."""
    return read_inventory(settings.DEFAULT_CSV).rows[0].instance_id


def run_restore(request: RestoreRequest, output: Output, *, yes: bool, sandbox: bool = False) -> int:
    """Run the restore flow, show it, and return the exit code.

    Without `yes` it asks before anything starts; where nobody can answer only the plan is made. A run that is taken up
    asks nothing.

    Raises EndedWithoutPrefect, with the exit code, where Prefect could not be told how the restore ended.
    """
    keeper, asker = ReportKeeper(), Asker(output)
    asks = not (yes or request.dry_run or request.run_key)
    if asks and not sys.stdin.isatty():
        request, asks = request.model_copy(update={"dry_run": True}), False
        print_trouble_free(NOBODY, output)
    with output.reserved():
        with listening(keeper), sigterm_interrupts():
            code, error = _outcome(request, output, asker if asks else None, sandbox=sandbox)
        report = keeper.report
        if report is None and error:
            print_error(error, output.console)
        elif report:
            print_restore(
                report, output.console, quiet=output.is_quiet, can_go_on=not sandbox, was_asked=asker.has_asked
            )
            if code != report.exit_code:
                why = f"Prefect was not told how this restore ended: {error and error.message}"
                print_trouble(why, UNTOLD, output.console)
    _write_json(report, error, output)
    if report and code != report.exit_code:
        raise EndedWithoutPrefect(report.exit_code)
    return code


def print_trouble_free(text: str, output: Output) -> None:
    """Print a note, unless only trouble is wanted."""
    output.aside.print(text, highlight=False, markup=False)


class Asker:
    """Shows the plan and asks whether to start it."""

    def __init__(self, output: Output) -> None:
        self._output = output
        self.has_asked = False

    def __call__(self, run: RestoreLedger) -> bool:
        """Return whether the person at the terminal says yes; Ctrl-C is an interruption like any other."""
        self.has_asked = True
        print_restore_plan([to_outcome(row, run, None) for row in run.rows], self._output.console)
        try:
            return typer.confirm("Start?")
        except typer.Abort:
            raise KeyboardInterrupt from None


def _outcome(
    request: RestoreRequest, output: Output, asker: Asker | None, *, sandbox: bool
) -> tuple[int, Ec2BackupError | None]:
    try:
        with shown(output.console, live=True, quiet=output.is_quiet):
            if request.csv and not is_in_s3(request.csv) and not request.run_key:
                read_rows(request.csv)  # a bad line is answered before Prefect is looked for
            with _sandboxed(request, output) if sandbox else nullcontext():
                connect_to_prefect(output.aside)
                _call_flow(request, asker)
    except Ec2BackupError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return 1, unexpected(error)
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt, and Prefect's TerminationSignal
        return Interrupted.exit_code, Interrupted("the restore was told to stop")
    return 0, None


def _call_flow(request: RestoreRequest, asker: Asker | None) -> None:
    from flows.agreement import asking  # noqa: PLC0415 - imports Prefect and boto3
    from flows.restore import restore  # noqa: PLC0415

    logging.raiseExceptions = False  # Prefect's handler would tell the terminal of each line that its API did not take
    parameters = request.model_dump(exclude={"options", "output"})
    with asking(asker) if asker else nullcontext():
        restore(**parameters, output=str(request.output), options=request.options)


@contextmanager
def _sandboxed(request: RestoreRequest, output: Output) -> Iterator[None]:
    raise_for_blocks(to_backup_request(request))
    if request.recovery_point:
        raise UsageError(
            "--sandbox is a new AWS: it has no such recovery point.", hint="Name an --instance, or a --csv of them."
        )
    with tempfile.TemporaryDirectory(prefix="ec2-backup-restore-") as folder:
        csv = Path(request.csv or Path(folder) / "instances.csv")
        if not request.csv:
            csv.write_text(f"instance_id\n{request.instance}\n", encoding="utf-8")
        say = lambda text: output.aside.print(text, style="dim")  # noqa: E731
        with sandbox_process(str(csv), request.region, say, past=True):
            yield


def _write_json(report: RestoreReport | None, error: Ec2BackupError | None, output: Output) -> None:
    """Write the report where a program waits for it, or without one the error, as where no Prefect server answers."""
    if output.report_stream is None:
        return
    ended = {"kind": "restore", "error": {"message": error.message, "hint": error.hint} if error else None}
    output.report_stream.write(json.dumps(to_document(report) if report else ended, indent=2) + "\n")
    output.report_stream.flush()
