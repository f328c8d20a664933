"""Step 10: all jobs of a run watched to their end by one shared look at AWS after another."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median_low
from typing import TypeVar

from ec2_backup import stop
from ec2_backup.copies.model import CopyJob
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.forecast import to_remaining_seconds
from ec2_backup.model import BackupJob
from ec2_backup.narration import FleetProgress, Mark, tell, tell_progress
from ec2_backup.settings import BackupOptions
from ec2_backup.states import BackupJobState

FIRST_PAUSE_SECONDS = 1.0
CALM, CLOSE = 1 / 4, 1 / 30  # of a job's age: how much later than it was its end may be seen, and where it is near
LARGE = 1000  # jobs, of which each is one of many: the calm pause of so many is as long as they have been going
SLACK = 1.1  # of a forecast: a look a little later sees the last end, one a little earlier would need another
FAILED_LOOKS = 20  # in a row; with pauses of a minute that is an outage of AWS, not a hiccup
UNSEEN_LOOKS = 3  # a new job may be missing from AWS's lists for a while

Job = TypeVar("Job", BackupJob, CopyJob)
Look = Callable[[Iterable[Job]], Iterable[Job]]
Describe = Callable[[Job], Job | None]


def utc_now() -> datetime:
    """Return the time of day in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Patience:
    """How long to wait for a job, from its creation, and how long to pause between two looks at the most."""

    deadline: timedelta
    longest_pause_seconds: float


def to_patience(options: BackupOptions) -> Patience:
    """Return the patience that a run was asked for."""
    return Patience(timedelta(minutes=options.deadline_minutes), options.poll_seconds)


@dataclass(frozen=True, slots=True)
class Clock:
    """Time as a watch sees it, so that another time can be put in its place.

    A `sleep` that returns True was ended early, by news for whoever the watch is for.
    """

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], bool | None] = stop.sleep


def pause_seconds(age_seconds: float, patience: Patience, jobs: int = 1, ends_in_seconds: float | None = None) -> float:
    """Return how long to wait before the next look: close at first and near the end, calm between.

    Args:
        age_seconds: How long the jobs have been going; what has taken an hour is not over the next second.
        patience: The longest pause there may be.
        jobs: How many go on. The more, the calmer: a look that sees some of many end hastens the run's end by nothing.
        ends_in_seconds: When the last job may have ended, where that can be told.
    """
    share = min(max(CALM, jobs / LARGE), 1)
    calm = min(max(FIRST_PAUSE_SECONDS, age_seconds * share), patience.longest_pause_seconds)
    if ends_in_seconds is None:
        return calm
    return min(calm, max(FIRST_PAUSE_SECONDS, age_seconds * CLOSE, ends_in_seconds * SLACK))


def watch(
    jobs: Mapping[str, Job],
    look: Look[Job],
    describe: Describe[Job],
    patience: Patience,
    clock: Clock = Clock(),
    doing: str = "finished",
) -> Iterator[list[Job]]:
    """Yield the jobs that are over, each once and as soon as that is seen: ended, or past their deadline.

    It yields nothing but a turn, an empty list, where a sleep was ended early.

    Args:
        jobs: The jobs by their keys. It may grow while this goes on: a job that is new in it is watched as well.
        look: Lists jobs at AWS. A look that fails for a passing reason is repeated.
        describe: Asks for one job that the lists do not show; where that fails too, it is waited for all the same.
        patience: How long to wait for a job, and between two looks.
        clock: The time.
        doing: What is told of those that are over.

    Raises:
        AuthenticationError: At once.
        AwsError: 20 looks in a row failed, or one for a reason that lasts.
    """
    known: dict[str, Job] = {}
    over: set[str] = set()
    unseen: Counter[str] = Counter()
    began, looked, failed_looks = clock.now(), False, 0
    while True:
        known |= {key: job for key, job in jobs.items() if key not in known or known[key].job_id != job.job_id}
        waiting = [job for job in known.values() if job.job_id not in over]
        if ended := _over(waiting, clock.now(), patience):
            over.update(job.job_id for job in ended)
            yield ended
            continue
        if not waiting:
            return
        if looked:
            for _ in _turns(_pause_seconds(known.values(), waiting, patience, clock.now()), clock):
                yield []
        looked = True
        try:
            news = _news(waiting, look, describe, unseen)
            failed_looks = 0
        except AwsError as error:
            failed_looks += 1
            _raise_for_lasting(error, failed_looks)
            news = {}
        known |= news
        tell_progress(to_progress(known.values(), clock.now(), began, doing))


