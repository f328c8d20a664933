"""The table of the copies that are not proven, why, and what to do about them."""

from rich.console import Console
from rich.text import Text

from ec2_backup.report.copies import ShownCopy, where_to
from ec2_backup.report.reasons import SIGNS
from ec2_backup.report.units import count
from ec2_backup.states import Verdict
from ec2_backup.terminal.screen import plain, print_hanging, print_table
from ec2_backup.terminal.table import SIGN, Column, Sheet

COPIES_SHOWN = 20


def print_lacking_copies(copies: list[ShownCopy], csv_report: str, console: Console) -> None:
    """Print the first copies that are not proven as a table, and below it each remedy once.

    Args:
        copies: The copies, of backups that are proven or planned.
        csv_report: Where the others are, if there are more than 20.
        console: Where to print.
    """
    if not copies:
        return
    shown = copies[:COPIES_SHOWN]
    columns = (SIGN, Column("Instance", least=19), Column("Copy into"), Column("Why"))
    print_table(Sheet(columns, [[Text(SIGNS[one.copy.verdict]), *_cells(one)] for one in shown]), console)
    if hidden := len(copies) - len(shown):
        print_hanging(console, plain(f"and {count(hidden, 'more copy', 'more copies')} in {csv_report}"), indent=4)
    for remedy in dict.fromkeys(one.advice for one in shown if one.advice):
        print_hanging(console, plain("What to do:", "bold"), plain(remedy), indent=4)
    console.print()


def _cells(one: ShownCopy) -> list[Text]:
    who = plain(one.outcome.row.instance_id, "bold")
    style = "red" if one.copy.verdict is Verdict.FAILED else "yellow"
    return [who, plain(where_to(one.copy, one.outcome.account)), plain(one.reason, style)]
