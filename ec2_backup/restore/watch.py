"""Restores followed to their end by one shared look after another: the jobs, then the instances that they made."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Instance
from ec2_backup.narration import Mark, tell
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.restore.request import Patience
from ec2_backup.restore.verdict import judge_job
from ec2_backup.watch import CALM, FAILED_LOOKS, FIRST_PAUSE_SECONDS, Clock

_CLOCK = Clock()

LookAtJobs = Callable[[Sequence[RestoreJob]], Iterable[RestoreJob]]
LookAtInstances = Callable[[Sequence[RestoreJob]], Iterable[RestoredInstance]]


@dataclass(frozen=True, slots=True)
class Looks:
    """How AWS is asked: for jobs, and for the instances that jobs made."""

    at_jobs: LookAtJobs
    at_instances: LookAtInstances


def follow(
    plans: Mapping[int, PlannedRestore],
    jobs: Iterable[RestoreJob],
    looks: Looks,
    options: Patience,
    clock: Clock = _CLOCK,
) -> Iterator[RestoreJob | RestoredInstance]:
    """Yield each job when it is over or its deadline passes, and then its instance when that is ready, lost or late.

    Args:
        plans: What is restored, by line.
        jobs: The jobs, of these lines.
        looks: How AWS is asked. A look that fails for a passing reason is repeated.
        options: How long to wait, and how long to pause.
        clock: The time.

    Raises:
        AuthenticationError: At once.
        AwsError: 20 looks in a row failed, or one for a reason that lasts.
    """
    going, made, failed_looks = {job.line: job for job in jobs}, dict[int, RestoreJob](), 0
    began = clock.now()
    while True:
        for job in [job for job in going.values() if is_over(job, clock.now(), options)]:
            yield going.pop(job.line)
            if judge_job(plans[job.line], job) is None:
                made[job.line] = job
        try:
            for restored in settled(list(made.values()), looks, clock.now(), options):
                del made[restored.line]
                yield restored
            if not going and not made:
                return
            clock.sleep(pause_seconds(clock.now() - began, options))
            seen = looks.at_jobs(list(going.values())) if going else ()
            going |= {job.line: tell_change(job, going[job.line], plans) for job in seen}
            failed_looks = 0
        except AwsError as error:
            failed_looks += 1
            raise_for_lasting(error, failed_looks)
            clock.sleep(pause_seconds(clock.now() - began, options))


def is_over(job: RestoreJob, now: datetime, options: Patience) -> bool:
    """Return whether a job has ended, or its deadline has passed."""
    return job.state.is_final or now - job.created_at >= timedelta(minutes=options.deadline_minutes)


def settled(made: Sequence[RestoreJob], looks: Looks, now: datetime, options: Patience) -> Iterator[RestoredInstance]:
    """Yield the instances that are ready or lost, and those whose time is up, as they are now."""
    seen = {one.line: one for one in looks.at_instances(made)} if made else {}
    for job in made:
        restored = seen.get(job.line)
        late = now - (job.completed_at or job.created_at) >= timedelta(minutes=options.checks_minutes)
        if restored and (late or restored.is_ready or restored.is_lost):
            yield restored
        elif late:
            yield _absent(job, now)


def _absent(job: RestoreJob, now: datetime) -> RestoredInstance:
    gone = Instance(job.created_id, job.created_arn, job.region, "absent", "", access_role_arn=job.access_role_arn)
    return RestoredInstance(job.line, gone, now)


def pause_seconds(age: timedelta, options: Patience) -> float:
    """Return how long to wait before the next look, after `age` of waiting already: close at first."""
    return min(max(FIRST_PAUSE_SECONDS, age.total_seconds() * CALM), options.poll_seconds)


def tell_change(job: RestoreJob, before: RestoreJob, plans: Mapping[int, PlannedRestore]) -> RestoreJob:
    """Return the job as it is now, and tell where it stands, if that is news."""
    if (job.state, job.percent_done) != (before.state, before.percent_done) and not job.state.is_final:
        percent = f", {job.percent_done:.0f} %" if job.percent_done else ""
        tell(f"{plans[job.line].point.source_id}: restore job {job.job_id[:8]} {job.state}{percent}")
    return job


def raise_for_lasting(error: AwsError, failed_looks: int) -> None:
    """Raise the error of a look that another look would not mend; tell of one that passes."""
    if isinstance(error, AuthenticationError) or not error.retryable or failed_looks >= FAILED_LOOKS:
        raise error
    tell(f"AWS could not be asked about the restores ({error.message}); the next look tries again", mark=Mark.WARNING)
