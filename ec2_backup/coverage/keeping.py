"""The promise that a look at the coverage always leaves its log and its report, however it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ec2_backup.coverage.log_lines import closing_lines, opening_lines
from ec2_backup.coverage.publication import write_coverage
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.coverage.words import headline
from ec2_backup.customs import Customs
from ec2_backup.keeping import kept, shown

Show = Callable[[CoverageReport], object]


def kept_survey(survey: Survey, show: Show = lambda _: None) -> AbstractContextManager[Survey]:
    """Keep the log while the block goes on and write the report in the end, also after an error.

    `show` shows the report elsewhere once it is written. Raises IncompleteRun where the objective is missed,
    UsageError where log or report cannot be written.
    """
    customs = Customs(
        name="coverage",
        opening=opening_lines,
        closing=closing_lines,
        greeting=lambda survey: f"look {survey.run_key} at the coverage",
        settle=settle,
        publish=write_coverage,
        deliver=shown(show),
        complaint=lambda report: headline(report) if report.status is CoverageStatus.MISSED else "",
    )
    return kept(survey, customs)
