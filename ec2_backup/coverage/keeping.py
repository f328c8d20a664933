"""The promise that a look at the coverage always leaves its log and its report, however it ends."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from traceback import format_exception

from ec2_backup import calls, stop
from ec2_backup.coverage.log_lines import closing_lines, opening_lines
from ec2_backup.coverage.publication import write_coverage
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.coverage.words import headline
from ec2_backup.errors import Ec2BackupError, IncompleteRun, InventoryError
from ec2_backup.logfile import append_lines, kept_log, log_path
from ec2_backup.narration import LOGGER, Mark, tell, tell_link
from ec2_backup.settlement import Calls

Deliver = Callable[[CoverageReport], object]


@contextmanager
def kept_survey(survey: Survey, deliver: Deliver = lambda _: None) -> Iterator[Survey]:
    """Keep the log while the block goes on and write the report in the end, also after an error.

    `deliver` shows the report elsewhere once it is written. Raises IncompleteRun where the objective is missed,
    UsageError where log or report cannot be written.
    """
    stop.resume()
    earlier, earlier_throttled = calls.made(), calls.throttled()
    error: BaseException | None = None
    log = log_path(survey.request.output, datetime.now(UTC), "coverage")
    append_lines(log, opening_lines(survey))
    try:
        with kept_log(log):
            tell(f"look {survey.run_key} at the coverage", mark=Mark.DONE)
            if survey.run_url:
                tell_link(survey.run_url)
            try:
                yield survey
            except BaseException as caught:
                error = stop.interruption_of(caught) or caught
                stop.stop()
                with suppress(Ec2BackupError):  # a log that cannot be written may not hide why the look ended
                    append_lines(log, _details(error))
                if error is caught:
                    raise
                raise error from None
    finally:
        made = Calls(calls.since(earlier), calls.throttled() - earlier_throttled)
        with _not_hiding(error):
            _close(survey, log, made, error)
            _deliver(survey, deliver)
    if survey.report and survey.report.status is CoverageStatus.MISSED:
        raise IncompleteRun(headline(survey.report), hint="The report names each instance, the reason and what to do.")


def _close(survey: Survey, log: Path, made: Calls, error: BaseException | None) -> None:
    survey.report = replace(settle(survey, datetime.now(UTC), made, error), files={"log": str(log)})
    survey.report = write_coverage(survey.report)
    append_lines(log, closing_lines(survey.report))


def _deliver(survey: Survey, deliver: Deliver) -> None:
    """Show the report, and tell that it is there; the last record of a look."""
    if survey.report is None:
        return
    try:
        deliver(survey.report)
    except BaseException as trouble:  # noqa: BLE001 - what was found is on disk: nothing that comes now may hide it
        why = str(trouble) or type(trouble).__name__
        tell(f"the report's files are written, its artifacts in Prefect are not: {why}", mark=Mark.WARNING)
    told = {"mark": Mark.DONE, "step": None, "progress": None, "report": survey.report}
    LOGGER.info("log and report are written", extra=told)


@contextmanager
def _not_hiding(error: BaseException | None) -> Iterator[None]:
    """Tell of trouble with the report, instead of raising it, where the look has ended with an error already."""
    try:
        yield
    except Exception as trouble:
        if error is None:
            raise
        tell(f"the report could not be written: {trouble}", mark=Mark.FAILED)


def _details(error: BaseException) -> list[str]:
    """Return what only the log says of an error: all bad lines of a list, or where in the program a fault is."""
    if isinstance(error, InventoryError):
        return [str(line) for line in error.bad_lines]
    if isinstance(error, Exception) and not isinstance(error, Ec2BackupError):
        return ["".join(format_exception(error))]
    return []
