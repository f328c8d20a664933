"""The coverage on a terminal: what misses the objective and what to do, the figures, and where everything is."""

from rich.console import Console
from rich.text import Text

from ec2_backup.coverage.command import to_next_command
from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.model import Coverage, Standing
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.coverage.words import (
    STANDINGS,
    account_count,
    age,
    headline,
    kept_by,
    kept_until,
    places,
    where,
)
from ec2_backup.report.units import count
from ec2_backup.terminal.failures import WIDE
from ec2_backup.terminal.screen import plain, print_hanging, print_pairs, print_table
from ec2_backup.terminal.table import SIGN, Column, Sheet
from ec2_backup.terminal.trouble import print_trouble

SHOWN = 50

# "⚠" without its emoji selector: terminals agree that it is one cell wide, so the columns stay straight.
_SIGNS = {Standing.PARTLY: "⚠ ", Standing.UNKNOWN: "? ", Standing.COVERED: "✅"}
_STYLES = {Standing.PARTLY: "yellow", Standing.UNKNOWN: "yellow", Standing.COVERED: "green"}
_ENDS = {
    CoverageStatus.MET: ("✅", "bold green"),
    CoverageStatus.MISSED: ("❌", "bold red"),
    CoverageStatus.ABORTED: ("❌", "bold red"),
    CoverageStatus.INTERRUPTED: ("⚠ ", "bold yellow"),
}
_EMPTY = ("⚠ ", "bold yellow")


def print_coverage(report: CoverageReport, console: Console, *, quiet: bool = False, can_go_on: bool = True) -> None:
    """Print how the coverage is: what misses the objective first, at most 50 instances of it.

    Args:
        report: The look at the coverage.
        console: Where to print.
        quiet: Only what misses the objective, where to look, and as the very last line the verdict.
        can_go_on: Whether the command that backs up what misses it makes any sense, as it does not in a sandbox.
    """
    if not quiet:
        console.print()
    _print_missed(report, console)
    for place in report.closed:
        print_trouble(f"not looked at: account {place.account}, {place.region}: {place.message}", place.hint, console)
    if report.error:
        print_trouble(report.error.message, report.error.hint, console)
    then = [("Next", to_next_command(report))] if can_go_on and to_next_command(report) else []
    where_to_look = next((report.files[kind] for kind in ("html", "csv", "log") if kind in report.files), "")
    if quiet and where_to_look and report.exit_code:
        print_pairs(console, [("Report", where_to_look), *then], wrap=False)
        console.print()
    sign, style = _EMPTY if report.is_empty else _ENDS[report.status]
    print_hanging(console, Text(sign), plain(headline(report), style))
    if quiet:
        return
    console.print()
    print_pairs(console, figures(report))
    console.print()
    print_pairs(console, [*places(report), *then], wrap=False)


def _print_missed(report: CoverageReport, console: Console) -> None:
    shown = report.missed[:SHOWN]
    if not shown:
        return
    remedies: dict[str, int] = {}
    for one in shown:
        remedies.setdefault(one.advice, len(remedies) + 1)
    print_table(_to_table(shown, remedies, account_count(report), console), console)
    if hidden := len(report.missed) - len(shown):
        where_ = report.files.get("csv") or "the CSV report"
        print_hanging(console, plain(f"and {count(hidden, 'more instance')} in {where_}"), indent=4)
    for remedy, number in remedies.items():
        print_hanging(console, plain(f"What to do ({number}):", "bold"), plain(remedy), indent=4)
    console.print()


def _to_table(shown: tuple[Coverage, ...], remedies: dict[str, int], accounts: int, console: Console) -> Sheet:
    """Return one row per instance: on a narrow screen with two lines in its cells, elsewhere with more columns."""
    is_wide = console.width >= WIDE or not console.is_terminal
    more = ("Name", "Region", "Age", "Kept by", "To do") if is_wide else ()
    columns = (SIGN, Column("Instance", least=19), *(Column(title, least=len(title)) for title in more), Column("Why"))
    rows = []
    for one in shown:
        to_do = f"({remedies[one.advice]})"
        cells = _columns(one, to_do, accounts) if is_wide else _stacked(one, to_do, accounts)
        rows.append([Text(_SIGNS.get(one.standing, "❌")), *cells])
    return Sheet(columns, rows)


def _columns(one: Coverage, to_do: str, accounts: int) -> list[Text]:
    whose = (one.instance.name, where(one, accounts), age(one), _kept_by(one), to_do)
    return [plain(one.instance.instance_id, "bold"), *map(plain, whose), _why(one)]


def _stacked(one: Coverage, to_do: str, accounts: int) -> list[Text]:
    whose = ", ".join(filter(None, (one.instance.name, where(one, accounts))))
    below = ", ".join(filter(None, (f"kept by {_kept_by(one)}" if one.origin else "", f"to do {to_do}")))
    return [
        Text("\n").join([plain(one.instance.instance_id, "bold"), plain(whose, "dim")]),
        Text("\n").join([_why(one), plain(below, "dim")]),
    ]


def _kept_by(one: Coverage) -> str:
    # The key of a run is long, and the report has it.
    return kept_by(one.origin).partition(" ")[0] if one.origin and one.origin.keeper == "run" else kept_by(one.origin)


def _why(one: Coverage) -> Text:
    soon = f"; it is deleted on {kept_until(one.last)}" if one.expires_soon else ""
    return plain(f"{STANDINGS[one.standing]}: {one.reason}{soon}", _STYLES.get(one.standing, "red"))
