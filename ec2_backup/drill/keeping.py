"""The promise that a drill always leaves its log and its report, however it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ec2_backup.customs import Customs
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.log_lines import closing_lines, opening_lines
from ec2_backup.drill.publication import write_drill
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.settlement import settle
from ec2_backup.drill.words import headline
from ec2_backup.keeping import kept, shown
from ec2_backup.states import RunStatus

Recall = Callable[[DrillLedger], None]
Show = Callable[[DrillReport], object]


def kept_drill(run: DrillLedger, recall: Recall, show: Show) -> AbstractContextManager[DrillLedger]:
    """Keep the drill's log while the block goes on and write its report in the end, also after an error.

    Args:
        run: The ledger that the block fills.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.
        show: Shows the report elsewhere once it is written.

    Raises:
        IncompleteRun: The report is written; something was not proven, or something is left.
        UsageError: The log, or the report of a drill that ended well, cannot be written.
    """
    customs = Customs(
        name="drill",
        opening=opening_lines,
        closing=closing_lines,
        greeting=lambda run: f"drill {run.run_key}",
        settle=settle,
        publish=write_drill,
        deliver=shown(show),
        complaint=lambda report: headline(report) if report.status is RunStatus.INCOMPLETE else "",
        recall=recall,
    )
    return kept(run, customs)
