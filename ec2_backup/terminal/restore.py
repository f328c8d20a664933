"""A restore on a terminal: the plan before anything starts, and in the end what was restored, and how long it took."""

from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from ec2_backup.report.units import count
from ec2_backup.restore import words
from ec2_backup.restore.command import to_next_command
from ec2_backup.restore.plan import NEVER_RESTORED
from ec2_backup.restore.report import RestoreOutcome, RestoreReport
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.screen import plain, print_hanging, print_pairs
from ec2_backup.terminal.table import SIGN, Column, Sheet
from ec2_backup.terminal.trouble import print_trouble

PLANS_SHOWN = 20
STYLES = {
    RunStatus.PROVEN: ("✅", "bold green"),
    RunStatus.PLANNED: ("✅", "bold"),
    RunStatus.INCOMPLETE: ("❌", "bold red"),
    RunStatus.ABORTED: ("❌", "bold red"),
    RunStatus.INTERRUPTED: ("⚠ ", "bold yellow"),
}


def print_restore_plan(outcomes: Sequence[RestoreOutcome], console: Console) -> None:
    """Print what would be started: each recovery point, the new instance as it will be, and what it will lack."""
    planned = [one for one in outcomes if one.plan]
    console.print()
    turns = {one.row.turn for one in outcomes}
    for outcome in planned[:PLANS_SHOWN]:
        turn = f"{outcome.row.turn}. " if len(turns) > 1 else ""
        name = f" ({outcome.source_name})" if outcome.source_name else ""
        print_hanging(console, plain(f"{turn}{outcome.source}{name}", "bold"), indent=4)
        _print_plan(outcome, console)
        console.print()
    if (hidden := len(planned) - PLANS_SHOWN) > 0:
        print_hanging(console, plain(f"and {count(hidden, 'more restore')}, in the report"), indent=4)
    if planned:
        print_hanging(console, plain(f"In no restore: {NEVER_RESTORED}.", "dim"), indent=4)
        print_hanging(console, plain("The originals are not touched.", "dim"), indent=4)


def _print_plan(outcome: RestoreOutcome, console: Console) -> None:
    chosen = outcome.chosen
    if chosen is None or outcome.plan is None:
        return
    vault = f"{words.point(outcome)}, vault {chosen.point.vault_name} in {chosen.point.target}"
    print_pairs(console, [("Recovery point", vault), *words.settings(outcome.plan)])
    for note in words.notes(outcome):
        sign, style = ("⚠ ", "yellow") if not note.startswith("left out") else ("-", "dim")
        print_hanging(console, plain(sign, style), plain(note, style), indent=4)


def print_restore(
    report: RestoreReport, console: Console, *, quiet: bool = False, can_go_on: bool = True, was_asked: bool = False
) -> None:
    """Print how a restore ended.

    Args:
        report: The run.
        console: Where to print.
        quiet: Only what failed, and as the very last line the verdict.
        can_go_on: Whether there is an AWS left to go on with.
        was_asked: Whether the plan was shown already.
    """
    if report.status is RunStatus.PLANNED and not was_asked and not quiet:
        print_restore_plan(report.outcomes, console)
    if not quiet:
        console.print()
    began = any(one.verdict not in {Verdict.PLANNED, Verdict.FAILED} or one.job for one in report.outcomes)
    if report.failures or (began and not quiet):
        shown = report.failures if quiet else report.outcomes
        console.print(_to_table(shown))
        print_remedies(report.failures, console)
    print_verdict(report, words.headline(report), words.figures(report), console, quiet=quiet)
    if not quiet:
        print_places(report, to_next_command(report) if can_go_on else "", console)


def print_verdict(
    report: RestoreReport, headline: str, figures: list[tuple[str, str]], console: Console, *, quiet: bool
) -> None:
    """Print what ended the run early, if something did, the headline, and unless only trouble is wanted the figures."""
    if report.error:
        print_trouble(report.error.message, report.error.hint, console)
    sign, style = STYLES[report.status]
    print_hanging(console, Text(sign), plain(headline, style))
    if not quiet:
        console.print()
        print_pairs(console, figures)


def print_places(report: RestoreReport, next_command: str, console: Console) -> None:
    """Print where log, reports and the run in Prefect are, and what to type next."""
    console.print()
    print_pairs(console, [*words.places(report), *([("Next", next_command)] if next_command else [])], wrap=False)


def _to_table(outcomes: Sequence[RestoreOutcome]) -> Sheet:
    columns = (
        SIGN,
        Column("Original", least=19),
        Column("New instance"),
        Column("Recovery", is_whole=True),
        Column("Volumes", is_whole=True, justify="right"),
        Column("Verdict"),
    )
    return Sheet(columns, list(map(_to_row, outcomes)))


def _to_row(one: RestoreOutcome) -> list[Text]:
    said = words.VERDICTS[one.verdict] + (f": {words.reason(one)}" if one.failure else "")
    return [
        Text(words.SIGNS[one.verdict]),
        original(one),
        plain(one.created_id),
        plain(words.recovery(one)),
        plain(str(len(one.restored.instance.volumes)) if one.restored and one.restored.instance.volumes else ""),
        plain(said, "red" if one.verdict is Verdict.FAILED else ""),
    ]


def original(outcome: RestoreOutcome) -> Text:
    """Return what is restored, with its name below it."""
    name = Text("\n").append_text(plain(outcome.source_name, "dim")) if outcome.source_name else ""
    return Text.assemble(plain(outcome.source, "bold"), name)


def print_remedies(failures: Sequence[RestoreOutcome], console: Console) -> None:
    """Print what to do about these failures, each advice once."""
    for remedy in dict.fromkeys(words.advice(one) for one in failures if words.advice(one)):
        print_hanging(console, plain("What to do:", "bold"), plain(remedy), indent=4)
    if failures:
        console.print()
