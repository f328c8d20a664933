"""The end of a run on a terminal: what failed and what to do, the figures, and where everything is."""

from rich.console import Console
from rich.text import Text

from ec2_backup.report.figures import figures, headline, places
from ec2_backup.report.grouping import place_pairs
from ec2_backup.report.reasons import SIGNS, advice, failures_first, name, reason, step, where
from ec2_backup.report.since import since_last_line
from ec2_backup.report.units import count
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.screen import plain, print_hanging, print_pairs
from ec2_backup.terminal.trouble import print_trouble

FAILURES_SHOWN = 20

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
    _print_failures(reached, report, console)
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
    if not (report.failures or report.error):
        return
    kind = next((kind for kind in ("html", "csv", "log") if kind in report.files), "")
    print_pairs(console, [*([("Report", report.files[kind])] if kind else []), *then], wrap=False)
    console.print()


def _print_failures(failures: list[Outcome], report: RunReport, console: Console) -> None:
    """Print the first failures, those that ask for the same remedy together with the remedy below them."""
    groups: dict[tuple[Verdict, str], list[Outcome]] = {}
    for outcome in failures[:FAILURES_SHOWN]:
        groups.setdefault((outcome.verdict, advice(outcome)), []).append(outcome)
    for (_, remedy), outcomes in groups.items():
        for outcome in outcomes:
            _print_failure(outcome, console)
        if remedy:
            print_hanging(console, plain("What to do:", "bold"), plain(remedy), indent=4)
        console.print()
    hidden = len(failures) - FAILURES_SHOWN
    if hidden > 0:
        where = report.files.get("csv") or "the CSV report"
        print_hanging(console, plain(f"and {count(hidden, 'more instance')} in {where}"), indent=4)
        console.print()


def _print_failure(outcome: Outcome, console: Console) -> None:
    at_step = f"step {step(outcome)}" if outcome.failure else ""
    whose = ", ".join(filter(None, (name(outcome), where(outcome), at_step)))
    print_hanging(console, Text(SIGNS[outcome.verdict]), plain(outcome.row.instance_id, "bold"), plain(whose, "dim"))
    style = "red" if outcome.verdict is Verdict.FAILED else "yellow"
    print_hanging(console, plain(reason(outcome), style), indent=4)
