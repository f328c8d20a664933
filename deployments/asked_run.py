"""A run that asks before it starts anything: Prefect found, the flow called, its plan agreed to, its end shown."""

import json
import logging
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict, dataclass
from typing import Any, Generic, Protocol, TypeVar

import typer
from rich.console import Console

from deployments.ending import EndedWithoutPrefect
from deployments.local_run import UNTOLD, sigterm_interrupts, unexpected
from deployments.prefect_connection import connect_to_prefect
from ec2_backup.errors import Ec2BackupError, Interrupted
from ec2_backup.listener import ReportKeeper, listening
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.terminal import Output, print_error, print_trouble, shown

NOBODY = "Nobody is there to say yes: only the plan is shown. Add --yes to start it."


class Asked(Protocol):
    """What every request has that is asked for in this way."""

    dry_run: bool
    run_key: str | None

    def model_copy(self, *, update: Mapping[str, Any] | None = None) -> Any:
        """Return the request with these changes."""
        ...


Request = TypeVar("Request", bound=Asked)


class PrintEnd(Protocol):
    """Prints how a run ended."""

    def __call__(
        self, report: Any, console: Console, *, quiet: bool = False, can_go_on: bool = True, was_asked: bool = False
    ) -> None:
        """Print it."""
        ...


@dataclass(frozen=True, slots=True)
class Kind(Generic[Request]):
    """What a kind of run has of its own.

    Attributes:
        name: What it is called, in a word.
        call: Calls its flow.
        print_plan: Prints the plan that somebody is asked about.
        print_end: Prints the report.
        to_document: Returns the report as JSON values.
        look_at: Raises what can be answered before Prefect is looked for, such as a bad line of a CSV.
        sandboxed: Serves a sandbox that fits the request, and yields the request for it.
    """

    name: str
    call: Callable[[Request], None]
    print_plan: Callable[[Any, Console], None]
    print_end: PrintEnd
    to_document: Callable[[Any], dict[str, Any]]
    look_at: Callable[[Request], None]
    sandboxed: Callable[[Request, Output], AbstractContextManager[Request]]


class Asker:
    """Shows the plan and asks whether to start it."""

    def __init__(self, output: Output, print_plan: Callable[[Any, Console], None]) -> None:
        self._output = output
        self._print_plan = print_plan
        self.has_asked = False

    def __call__(self, run: RestoreLedger) -> bool:
        """Return whether the person at the terminal says yes; Ctrl-C is an interruption like any other."""
        self.has_asked = True
        self._print_plan(run, self._output.console)
        try:
            return typer.confirm("Start?")
        except typer.Abort:
            raise KeyboardInterrupt from None


def run_asked(request: Request, output: Output, kind: Kind[Request], *, yes: bool, sandbox: bool = False) -> int:
    """Run the flow, show it, and return the exit code.

    Without `yes` it asks before anything starts; where nobody can answer only the plan is made. A run that is taken up
    asks nothing.

    Raises EndedWithoutPrefect, with the exit code, where Prefect could not be told how the run ended.
    """
    keeper, asker = ReportKeeper(), Asker(output, kind.print_plan)
    asks = not (yes or request.dry_run or request.run_key)
    if asks and not sys.stdin.isatty():
        request, asks = request.model_copy(update={"dry_run": True}), False
        output.aside.print(NOBODY, highlight=False, markup=False)
    with output.reserved():
        with listening(keeper), sigterm_interrupts():
            code, error = _outcome(request, output, kind, asker if asks else None, sandbox=sandbox)
        report = keeper.report
        if report is None and error:
            print_error(error, output.console)
        elif report:
            options = {"quiet": output.is_quiet, "can_go_on": not sandbox, "was_asked": asker.has_asked}
            kind.print_end(report, output.console, **options)
            if code != report.exit_code:
                why = f"Prefect was not told how this {kind.name} ended: {error and error.message}"
                print_trouble(why, UNTOLD, output.console)
    _write_json(report, error, output, kind)
    if report and code != report.exit_code:
        raise EndedWithoutPrefect(report.exit_code)
    return code


def _outcome(
    request: Request, output: Output, kind: Kind[Request], asker: Asker | None, *, sandbox: bool
) -> tuple[int, Ec2BackupError | None]:
    try:
        with shown(output.console, live=True, quiet=output.is_quiet):
            kind.look_at(request)
            with kind.sandboxed(request, output) if sandbox else nullcontext(request) as asked:
                connect_to_prefect(output.aside)
                _call(asked, kind, asker)
    except Ec2BackupError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return 1, unexpected(error)
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt, and Prefect's TerminationSignal
        return Interrupted.exit_code, Interrupted(f"the {kind.name} was told to stop")
    return 0, None


def _call(request: Request, kind: Kind[Request], asker: Asker | None) -> None:
    from flows.agreement import asking  # noqa: PLC0415 - imports Prefect and boto3

    logging.raiseExceptions = False  # Prefect's handler would tell the terminal of each line that its API did not take
    with asking(asker) if asker else nullcontext():
        kind.call(request)


def _write_json(report: Any, error: Ec2BackupError | None, output: Output, kind: Kind[Request]) -> None:
    """Write the report where a program waits for it, or without one the error, as where no Prefect server answers."""
    if output.report_stream is None:
        return
    ended = {"kind": kind.name, "error": to_error(error) if error else None}
    output.report_stream.write(json.dumps(kind.to_document(report) if report else ended, indent=2) + "\n")
    output.report_stream.flush()


def to_error(error: Ec2BackupError) -> dict[str, Any]:
    """Return an error as JSON values, with every line of a CSV that cannot be used and why."""
    said = {"message": error.message, "hint": error.hint}
    return said | ({"bad_lines": [asdict(one) for one in error.bad_lines]} if error.bad_lines else {})
