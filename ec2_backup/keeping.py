"""The promise that a run always leaves its log and its report, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from traceback import format_exception

from ec2_backup import calls, stop
from ec2_backup.errors import Ec2BackupError, IncompleteRun, Interrupted, InventoryError
from ec2_backup.ledger import Ledger
from ec2_backup.logfile import append_lines, closing_lines, kept_log, log_path, opening_lines
from ec2_backup.narration import Mark, tell, tell_done, tell_link, tell_report
from ec2_backup.report.figures import headline
from ec2_backup.results import RunReport
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import RunStatus

Publish = Callable[[RunReport], RunReport]
Deliver = Callable[[RunReport], RunReport]
Recall = Callable[[Ledger], None]
Settled = Callable[[BaseException | None], RunReport]
Settle = Callable[[Ledger, datetime, Calls, BaseException | None], RunReport]


@contextmanager
def kept_run(
    run: Ledger,
    publish: Publish,
    recall: Recall = lambda _: None,
    cancel: Recall = lambda _: None,
    deliver: Deliver = lambda report: report,
    to_report: Settle = settle,
) -> Iterator[Ledger]:
    """Keep the run's log while the block goes on and publish its report in the end, also after an error.

    Args:
        run: The ledger that the block fills.
        publish: Writes the report's files and returns the report with their names.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.
        cancel: Does after that what else an interrupted run owes; it is not called after an error.
        deliver: Brings the report elsewhere once it and the log are whole, however that went; it raises nothing.
        to_report: Makes the report of the ledger, of when the run ended, its calls, and the error that ended it.

    Raises:
        IncompleteRun: The report is published and some instances have no proven recovery point.
        UsageError: The log, or the report of a run that ended well, cannot be written.
    """
    stop.resume()
    earlier, earlier_places, earlier_throttled = calls.made(), calls.made_by_place(), calls.throttled()
    error: BaseException | None = None
    log = log_path(run.request.output, datetime.now(UTC))
    append_lines(log, opening_lines(run.request, run.run_key, run.began_at))
    try:
        with kept_log(log):
            tell_done(1, f"run {run.run_key}")
            if run.run_url:
                tell_link(run.run_url)
            try:
                yield run
            except BaseException as caught:
                error = stop.interruption_of(caught) or caught
                _halt(run, log, error, recall, cancel)
                if error is caught:
                    raise
                raise error from None
    finally:
        by_place = calls.since_by_place(earlier_places)
        made = Calls(calls.since(earlier), calls.throttled() - earlier_throttled, by_place)
        with _not_hiding(error), _delivering(run, log, deliver):
            _close(run, log, partial(to_report, run, datetime.now(UTC), made), error, publish)
    _raise_for_incomplete(run.report)


def _halt(run: Ledger, log: Path, error: BaseException, recall: Recall, cancel: Recall) -> None:
    stop.stop()
    with suppress(Ec2BackupError):  # a log that cannot be written may not hide why the run ended
        append_lines(log, _details(error))
    try:
        recall(run)
        if not isinstance(error, Exception) or isinstance(error, Interrupted):
            cancel(run)
    except Exception as trouble:  # noqa: BLE001 - what AWS cannot tell now is told by the next run
        tell(f"what AWS has of this run was not found out: {trouble}", mark=Mark.WARNING, step=6)


@contextmanager
def _not_hiding(error: BaseException | None) -> Iterator[None]:
    """Tell of trouble with the report, instead of raising it, where the run has ended with an error already."""
    try:
        yield
    except Exception as trouble:
        if error is None:
            raise
        tell(f"the report could not be written: {trouble}", mark=Mark.FAILED, step=13)


def _close(run: Ledger, log: Path, settled: Settled, error: BaseException | None, publish: Publish) -> None:
    """Publish the report; whatever comes of that, the log ends with how the run ended."""
    run.report = replace(settled(error), files={"log": str(log)})
    try:
        run.report = publish(run.report)
    except BaseException as trouble:
        run.report = replace(settled(error or trouble), files=run.report.files)
        why = str(trouble) or type(trouble).__name__
        append_lines(log, [f"{Mark.FAILED} the report could not be written: {why}", *_details(trouble)])
        raise
    finally:
        append_lines(log, closing_lines(replace(run.report, copies={})))  # there are none yet


@contextmanager
def _delivering(run: Ledger, log: Path, deliver: Deliver) -> Iterator[None]:
    """Deliver the report after the block; what is told of that stands in the log below the run's end."""
    try:
        yield
    finally:
        with ExitStack() as stack:
            with suppress(Ec2BackupError):  # on a full disk there is no log, and all the more to say elsewhere
                stack.enter_context(kept_log(log))
            if run.report:
                run.report = deliver(run.report)
    if run.report:
        tell_report(run.report)


def _details(error: BaseException) -> list[str]:
    """Return what only the log says of an error: all bad lines of a CSV, or where in the program a fault is."""
    if isinstance(error, InventoryError):
        return [str(line) for line in error.bad_lines]
    if isinstance(error, Exception) and not isinstance(error, Ec2BackupError):
        return ["".join(format_exception(error))]
    return []


def _raise_for_incomplete(report: RunReport | None) -> None:
    if report and report.status is RunStatus.INCOMPLETE:
        raise IncompleteRun(headline(report), hint="The report names each instance, the reason and what to do.")
