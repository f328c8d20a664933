"""The promise that a restore always leaves its log and its report, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

from ec2_backup import calls, stop
from ec2_backup.errors import Ec2BackupError, IncompleteRun, InventoryError
from ec2_backup.logfile import append_lines, kept_log, log_path
from ec2_backup.narration import LOGGER, Mark, tell, tell_link
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.log_lines import closing_lines, opening_lines
from ec2_backup.restore.publication import write_restore
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.settlement import settle
from ec2_backup.restore.words import headline
from ec2_backup.settlement import Calls
from ec2_backup.states import RunStatus

Recall = Callable[[RestoreLedger], None]
Deliver = Callable[[RestoreReport], object]


@contextmanager
def kept_restore(
    run: RestoreLedger, recall: Recall = lambda _: None, deliver: Deliver = lambda _: None
) -> Iterator[RestoreLedger]:
    """Keep the run's log while the block goes on and write its report in the end, also after an error.

    Args:
        run: The ledger that the block fills.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.
        deliver: Shows the report elsewhere once it is written.

    Raises:
        IncompleteRun: The report is written and something was not restored or not proven.
        UsageError: The log, or the report of a run that ended well, cannot be written.
    """
    stop.resume()
    earlier, earlier_throttled = calls.made(), calls.throttled()
    error: BaseException | None = None
    log = log_path(run.request.output, datetime.now(UTC), "restore")
    append_lines(log, opening_lines(run))
    try:
        with kept_log(log):
            tell(f"restore {run.run_key}", mark=Mark.DONE)
            if run.run_url:
                tell_link(run.run_url)
            try:
                yield run
            except BaseException as caught:
                error = stop.interruption_of(caught) or caught
                _halt(run, log, error, recall)
                if error is caught:
                    raise
                raise error from None
    finally:
        made = Calls(calls.since(earlier), calls.throttled() - earlier_throttled)
        try:
            with _not_hiding(error), stop.undisturbed():  # a Ctrl-C now comes too late to undo what was proven
                _close(run, log, made, error)
        finally:
            _deliver(run, deliver)
    if run.report and run.report.status is RunStatus.INCOMPLETE:
        raise IncompleteRun(headline(run.report), hint="The report names each restore, the reason and what to do.")


def _halt(run: RestoreLedger, log: Path, error: BaseException, recall: Recall) -> None:
    stop.stop()
    with suppress(Ec2BackupError):  # a log that cannot be written may not hide why the run ended
        append_lines(log, _details(error))
    try:
        recall(run)
    except Exception as trouble:  # noqa: BLE001 - what AWS cannot tell now is told by the next run
        tell(f"what AWS has of this restore was not found out: {trouble}", mark=Mark.WARNING)


def _close(run: RestoreLedger, log: Path, made: Calls, error: BaseException | None) -> None:
    run.report = replace(settle(run, datetime.now(UTC), made, error), files={"log": str(log)})
    try:
        run.report = write_restore(run.report)
    except BaseException as trouble:
        run.report = replace(settle(run, datetime.now(UTC), made, error or trouble), files=run.report.files)
        append_lines(log, [f"{Mark.FAILED} the report could not be written: {trouble}"])
        raise
    finally:
        append_lines(log, closing_lines(run.report))


def _deliver(run: RestoreLedger, deliver: Deliver) -> None:
    """Show the report, and tell that it is there; the last record of a run."""
    if run.report is None:
        return
    try:
        deliver(run.report)
    except BaseException as trouble:  # noqa: BLE001 - what was restored is on disk: nothing that comes now may hide it
        why = str(trouble) or type(trouble).__name__
        tell(f"the report's files are written, its artifacts in Prefect are not: {why}", mark=Mark.WARNING)
    told = {"mark": Mark.DONE, "step": None, "progress": None, "report": run.report}
    LOGGER.info("log and report are written", extra=told)


@contextmanager
def _not_hiding(error: BaseException | None) -> Iterator[None]:
    """Tell of trouble with the report, instead of raising it, where the run has ended with an error already."""
    try:
        yield
    except Exception as trouble:
        if error is None:
            raise
        tell(f"the report could not be written: {trouble}", mark=Mark.FAILED)


def _details(error: BaseException) -> list[str]:
    """Return what only the log says of an error: all bad lines of a CSV, or where in the program a fault is."""
    if isinstance(error, InventoryError):
        return [str(line) for line in error.bad_lines]
    if isinstance(error, Exception) and not isinstance(error, Ec2BackupError):
        return ["".join(format_exception(error))]
    return []
