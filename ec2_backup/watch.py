"""Step 10: all jobs of a run watched to their end by one shared look at AWS after another."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from statistics import median_low

from ec2_backup import stop
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import BackupJob
from ec2_backup.narration import FleetProgress, Mark, tell, tell_progress
from ec2_backup.settings import BackupOptions
from ec2_backup.states import BackupJobState

FIRST_PAUSE_SECONDS = 1.0
CALM, CLOSE = 1 / 5, 1 / 20  # of a job's age: how much later than it was its end may be seen, and where it is near
FAILED_LOOKS = 20  # in a row; with pauses of a minute that is an outage of AWS, not a hiccup
UNSEEN_LOOKS = 3  # a new job may be missing from AWS's lists for a while

Look = Callable[[Iterable[BackupJob]], Iterable[BackupJob]]
Describe = Callable[[BackupJob], BackupJob | None]


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
    """Time as a watch sees it, so that another time can be put in its place."""

    now: Callable[[], datetime] = utc_now
    sleep: Callable[[float], None] = stop.sleep


def pause_seconds(age_seconds: float, patience: Patience, ends_in_seconds: float | None = None) -> float:
    """Return how long to wait before the next look: close at first and near the end, calm between.

    Args:
        age_seconds: How long the jobs have been going; what has taken an hour is not over the next second.
        patience: The longest pause there may be.
        ends_in_seconds: When the last job will have ended if they go on ending as they do, where that can be told.
    """
    calm = min(max(FIRST_PAUSE_SECONDS, age_seconds * CALM), patience.longest_pause_seconds)
    if ends_in_seconds is None:
        return calm
    return min(calm, max(FIRST_PAUSE_SECONDS, age_seconds * CLOSE, ends_in_seconds))


def watch(
    jobs: Iterable[BackupJob],
    look: Look,
    describe: Describe,
    patience: Patience,
    clock: Clock = Clock(),
) -> tuple[BackupJob, ...]:
    """Return the jobs as they ended, or as they were when their deadline passed.

    `look` lists the jobs at AWS; one that the lists do not show is asked for with `describe`, and waited for until
    its deadline where that fails. A look that fails for a passing reason is repeated; raises AwsError when 20 in a row
    failed, AuthenticationError at once.
    """
    known = {job.job_id: job for job in jobs}
    unseen: Counter[str] = Counter()
    began, failed_looks, looked_at = clock.now(), 0, clock.now()
    while waiting := _waiting(known.values(), clock.now(), patience):
        try:
            news = _news(waiting, look, describe, unseen)
            failed_looks = 0
        except AwsError as error:
            failed_looks += 1
            _raise_for_lasting(error, failed_looks)
            news = {}
        known |= news
        now, earlier = clock.now(), looked_at
        tell_progress(to_progress(known.values(), (now - began).total_seconds()))
        if still := _waiting(known.values(), now, patience):
            ends_in = _ends_in_seconds(waiting, still, (now - earlier).total_seconds())
            clock.sleep(pause_seconds(_age_seconds(still, now), patience, ends_in))
        looked_at = now
    return tuple(known.values())


def _age_seconds(jobs: Iterable[BackupJob], now: datetime) -> float:
    # The median: one that was adopted hours after its creation says nothing of when the others will be over.
    return (now - median_low(job.created_at for job in jobs)).total_seconds()


def _ends_in_seconds(before: list[BackupJob], still: list[BackupJob], seconds: float) -> float | None:
    ended = len(before) - len(still)
    return len(still) * seconds / ended if ended else None


def _waiting(jobs: Iterable[BackupJob], now: datetime, patience: Patience) -> list[BackupJob]:
    return [job for job in jobs if not job.state.is_final and now - job.created_at < patience.deadline]


def _news(waiting: list[BackupJob], look: Look, describe: Describe, unseen: Counter[str]) -> Mapping[str, BackupJob]:
    listed = {job.job_id: job for job in look(waiting)}
    news = {}
    for job in waiting:
        seen = listed.get(job.job_id)
        unseen[job.job_id] = 0 if seen else unseen[job.job_id] + 1
        if unseen[job.job_id] >= UNSEEN_LOOKS:
            seen = _described(job, describe, first_time=unseen[job.job_id] == UNSEEN_LOOKS)
        if seen:
            news[job.job_id] = replace(seen, adopted=job.adopted)
    return news


def _described(job: BackupJob, describe: Describe, *, first_time: bool) -> BackupJob | None:
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


def to_progress(jobs: Iterable[BackupJob], waited_seconds: float) -> FleetProgress:
    """Return where the fleet stands, with the five jobs that have been running longest."""
    jobs = list(jobs)
    counts = Counter(job.state for job in jobs)
    running = sorted((job for job in jobs if not job.state.is_final), key=lambda job: job.created_at)
    return FleetProgress(
        step=10,
        doing="finished",
        done=sum(job.state.is_final for job in jobs),
        total=len(jobs),
        counts={state: counts[state] for state in BackupJobState if counts[state]},
        elapsed_seconds=waited_seconds,
        slowest=tuple(running[:5]),
    )
