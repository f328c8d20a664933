"""The promise that a run always leaves its log and its report, however it ends: one keeping for every kind of run."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from threading import Event
from traceback import format_exception

from ec2_backup import calls, stop
from ec2_backup.customs import Customs, Report, Run, nothing
from ec2_backup.errors import Ec2BackupError, IncompleteRun, Interrupted
from ec2_backup.ledger import Ledger
from ec2_backup.logfile import append_lines, closing_lines, kept_log, log_path, opening_lines
from ec2_backup.narration import Mark, tell, tell_link, tell_report
from ec2_backup.report.figures import headline
from ec2_backup.results import RunReport
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import RunStatus

Publish = Callable[[RunReport], RunReport]
Deliver = Callable[[RunReport], RunReport]
Recall = Callable[[Ledger], None]
Settle = Callable[[Ledger, datetime, Calls, BaseException | None], RunReport]

_LAST_CALL_SECONDS = 10.0  # of the thirty after which Prefect kills a run that was cancelled


def kept_run(
    run: Ledger,
    publish: Publish,
    recall: Recall = nothing,
    cancel: Recall = nothing,
    deliver: Deliver = lambda report: report,
    to_report: Settle = settle,
) -> AbstractContextManager[Ledger]:
    """Keep a backup run: its log while the block goes on, its report in the end. Arguments and errors as of `kept`."""
    return kept(
        run,
        Customs(
            name="backup",
            opening=lambda run: opening_lines(run.request, run.run_key, run.began_at),
            closing=lambda report: closing_lines(replace(report, copies={})),  # there are none yet
            greeting=lambda run: f"run {run.run_key}",
            settle=to_report,
            publish=publish,
            deliver=deliver,
            complaint=lambda report: headline(report) if report.status is RunStatus.INCOMPLETE else "",
            recall=recall,
            cancel=cancel,
            is_numbered=True,
        ),
    )


@contextmanager
def kept(run: Run, customs: Customs[Run, Report]) -> Iterator[Run]:
    """Keep the run's log while the block goes on and publish its report in the end, also after an error.

    Raises:
        IncompleteRun: The report is published and has something to complain of.
        UsageError: The log, or the report of a run that ended well, cannot be written.
    """
    stop.resume()
    earlier, earlier_places, earlier_throttled = calls.made(), calls.made_by_place(), calls.throttled()
    error: BaseException | None = None
    log = log_path(run.request.output, datetime.now(UTC), customs.name)
    append_lines(log, customs.opening(run))
    try:
        with kept_log(log):
            tell(customs.greeting(run), mark=Mark.DONE, step=customs.step(1))
            if run.run_url:
                tell_link(run.run_url)
            try:
                yield run
            except BaseException as caught:
                error = stop.interruption_of(caught) or caught
                _halt(run, log, error, customs)
                if error is caught:
                    raise
                raise error from None
    finally:
        by_place = calls.since_by_place(earlier_places)
        made = Calls(calls.since(earlier), calls.throttled() - earlier_throttled, by_place)
        with _not_hiding(error, customs), _delivering(run, log, customs) as is_written, stop.undisturbed():
            _close(run, log, made, error, customs)
            is_written.set()
    if run.report and (said := customs.complaint(run.report)):
        raise IncompleteRun(said, hint=f"The report names each {customs.noun}, the reason and what to do.")


def shown(show: Callable[[Report], object]) -> Callable[[Report], Report]:
    """Return what shows a report in Prefect; where it cannot, that is told, since what it says is on disk by then."""

    def deliver(report: Report) -> Report:
        try:
            show(report)
        except BaseException as trouble:  # noqa: BLE001 - nothing that comes now may hide what is on disk
            why = str(trouble) or type(trouble).__name__
            tell(f"the report's files are written, its artifacts in Prefect are not: {why}", mark=Mark.WARNING)
        return report

    return deliver


def _halt(run: Run, log: Path, error: BaseException, customs: Customs[Run, Report]) -> None:
    stop.stop()
    stop.wait_for_the_last(_LAST_CALL_SECONDS)
    with suppress(Ec2BackupError):  # a log that cannot be written may not hide why the run ended
        append_lines(log, _details(error))
    try:
        customs.recall(run)
        if not isinstance(error, Exception) or isinstance(error, Interrupted):
            customs.cancel(run)
    except Exception as trouble:  # noqa: BLE001 - what AWS cannot tell now is told by the next run
        said = f"what AWS has of this run was not found out: {trouble}"
        tell(said, mark=Mark.WARNING, step=customs.step(6))


@contextmanager
def _not_hiding(error: BaseException | None, customs: Customs[Run, Report]) -> Iterator[None]:
    """Tell of trouble with the report, instead of raising it, where the run has ended with an error already."""
    try:
        yield
    except Exception as trouble:
        if error is None:
            raise
        tell(f"the report could not be written: {trouble}", mark=Mark.FAILED, step=customs.step(13))


def _close(run: Run, log: Path, made: Calls, error: BaseException | None, customs: Customs[Run, Report]) -> None:
    """Publish the report; whatever comes of that, the log ends with how the run ended."""
    ended_at = datetime.now(UTC)
    run.report = replace(customs.settle(run, ended_at, made, error), files={"log": str(log)})
    try:
        run.report = customs.publish(run.report)
    except BaseException as trouble:
        run.report = replace(customs.settle(run, ended_at, made, error or trouble), files=run.report.files)
        why = str(trouble) or type(trouble).__name__
        append_lines(log, [f"{Mark.FAILED} the report could not be written: {why}", *_details(trouble)])
        raise
    finally:
        append_lines(log, customs.closing(run.report))


@contextmanager
def _delivering(run: Run, log: Path, customs: Customs[Run, Report]) -> Iterator[Event]:
    """Deliver the report after the block; what is told of that stands in the log below the run's end.

    Once the block has said that the report is written, it is told as well, also after a Ctrl-C that came meanwhile.
    """
    is_written = Event()
    try:
        yield is_written
    finally:
        with ExitStack() as stack:
            with suppress(Ec2BackupError):  # on a full disk there is no log, and all the more to say elsewhere
                stack.enter_context(kept_log(log))
            if run.report:
                run.report = customs.deliver(run.report)
        if run.report and is_written.is_set():
            tell_report(run.report, customs.step(13))


def _details(error: BaseException) -> list[str]:
    """Return what only the log says of an error: all bad lines of a CSV, or where in the program a fault is."""
    if isinstance(error, Ec2BackupError):
        return [str(line) for line in error.bad_lines]
    return ["".join(format_exception(error))] if isinstance(error, Exception) else []
