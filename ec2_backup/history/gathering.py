"""As many past runs of a folder as a question needs, and no more: a folder may hold years of them."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from ec2_backup.history.comparison import is_comparable, to_since_last
from ec2_backup.history.document import to_past_run
from ec2_backup.history.past_run import PastRun, Unreadable
from ec2_backup.history.reading import past_runs
from ec2_backup.results import RunReport
from ec2_backup.since import SinceLast

TREND_RUNS = 30
READ_AT_MOST = 200  # reports that a run looks at when it ends, where most of them are of other lists
READ_FURTHER = 200  # runs beyond those asked for, in search of one to compare with

Wanted = Callable[[PastRun], bool]


@dataclass(frozen=True, slots=True)
class History:
    """Past runs, newest last; what is new in the newest of them that did more than plan; and what could not be read."""

    runs: tuple[PastRun, ...]
    since_last: SinceLast | None = None
    newest: PastRun | None = None
    unreadable: tuple[Unreadable, ...] = ()


def to_history(found: Iterable[PastRun | Unreadable], last: int, wanted: Wanted) -> History:
    """Return the last runs of those that are wanted, and what is new in the newest, from runs given newest first."""
    runs, unreadable = _gathered(found, wanted, lambda runs: _is_enough(runs, last))
    newest = next((run for run in runs if not run.is_dry), None)
    since_last = to_since_last(newest, runs) if newest else None
    shown = sorted(runs[:last], key=lambda run: run.ended_at)
    return History(tuple(shown), since_last, newest, unreadable)


def history_before(report: RunReport, folder: Path) -> History:
    """Return the last runs that can be compared with a run that ends now, it being the last of them.

    Of a dry run, and of the first run, there is no history: nothing but the run itself.
    """
    run = to_past_run(report, folder)
    if run.is_dry:
        return History((run,), None, run)
    found = islice(past_runs(folder), READ_AT_MOST)
    others, unreadable = _gathered(
        found,
        lambda other: is_comparable(run, other),
        lambda others: len(others) >= TREND_RUNS - 1 and to_since_last(run, others) is not None,
    )
    shown = sorted(others[: TREND_RUNS - 1], key=lambda other: other.ended_at)
    return History((*shown, run), to_since_last(run, others), run, unreadable)


def _gathered(
    found: Iterable[PastRun | Unreadable], wanted: Wanted, is_enough: Callable[[list[PastRun]], bool]
) -> tuple[list[PastRun], tuple[Unreadable, ...]]:
    runs: list[PastRun] = []
    unreadable: list[Unreadable] = []
    for one in found:
        if isinstance(one, Unreadable):
            unreadable.append(one)
        elif wanted(one):
            runs.append(one)
            if is_enough(runs):
                break
    return runs, tuple(unreadable)


def _is_enough(runs: list[PastRun], last: int) -> bool:
    if len(runs) < last:
        return False
    newest = next((run for run in runs if not run.is_dry), None)
    return len(runs) >= last + READ_FURTHER or (newest is not None and to_since_last(newest, runs) is not None)
