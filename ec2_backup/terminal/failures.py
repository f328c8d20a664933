"""The table of what has no proven recovery point, why, and what to do about it."""

from rich.console import Console
from rich.text import Text

from ec2_backup.report.reasons import SIGNS, advice, name, reason, step, where
from ec2_backup.report.units import count
from ec2_backup.results import Outcome
from ec2_backup.states import Verdict
from ec2_backup.terminal.screen import plain, print_hanging, print_table
from ec2_backup.terminal.table import SIGN, Column, Sheet

FAILURES_SHOWN = 20
WIDE = 120  # columns of a screen from which on each thing has a column of its own


def print_failures(failures: list[Outcome], csv_report: str, console: Console) -> None:
    """Print the first failures as a table, and below it each remedy once, under the number that the table gives it.

    Args:
        failures: The outcomes, the worst first. Those that ask for the same remedy are shown together.
        csv_report: Where the others are, if there are more than 20.
        console: Where to print.
    """
    if not failures:
        return
    remedies: dict[str, int] = {}
    for outcome in failures[:FAILURES_SHOWN]:
        if advice(outcome):
            remedies.setdefault(advice(outcome), len(remedies) + 1)
    shown = sorted(failures[:FAILURES_SHOWN], key=lambda one: remedies.get(advice(one), 0))
    print_table(_to_table(shown, remedies, console), console)
    if hidden := len(failures) - len(shown):
        print_hanging(console, plain(f"and {count(hidden, 'more instance')} in {csv_report}"), indent=4)
    for remedy, number in remedies.items():
        print_hanging(console, plain(f"What to do ({number}):", "bold"), plain(remedy), indent=4)
    console.print()


def _to_table(outcomes: list[Outcome], remedies: dict[str, int], console: Console) -> Sheet:
    """Return one row per instance: on a narrow screen with two lines in its cells, elsewhere with more columns."""
    is_wide = console.width >= WIDE or not console.is_terminal
    more = ("Name", "Region", "Step", "To do") if is_wide else ()
    columns = (SIGN, Column("Instance", least=19), *(Column(title, least=len(title)) for title in more), Column("Why"))
    rows = []
    for outcome in outcomes:
        number = remedies.get(advice(outcome))
        to_do = f"({number})" if number else ""
        cells = _columns(outcome, to_do) if is_wide else _stacked(outcome, to_do)
        rows.append([Text(SIGNS[outcome.verdict]), *cells])
    return Sheet(columns, rows)


def _columns(outcome: Outcome, to_do: str) -> list[Text]:
    whose = (name(outcome), where(outcome), step(outcome), to_do)
    return [_instance_id(outcome), *map(plain, whose), _reason(outcome)]


def _stacked(outcome: Outcome, to_do: str) -> list[Text]:
    whose = ", ".join(filter(None, (name(outcome), where(outcome))))
    below = ", ".join(filter(None, (step(outcome), to_do and f"to do {to_do}")))
    return [_two_lines(_instance_id(outcome), whose), _two_lines(_reason(outcome), below)]


def _two_lines(first: Text, second: str) -> Text:
    return Text("\n").join([first, plain(second, "dim")]) if second else first


def _instance_id(outcome: Outcome) -> Text:
    return plain(outcome.row.instance_id, "bold")


def _reason(outcome: Outcome) -> Text:
    return plain(reason(outcome), "red" if outcome.verdict is Verdict.FAILED else "yellow")
