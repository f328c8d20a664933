"""The runs of a folder on a terminal: a table for each CSV and vault, and what is new in the newest run."""

from collections.abc import Iterable, Sequence
from datetime import UTC

from rich.console import Console
from rich.text import Text

from ec2_backup.history.gathering import History
from ec2_backup.history.past_run import PastRun, Seen
from ec2_backup.report.since import to_news
from ec2_backup.report.units import count, duration, percentage, size
from ec2_backup.since import SinceLast
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.screen import plain, print_hanging
from ec2_backup.terminal.table import Column, Sheet

WIDE = 118  # columns; narrower screens get no bar, no words beside the signs, and no year that the key has too
BAR_CELLS = 10
NAMED = 20

_OUTCOMES = {
    RunStatus.PROVEN: ("✅", "proven", "green"),
    RunStatus.INCOMPLETE: ("❌", "incomplete", "red"),
    RunStatus.PLANNED: ("📋", "planned", ""),
    RunStatus.ABORTED: ("❌", "ended early", "red"),
    RunStatus.INTERRUPTED: ("⚠ ", "interrupted", "yellow"),
}
_HEIGHTS = "▁▂▃▄▅▆▇█"


def print_history(history: History, nothing: str, console: Console) -> None:
    """Print the runs, newest last, then what is new in the newest; `nothing` is what to say where there are none."""
    for file in history.unreadable:
        print_hanging(console, Text("⚠ "), plain(f"left out: {file}", "yellow"))
    if not history.runs:
        print_hanging(console, plain(nothing))
        return
    for heading, runs in _by_list(history.runs).items():
        _print_runs(heading, runs, console)
    if history.newest and history.since_last:
        _print_since(history.since_last, history.newest, console)


def _by_list(runs: Sequence[PastRun]) -> dict[str, list[PastRun]]:
    """Return the runs by the list that they back up and where to, the list of the newest run last."""
    accounts: dict[tuple[str, str], set[str]] = {}
    for run in runs:
        accounts.setdefault((run.origin.csv, run.vault), set()).update({run.account} - {""})
    lists: dict[str, list[PastRun]] = {}
    for run in reversed(runs):
        several = len(accounts[run.origin.csv, run.vault]) > 1
        account = f", account {run.account or 'not known'}" if several else ""
        lists.setdefault(f"{run.origin.csv} to vault {run.vault}{account}", []).append(run)
    return {heading: of_list[::-1] for heading, of_list in reversed(lists.items())}


def _print_runs(heading: str, runs: list[PastRun], console: Console) -> None:
    is_wide = console.width >= WIDE
    console.print()
    rates = [run for run in runs if not run.is_dry]
    line = "".join(map(_height, rates[-40:])) if len(rates) > 1 else ""
    print_hanging(console, plain(heading, "bold"), Text(line, style="green"))
    figures = ("Proven", *([""] if is_wide else []), "Rate", "Took", "Size")
    columns = [
        Column("Began (UTC)" if is_wide else "Began UTC", is_whole=True),
        Column("Run"),
        Column("Outcome" if is_wide else "", is_whole=True),
        *(Column(title, is_whole=True, justify="right" if title else "left") for title in figures),
    ]
    rows = [list(_cells(run, is_wide=is_wide)) for run in runs]
    console.print(Sheet(columns, rows, padding=(int(is_wide), 1), has_edge=False))


def _cells(run: PastRun, *, is_wide: bool) -> Iterable[Text]:
    sign, words, style = _OUTCOMES[run.status]
    rate = run.success_rate
    yield Text(f"{run.started_at.astimezone(UTC):{'%Y-%m-%d %H:%M' if is_wide else '%m-%d %H:%M'}}")
    yield plain(run.run_key)
    yield Text(f"{sign} {words}{', part' if run.origin.is_part else ''}" if is_wide else sign, style=style)
    yield Text(_proven(run, is_wide=is_wide))
    if is_wide:
        yield _bar(rate)
    yield Text("" if rate is None else percentage(rate))
    yield Text("–" if run.seconds is None else duration(run.seconds))
    yield Text("" if rate is None else size(run.protected_bytes))


def _proven(run: PastRun, *, is_wide: bool) -> str:
    if run.is_dry or not run.instances:
        return f"{run.instances:,}" if run.instances else ""
    of = " of " if is_wide else "/"
    copies = f", copies {run.proven_copies:,}{of}{run.copies:,}" if run.copies else ""
    return f"{run.proven:,}{of}{run.instances:,}{copies}"


def _bar(rate: float | None) -> Text:
    if rate is None:
        return Text()
    full = int(rate * BAR_CELLS)  # rounded down: only what is whole looks whole
    return Text("█" * full, style="green").append("░" * (BAR_CELLS - full), style="red" if rate < 1 else "green")


def _height(run: PastRun) -> str:
    rate = run.success_rate
    return "·" if rate is None else _HEIGHTS[int(rate * (len(_HEIGHTS) - 1))]


def _print_since(since: SinceLast, newest: PastRun, console: Console) -> None:
    console.print()
    began, before = (f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}" for moment in (newest.started_at, since.started_at))
    print_hanging(console, plain(f"New in the run of {began}, since that of {before} UTC", "bold"))
    news = to_news(since)
    if not since.has_news:
        print_hanging(console, plain("nothing: the same instances, and each ended as it did then"), indent=2)
    for kind in news:
        print_hanging(console, plain(f"{kind.heading}: {count(len(kind.instances), 'instance')}"), indent=2)
        for key in kind.instances[:NAMED]:
            _print_instance(key, newest.seen.get(key), since.names.get(key, ""), console)
        if len(kind.instances) > NAMED:
            hidden = f"and {count(len(kind.instances) - NAMED, 'more instance')}: --json names them all"
            print_hanging(console, plain(hidden), indent=4)
    if since.unsettled:
        words = f"The run ended before it could tell: {count(len(since.unsettled), 'instance')}"
        print_hanging(console, plain(words, "dim"), indent=2)


def _print_instance(key: str, seen: Seen | None, name: str, console: Console) -> None:
    sign = "  " if seen is None else "✅" if seen.verdict is Verdict.PROVEN else "❌"
    words = [word for word in ((seen.name if seen else name), seen.reason if seen else "") if word]
    print_hanging(console, Text(sign), plain(key, "bold"), plain(": ".join(words), "dim"), indent=4)
