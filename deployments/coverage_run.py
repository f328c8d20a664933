"""One look at the coverage from this process: Prefect found, the flow called, its end shown."""

import json
import logging
from contextlib import nullcontext
from typing import Any

from deployments.ending import EndedWithoutPrefect
from deployments.local_run import UNTOLD, sigterm_interrupts, unexpected
from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import raise_for_blocks, sandbox_process
from ec2_backup.coverage.document import to_document
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.request import CoverageRequest, to_backup_request
from ec2_backup.errors import Ec2BackupError, Interrupted
from ec2_backup.listener import ReportKeeper, listening
from ec2_backup.terminal import Output, print_error, print_trouble, shown
from ec2_backup.terminal.coverage import print_coverage


def run_coverage(request: CoverageRequest, output: Output, *, sandbox: bool = False) -> int:
    """Run the flow, show it, and return the exit code.

    Raises EndedWithoutPrefect, with the exit code, where Prefect could not be told how the look ended.
    """
    keeper = ReportKeeper()
    with output.reserved():
        with listening(keeper), sigterm_interrupts():
            code, error = _outcome(request, output, sandbox=sandbox)
        report = keeper.report
        if report is None and error:
            print_error(error, output.console)
        elif report:
            print_coverage(report, output.console, quiet=output.is_quiet, can_go_on=not sandbox)
            if code != report.exit_code:
                why = f"Prefect was not told how this look ended: {error and error.message}"
                print_trouble(why, UNTOLD, output.console)
    _write_json(report, error, output)
    if report and code != report.exit_code:
        raise EndedWithoutPrefect(report.exit_code)
    return code


def _outcome(request: CoverageRequest, output: Output, *, sandbox: bool) -> tuple[int, Ec2BackupError | None]:
    try:
        aws = _sandboxed(request, output) if sandbox else nullcontext()
        with shown(output.console, live=True, quiet=output.is_quiet), aws:
            connect_to_prefect(output.aside)
            _call_flow(request)
    except Ec2BackupError as error:
        return error.exit_code, error
    except Exception as error:  # noqa: BLE001 - the last line of defence: no traceback reaches the user
        return 1, unexpected(error)
    except BaseException:  # noqa: BLE001 - KeyboardInterrupt, and Prefect's TerminationSignal
        return Interrupted.exit_code, Interrupted("the look was told to stop")
    return 0, None


def _sandboxed(request: CoverageRequest, output: Output) -> Any:
    own = to_backup_request(request)
    raise_for_blocks(own)
    region = next(iter(request.regions), None)
    return sandbox_process(own.csv, region, lambda text: output.aside.print(text, style="dim"), past=True)


def _call_flow(request: CoverageRequest) -> None:
    from flows.coverage import coverage as flow  # noqa: PLC0415 - imports Prefect and boto3

    logging.raiseExceptions = False  # Prefect's handler would tell the terminal of each line that its API did not take
    parameters = request.model_dump(exclude={"output", "regions"})
    flow(**parameters, regions=list(request.regions), output=str(request.output))


def _write_json(report: CoverageReport | None, error: Ec2BackupError | None, output: Output) -> None:
    """Write the report where a program waits for it, or without one the error, as where no Prefect server answers."""
    if output.report_stream is None:
        return
    ended = {"kind": "coverage", "error": {"message": error.message, "hint": error.hint} if error else None}
    output.report_stream.write(json.dumps(to_document(report) if report else ended, indent=2) + "\n")
    output.report_stream.flush()