def _turns(seconds: float, clock: Clock) -> Iterator[None]:
    """Sleep so long in all, and yield each time that the sleep is ended early."""
    until = clock.now() + timedelta(seconds=seconds)
    while clock.sleep(max((until - clock.now()).total_seconds(), 0.0)):
        yield


def _pause_seconds(known: Iterable[Job], waiting: Sequence[Job], patience: Patience, now: datetime) -> float:
    # What has passed its deadline is neither over nor waited for: no look waits for its end.
    ends_in_seconds = to_remaining_seconds([*[job for job in known if job.state.is_final], *waiting], now)
    return pause_seconds(_age_seconds(waiting, now), patience, len(waiting), ends_in_seconds)


def _age_seconds(jobs: Iterable[Job], now: datetime) -> float:
    # The median: one that was adopted hours after its creation says nothing of when the others will be over.
    return (now - median_low(job.created_at for job in jobs)).total_seconds()


def _over(jobs: Iterable[Job], now: datetime, patience: Patience) -> list[Job]:
    return [job for job in jobs if job.state.is_final or now - job.created_at >= patience.deadline]


def _news(waiting: list[Job], look: Look[Job], describe: Describe[Job], unseen: Counter[str]) -> dict[str, Job]:
    """Return what can be told of the jobs now, by their keys."""
    listed = {job.job_id: job for job in look(waiting)}
    news = {}
    for job in waiting:
        seen = listed.get(job.job_id)
        unseen[job.job_id] = 0 if seen else unseen[job.job_id] + 1
        if unseen[job.job_id] >= UNSEEN_LOOKS:
            seen = _described(job, describe, first_time=unseen[job.job_id] == UNSEEN_LOOKS)
        if seen:
            news[job.key] = replace(seen, adopted=job.adopted)
    return news


def _described(job: Job, describe: Describe[Job], *, first_time: bool) -> Job | None:
    try:
        return describe(job)
    except AuthenticationError:
        raise
    except AwsError as error:
        # One job that AWS does not tell of must not hide what the lists showed of all the others.
        if first_time:
            tell(f"{job.instance_id}: AWS does not show job {job.job_id} ({error.message})", mark=Mark.WARNING, step=10)
        return None


def _raise_for_lasting(error: AwsError, failed_looks: int) -> None:
    if isinstance(error, AuthenticationError) or not error.retryable or failed_looks >= FAILED_LOOKS:
        raise error
    tell(f"AWS could not be asked about the jobs ({error.message}); the next look tries again", mark=Mark.WARNING)


def to_progress(jobs: Iterable[Job], now: datetime, began: datetime, doing: str = "finished") -> FleetProgress:
    """Return where the fleet stands, with the five jobs that have been running longest and when all may be over."""
    jobs = list(jobs)
    counts = Counter(job.state for job in jobs)
    running = sorted((job for job in jobs if not job.state.is_final), key=lambda job: job.created_at)
    return FleetProgress(
        step=10,
        doing=doing,
        done=sum(job.state.is_final for job in jobs),
        total=len(jobs),
        counts={state: counts[state] for state in BackupJobState if counts[state]},
        elapsed_seconds=(now - began).total_seconds(),
        slowest=tuple(running[:5]),
        remaining_seconds=to_remaining_seconds(jobs, now),
    )
