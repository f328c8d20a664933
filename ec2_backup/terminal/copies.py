"""The table of the copies that are not proven, why, and what to do about them."""

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from ec2_backup.report.copies import ShownCopy, where_to
from ec2_backup.report.reasons import SIGNS
from ec2_backup.report.units import count
from ec2_backup.states import Verdict
from ec2_backup.terminal.screen import plain, print_hanging, print_table

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
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold")
    table.add_column("", width=2, no_wrap=True)
    table.add_column("Instance", overflow="fold", min_width=19)
    table.add_column("Copy into", overflow="fold")
    table.add_column("Why", overflow="fold")
    for one in shown:
        table.add_row(Text(SIGNS[one.copy.verdict]), *_cells(one))
    print_table(table, console)
    if hidden := len(copies) - len(shown):
        print_hanging(console, plain(f"and {count(hidden, 'more copy', 'more copies')} in {csv_report}"), indent=4)
    for remedy in dict.fromkeys(one.advice for one in shown if one.advice):
        print_hanging(console, plain("What to do:", "bold"), plain(remedy), indent=4)
    console.print()


def _cells(one: ShownCopy) -> list[Text]:
    who = plain(one.outcome.row.instance_id, "bold")
    style = "red" if one.copy.verdict is Verdict.FAILED else "yellow"
    return [who, plain(where_to(one.copy, one.outcome.account)), plain(one.reason, style)]
