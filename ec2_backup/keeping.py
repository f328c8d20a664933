"""The promise that a run always leaves its log and its report, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

from ec2_backup import calls, stop
from ec2_backup.errors import Ec2BackupError, IncompleteRun, InventoryError
from ec2_backup.ledger import Ledger
from ec2_backup.logfile import append_lines, closing_lines, kept_log, log_path, opening_lines
from ec2_backup.narration import tell_done, tell_report
from ec2_backup.report.figures import headline
from ec2_backup.results import RunReport
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import RunStatus

Publish = Callable[[RunReport], RunReport]
Recall = Callable[[Ledger], None]


@contextmanager
def kept_run(run: Ledger, publish: Publish, recall: Recall = lambda _: None) -> Iterator[Ledger]:
    """Keep the run's log while the block goes on and publish its report in the end, also after an error.

    Args:
        run: The ledger that the block fills.
        publish: Writes the report's files and returns the report with their names.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.

    Raises:
        IncompleteRun: The report is published and some instances have no proven recovery point.
    """
    stop.resume()
    earlier, earlier_throttled = calls.made(), calls.throttled()
    error: BaseException | None = None
    log = log_path(run.request.output, datetime.now(UTC))
    append_lines(log, opening_lines(run.request, run.run_key, run.began_at))
    try:
        with kept_log(log):
            tell_done(1, f"run {run.run_key}")
            try:
                yield run
            except BaseException as caught:
                error = caught
                _halt(run, log, caught, recall)
                raise
    finally:
        made = Calls(calls.since(earlier), calls.throttled() - earlier_throttled)
        run.report = publish(replace(settle(run, datetime.now(UTC), made, error), files={"log": str(log)}))
        append_lines(log, closing_lines(run.report))
        tell_report(run.report)
    _raise_for_incomplete(run.report)


def _halt(run: Ledger, log: Path, error: BaseException, recall: Recall) -> None:
    stop.stop()
    append_lines(log, _details(error))
    with suppress(Ec2BackupError):  # what AWS cannot tell now is told by the next run
        recall(run)


def _details(error: BaseException) -> list[str]:
    """Return what only the log says of an error: all bad lines of a CSV, or where in the program a fault is."""
    if isinstance(error, InventoryError):
        return [str(line) for line in error.bad_lines]
    if isinstance(error, Exception) and not isinstance(error, Ec2BackupError):
        return ["".join(format_exception(error))]
    return []


def _raise_for_incomplete(report: RunReport) -> None:
    if report.status is RunStatus.INCOMPLETE:
        raise IncompleteRun(headline(report), hint="The report names each instance, the reason and what to do.")
