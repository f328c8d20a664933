"""How the last runs went, as the geometry of a picture: pure numbers, for a template to draw.

Places across are percent of the picture's width, so that one drawing serves every width; heights are percent too.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ec2_backup.history.past_run import PastRun
from ec2_backup.states import RunStatus, Verdict

FEWEST_PLACES = 12  # fewer runs leave the rest of the width empty: two bars as wide as a hand say nothing more
BAR_SHARE = 0.7
MOST_LABELS = 4
LEAST_SEEN = 4.0  # percent of the height: one failed instance of a thousand must be seen

_FILLS = {RunStatus.INTERRUPTED: Verdict.RUNNING.value}


@dataclass(frozen=True, slots=True)
class TrendBar:
    """One run: its place, how high its proven share and its duration are, and the date below it if there is one.

    `proven` and `rest` are 100 together; `fill` is the verdict that the rest looks like. `duration` is 0 where nobody
    knows how long the run took.
    """

    run: PastRun
    left: float
    width: float
    proven: float
    rest: float
    fill: str
    duration: float
    label: str = ""

    @property
    def middle(self) -> float:
        """Where the bar's middle is."""
        return self.left + self.width / 2


@dataclass(frozen=True, slots=True)
class Trend:
    """The runs in the order in which they ended; the last one is the run whose report this is."""

    bars: tuple[TrendBar, ...]

    @property
    def latest(self) -> PastRun:
        """The run whose report this is."""
        return self.bars[-1].run

    @property
    def longest(self) -> float | None:
        """How many seconds the run took that took the most, None where that is known of none."""
        return max((bar.run.seconds for bar in self.bars if bar.run.seconds is not None), default=None)

    @property
    def whole(self) -> int:
        """How many of the runs have proven every instance."""
        return sum(bar.run.status is RunStatus.PROVEN for bar in self.bars)


def to_trend(runs: Sequence[PastRun]) -> Trend | None:
    """Return the geometry of these runs, None where there are fewer than two: one run is no trend."""
    if len(runs) < 2:
        return None
    place = 100 / max(len(runs), FEWEST_PLACES)
    longest = max(run.seconds or 0.0 for run in runs) or 1.0
    labels = _labels(runs)
    return Trend(
        tuple(
            TrendBar(
                run,
                number * place + place * (1 - BAR_SHARE) / 2,
                place * BAR_SHARE,
                *_shares(run),
                _FILLS.get(run.status, Verdict.FAILED.value),
                0.0 if run.seconds is None else max(LEAST_SEEN, run.seconds / longest * 100),
                labels[number],
            )
            for number, run in enumerate(runs)
        )
    )


def _shares(run: PastRun) -> tuple[float, float]:
    """Return how much of a run's bar is proven and how much is not, each of them seen where it is not nothing."""
    rate = run.success_rate or 0.0
    if rate in {0.0, 1.0}:
        return rate * 100, 100 - rate * 100
    proven = min(max(rate * 100, LEAST_SEEN), 100 - LEAST_SEEN)
    return proven, 100 - proven


def _labels(runs: Sequence[PastRun]) -> list[str]:
    """Return the date or the time of every run that has room for one, the last run's among them."""
    every = -(-max(len(runs), FEWEST_PLACES) // MOST_LABELS)
    days = runs[-1].started_at - runs[0].started_at >= timedelta(days=1)
    return [
        f"{run.started_at:{'%d %b' if days else '%H:%M'}}" if (len(runs) - 1 - number) % every == 0 else ""
        for number, run in enumerate(runs)
    ]
