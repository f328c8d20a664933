"""When a fleet of jobs may be over, told from those that are: AWS Backup itself promises nothing."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from math import ceil
from statistics import median

from ec2_backup.copies.model import CopyJob
from ec2_backup.model import BackupJob
from ec2_backup.states import BackupJobState

EVIDENCE = 3  # jobs that must have ended: of fewer, any rate would be a guess


def to_remaining_seconds(jobs: Iterable[BackupJob | CopyJob], now: datetime) -> float | None:
    """Return in how many seconds the last job may have ended, None where nothing speaks for any time.

    It is an extrapolation, and no promise; where what takes longest comes last, as it does in a fleet that was started
    all at once, it is too short at first. The longer of two estimates is taken:

    - The rate: the jobs that go on end as fast as the same number did before them, the quiet since then counted in.
      So the estimate grows while nothing ends.
    - The duration: the youngest job takes as long as half of the completed ones did at most. So a job that was started
      a moment ago is not forgotten because the others are over.

    Times are AWS's own, so a run that was taken up again knows as much as one that watched all along. The sizes of
    volumes have no part in it: a snapshot copies the changed blocks, and nobody knows these beforehand.
    """
    jobs = list(jobs)
    going_on = [job for job in jobs if not job.state.is_final]
    ends = sorted(job.completed_at for job in jobs if job.state.is_final and job.completed_at)
    if not going_on or len(ends) < EVIDENCE:
        return None
    return max(_by_rate(ends, len(going_on), now), _by_duration(jobs, going_on, now)) or None


def _by_rate(ends: Sequence[datetime], going_on: int, now: datetime) -> float:
    recent = ends[-max(going_on + 1, EVIDENCE) :]
    return max((now - recent[0]).total_seconds(), 0.0) * going_on / (len(recent) - 1)


def _by_duration(jobs: Sequence[BackupJob | CopyJob], going_on: Sequence[BackupJob | CopyJob], now: datetime) -> float:
    took = [
        (job.completed_at - job.created_at).total_seconds()
        for job in jobs
        if job.state is BackupJobState.COMPLETED and job.completed_at
    ]
    youngest = min((now - job.created_at).total_seconds() for job in going_on)
    return max(median(took) - youngest, 0.0) if took else 0.0


def to_words(remaining_seconds: float) -> str:
    """Return a forecast as coarse as it is: `about 40 s left`, `about 25 min left`, `about 3.5 h left`."""
    if remaining_seconds < 55:
        return f"about {max(ceil(remaining_seconds / 5), 1) * 5} s left"
    minutes = ceil(remaining_seconds / 60)
    if minutes < 100:
        return f"about {minutes} min left"
    return f"about {ceil(minutes / 30) / 2:g} h left"
