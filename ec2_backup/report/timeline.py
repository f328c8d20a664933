"""When each job ran, as the geometry of a picture: pure numbers, for a template to draw.

Places across are percent of the picture's width, so that one drawing serves every width.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ec2_backup.model import BackupJob
from ec2_backup.results import Outcome

NARROWEST = 0.4
MOST_TICKS = 6

_SECOND, _MINUTE, _HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
_STEPS = (
    *(_SECOND * number for number in (1, 2, 5, 10, 15, 30)),
    *(_MINUTE * number for number in (1, 2, 5, 10, 15, 30)),
    *(_HOUR * number for number in (1, 2, 3, 6, 12)),
)
_MIDNIGHT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Bar:
    """One job: where its bar begins and how wide it is.

    `ended` is None where the job goes on, and where AWS does not say when it ended: then it is not `dated` either.
    """

    outcome: Outcome
    left: float
    width: float
    started: datetime
    ended: datetime | None
    seconds: float
    dated: bool = True


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on the axis of time, with the time that stands there."""

    left: float
    label: str


@dataclass(frozen=True, slots=True)
class Timeline:
    """The jobs of a run in the order in which they were created, and the axis below which they stand."""

    began: datetime
    ended: datetime
    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]

    @property
    def longest(self) -> Bar:
        """The job that took the most time, of those that have ended if there are any."""
        return max(self.bars, key=lambda bar: (bar.ended is not None, bar.seconds))


def to_timeline(outcomes: Sequence[Outcome], until: datetime) -> Timeline | None:
    """Return the geometry of all jobs, None where there is none; a job that goes on is drawn up to `until`."""
    jobs = [(outcome, outcome.job) for outcome in outcomes if outcome.job]
    if not jobs:
        return None
    jobs.sort(key=lambda pair: pair[1].created_at)
    began = jobs[0][1].created_at
    ended = max(began + _SECOND, *(_end(job, until) for _, job in jobs))
    bars = tuple(_bar(outcome, job, began, ended, until) for outcome, job in jobs)
    return Timeline(began, ended, bars, tuple(_ticks(began, ended)))


def _end(job: BackupJob, until: datetime) -> datetime:
    # AWS's clock and this machine's differ: a job never ends before it was created.
    unknown = job.created_at if job.state.is_final else until
    return max(job.created_at, job.completed_at or unknown)


def _bar(outcome: Outcome, job: BackupJob, began: datetime, ended: datetime, until: datetime) -> Bar:
    end, whole = _end(job, until), ended - began
    width = min(100.0, max(NARROWEST, (end - job.created_at) / whole * 100))
    left = min((job.created_at - began) / whole * 100, 100.0 - width)
    seconds = (end - job.created_at).total_seconds()
    dated = bool(job.completed_at) or not job.state.is_final
    return Bar(outcome, left, width, job.created_at, end if job.completed_at else None, seconds, dated)


def _ticks(began: datetime, ended: datetime) -> Iterator[Tick]:
    step = _step(ended - began)
    form = "%d %b %H:%M" if ended - began >= _HOUR * 24 else "%H:%M" if step >= _MINUTE else "%H:%M:%S"
    moment = _MIDNIGHT - (_MIDNIGHT - began) // step * step
    while moment <= ended:
        yield Tick((moment - began) / (ended - began) * 100, f"{moment.astimezone(UTC):{form}}")
        moment += step


def _step(span: timedelta) -> timedelta:
    """Return the least of the usual steps that needs no more ticks than fit, whole days where none of them is enough.

    A span of n steps holds up to n + 1 ticks.
    """
    for step in _STEPS:
        if span < step * MOST_TICKS:
            return step
    return timedelta(days=1 + span // timedelta(days=MOST_TICKS))
