"""An AWS that is looked at by a watch: what really becomes of jobs, and what each look happens to show of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ec2_backup.errors import AwsError
from ec2_backup.model import BackupJob
from ec2_backup.states import BackupJobState
from ec2_backup.watch import Clock, Describe, Look, Patience, watch
from tests.unit.backups import BEGAN

MOST_LOOKS = 20_000


def passing() -> AwsError:
    """Return an error that may be gone the next time."""
    return AwsError("backup:ListBackupJobs", "ThrottlingException", "Rate exceeded", retryable=True)


@dataclass
class Time:
    """A clock in which hours pass at once; it knows how long it slept in all."""

    moment: datetime = BEGAN
    pauses: list[float] = field(default_factory=list)

    def now(self) -> datetime:
        return self.moment

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        assert len(self.pauses) < MOST_LOOKS, "the watch does not end"
        self.pauses.append(seconds)
        self.moment += timedelta(seconds=seconds)

    @property
    def clock(self) -> Clock:
        return Clock(self.now, self.sleep)


@dataclass
class Sky:
    """The truth about jobs by id: when each ends and how, None for never; and the looks, repeated from the first.

    A look is `"fails"`, or the seconds by which it is stale with the ids that it leaves out.
    """

    time: Time
    ends: dict[str, tuple[float, BackupJobState] | None]
    looks: list[tuple[float, frozenset[str]] | str]
    describes: list[str] = field(default_factory=lambda: ["tells"])
    seen: int = 0
    described: list[str] = field(default_factory=list)
    missed: dict[str, int] = field(default_factory=dict)
    early: list[str] = field(default_factory=list)

    def truth(self, job: BackupJob, at: datetime) -> BackupJob:
        """Return the job as it really was then."""
        end = self.ends[job.job_id]
        if end is None or at < BEGAN + timedelta(seconds=end[0]):
            return replace(job, state=BackupJobState.RUNNING, adopted=False)
        return replace(job, state=end[1], adopted=False, completed_at=BEGAN + timedelta(seconds=end[0]))

    def look(self, jobs: Iterable[BackupJob]) -> list[BackupJob]:
        look = self.looks[self.seen % len(self.looks)]
        self.seen += 1
        if isinstance(look, str):
            raise passing()
        stale, hidden = look
        jobs = list(jobs)
        for job in jobs:
            self.missed[job.job_id] = self.missed.get(job.job_id, 0) + 1 if job.job_id in hidden else 0
        at = self.time.now() - timedelta(seconds=stale)
        return [self.truth(job, at) for job in jobs if job.job_id not in hidden]

    def describe(self, job: BackupJob) -> BackupJob | None:
        if self.missed.get(job.job_id, 0) < 3:
            self.early.append(job.job_id)
        answer = self.describes[len(self.described) % len(self.describes)]
        self.described.append(job.job_id)
        if answer == "fails":
            raise passing()
        return self.truth(job, self.time.now()) if answer == "tells" else None


def watched(
    jobs: Iterable[BackupJob], look: Look, describe: Describe, patience: Patience, clock: Clock
) -> tuple[BackupJob, ...]:
    """Return the jobs as a watch yields them, in the order that they were given in."""
    given = {job.instance_id: job for job in jobs}
    over = {job.instance_id: job for some in watch(given, look, describe, patience, clock) for job in some}
    return tuple(over[key] for key in given)
