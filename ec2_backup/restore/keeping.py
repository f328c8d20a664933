"""The promise that a restore always leaves its log and its report, however it ends."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from ec2_backup.customs import Customs, nothing
from ec2_backup.keeping import kept, shown
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.log_lines import closing_lines, opening_lines
from ec2_backup.restore.publication import write_restore
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.settlement import settle
from ec2_backup.restore.words import headline
from ec2_backup.states import RunStatus

Recall = Callable[[RestoreLedger], None]
Show = Callable[[RestoreReport], object]


def kept_restore(
    run: RestoreLedger, recall: Recall = nothing, show: Show = lambda _: None
) -> AbstractContextManager[RestoreLedger]:
    """Keep the run's log while the block goes on and write its report in the end, also after an error.

    Args:
        run: The ledger that the block fills.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.
        show: Shows the report elsewhere once it is written.

    Raises:
        IncompleteRun: The report is written and something was not restored or not proven.
        UsageError: The log, or the report of a run that ended well, cannot be written.
    """
    customs = Customs(
        name="restore",
        opening=opening_lines,
        closing=closing_lines,
        greeting=lambda run: f"restore {run.run_key}",
        settle=settle,
        publish=write_restore,
        deliver=shown(show),
        complaint=lambda report: headline(report) if report.status is RunStatus.INCOMPLETE else "",
        noun="restore",
        recall=recall,
    )
    return kept(run, customs)
