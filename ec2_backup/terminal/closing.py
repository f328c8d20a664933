"""The end of a run on a terminal: what failed and what to do, the figures, and where everything is."""

from rich.console import Console
from rich.text import Text

from ec2_backup.report.copies import lacking_copies
from ec2_backup.report.figures import figures, headline, places
from ec2_backup.report.grouping import place_pairs
from ec2_backup.report.reasons import failures_first
from ec2_backup.report.since import since_last_line
from ec2_backup.results import RunReport
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.copies import print_lacking_copies
from ec2_backup.terminal.failures import print_failures
from ec2_backup.terminal.screen import plain, print_hanging, print_pairs
from ec2_backup.terminal.trouble import print_trouble

_STYLES = {
    RunStatus.PROVEN: ("✅", "bold green"),
    RunStatus.PLANNED: ("✅", "bold"),
    RunStatus.INCOMPLETE: ("❌", "bold red"),
    RunStatus.ABORTED: ("❌", "bold red"),
    RunStatus.INTERRUPTED: ("⚠ ", "bold yellow"),
}


def print_report(
    report: RunReport, console: Console, *, next_command: str = "", restore_hint: str = "", quiet: bool = False
) -> None:
    """Print how a run ended.

    Args:
        report: The run.
        console: Where to print.
        next_command: What to type next, where there is something.
        restore_hint: How to restore what was proven, where somebody can.
        quiet: Only what failed, where to look, and as the very last line the verdict.
    """
    failures = failures_first(report.failures)
    then = [("Next", next_command)] if next_command else []
    if not quiet:
        console.print()
    # Where an error ended the run it says all there is to say of instances whose turn never came.
    reached = [one for one in failures if not (report.error and one.verdict is Verdict.NOT_STARTED)]
    print_failures(reached, report.files.get("csv") or "the CSV report", console)
    print_lacking_copies(lacking_copies(report), report.files.get("csv") or "the CSV report", console)
    if report.error:
        print_trouble(report.error.message, report.error.hint, console)
    sign, style = _STYLES[RunStatus.INCOMPLETE if failures and report.status is RunStatus.PLANNED else report.status]
    if quiet:
        _print_where(report, then, console)
    print_hanging(console, Text(sign), plain(headline(report), style))
    if quiet:
        return
    if news := since_last_line(report):
        print_hanging(console, plain(news), indent=4)
    console.print()
    print_pairs(console, figures(report))
    console.print()
    if by_account := place_pairs(report):
        print_pairs(console, by_account)
        console.print()
    restore = [("Restore", restore_hint)] if restore_hint else []
    print_pairs(console, [*places(report), *restore, *then], wrap=False)


def _print_where(report: RunReport, then: list[tuple[str, str]], console: Console) -> None:
    """Print the one report to look at, and what to type next, where there was trouble."""
    if not (report.failures or report.error or lacking_copies(report)):
        return
    kind = next((kind for kind in ("html", "csv", "log") if kind in report.files), "")
    print_pairs(console, [*([("Report", report.files[kind])] if kind else []), *then], wrap=False)
    console.print()
