"""A drill on a terminal: the plan before anything starts, and in the end what is proven, and what is left."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

from ec2_backup.drill import words
from ec2_backup.drill.command import to_next_command
from ec2_backup.drill.model import Leftover
from ec2_backup.drill.report import DrillOutcome, DrillReport
from ec2_backup.restore.words import SIGNS, VERDICTS
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.restore import original, print_places, print_remedies, print_restore_plan, print_verdict
from ec2_backup.terminal.screen import plain, print_hanging
from ec2_backup.terminal.table import SIGN, Column, Sheet


def print_drill_plan(
    outcomes: Sequence[DrillOutcome], leftovers: Iterable[Leftover], connected: Iterable[str], console: Console
) -> None:
    """Print what would be started, what of earlier drills would be removed, and how the network is not isolated."""
    print_restore_plan(outcomes, console)
    for flaw in connected:
        print_hanging(console, plain("NOT ISOLATED:", "bold red"), plain(flaw, "red"), indent=4)
    for one in leftovers:
        print_hanging(console, plain(f"To be removed: {one}", "yellow"), indent=4)
    print_hanging(console, plain("Each new instance is terminated when it is proven, or has failed.", "dim"), indent=4)


def print_drill(
    report: DrillReport, console: Console, *, quiet: bool = False, can_go_on: bool = True, was_asked: bool = False
) -> None:
    """Print how a drill ended.

    Args:
        report: The drill.
        console: Where to print.
        quiet: Only what failed or is left, and as the very last line the verdict.
        can_go_on: Whether there is an AWS left to go on with.
        was_asked: Whether the plan was shown already.
    """
    if report.status is RunStatus.PLANNED and not (was_asked or quiet):
        print_drill_plan(report.outcomes, (), report.connected, console)
    began = any(one.verdict not in {Verdict.PLANNED, Verdict.FAILED} or one.job for one in report.outcomes)
    trouble = [one for one in report.outcomes if one in report.failures or one.left]
    if trouble or (began and not quiet):
        console.print(_to_table(trouble if quiet else report.outcomes))
        print_remedies(report.failures, console)
    for one in words.warnings(report) if report.connected or not quiet else ():
        print_hanging(console, plain("⚠ ", "yellow"), plain(one, "yellow"), indent=4)
    print_verdict(report, words.headline(report), words.figures(report), console, quiet=quiet)
    if not quiet:
        print_places(report, to_next_command(report) if can_go_on else "", console)


def _to_table(outcomes: Sequence[DrillOutcome]) -> Sheet:
    columns = (
        SIGN,
        Column("Original", least=19),
        Column("Recovery", is_whole=True),
        Column("Check"),
        Column("Verdict"),
        Column("In the end"),
    )
    return Sheet(columns, list(map(_to_row, outcomes)))


def _to_row(one: DrillOutcome) -> list[Text]:
    said = VERDICTS[one.verdict] + (f": {words.reason(one)}" if one.failure else "")
    return [
        Text(SIGNS[one.verdict]),
        original(one),
        plain(words.recovery(one)),
        plain(words.check(one)),
        plain(said, "red" if one.verdict is Verdict.FAILED else ""),
        plain(words.end(one), "red" if one.left else ""),
    ]
