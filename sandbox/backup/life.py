"""The life of backup jobs on virtual time."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

from sandbox.backup import events
from sandbox.backup.agenda import Agenda
from sandbox.backup.causes import STATUS_MESSAGES, Cause
from sandbox.backup.jobs import Job, created_seconds
from sandbox.backup.workshop import Workshop
from sandbox.clock import CLOCK
from sandbox.outcomes import Outcome

RETRY_SECONDS = 600.0
"""AWS Backup tries again to start a job at least every ten minutes."""

LATENESS_SECONDS = 120.0
"""A job whose start window is over becomes EXPIRED some minutes later, not on the minute."""

STOPPING_SECONDS = 20.0
DELETION_LATENESS = timedelta(hours=8)

Step = Callable[[Job, datetime], None]


class Life:
    """What happens to the backup jobs of one account and Region; one job at a time holds the slot of its instance."""

    def __init__(self, workshop: Workshop, agenda: Agenda, slots: dict[str, object]) -> None:
        self.account = workshop.account
        self.region = workshop.region
        self.workshop = workshop
        self._agenda = agenda
        self._slots = slots

    def begin(self, job: Job) -> None:
        """Take a new job into the queue."""
        wait = job.outcome.created_seconds
        wait = created_seconds(job.request.instance_id) if wait is None else wait
        self._count(job, job.created)
        self._at(CLOCK.after(job.created, wait), self._attempt, job)

    def stop(self, job: Job) -> None:
        """Have a job end as ABORTED, some seconds from now."""
        job.state = "ABORTING"
        self._at(CLOCK.after(CLOCK.now(), STOPPING_SECONDS), self._abort, job)

    def _at(self, due: datetime, step: Step, job: Job) -> None:
        self._agenda.at(due, partial(step, job))

    def _attempt(self, job: Job, at: datetime) -> None:
        """Start a CREATED job, or see to it that it is tried again or expires."""
        if job.state != "CREATED":
            return
        if at > job.start_deadline:
            scripted = Cause(job.outcome.cause) if job.outcome.cause else Cause.EXPIRED
            self._end(job, "EXPIRED", Cause.BUSY if job.request.resource_arn in self._slots else scripted, at)
        elif self._has_to_wait(job):
            again = CLOCK.after(at, RETRY_SECONDS)
            late = CLOCK.after(job.start_deadline, LATENESS_SECONDS)
            self._at(again if again <= job.start_deadline else late, self._attempt, job)
        elif job.outcome.pending_seconds:
            self._slots[job.request.resource_arn] = job
            self._change(job, "PENDING", at)
            self._at(CLOCK.after(at, job.outcome.pending_seconds), self._run, job)
        else:
            self._run(job, at)

    def _has_to_wait(self, job: Job) -> bool:
        job.attempts += 1
        stuck = job.outcome.state == "CREATED" or job.attempts <= job.outcome.retries
        return stuck or job.request.resource_arn in self._slots

    def _run(self, job: Job, at: datetime) -> None:
        if job.state not in {"CREATED", "PENDING"}:
            return
        if cause := self.workshop.obstacle(job):
            self._end(job, "FAILED", cause, at)
            return
        self._slots[job.request.resource_arn] = job
        ends = CLOCK.after(at, self.workshop.duration(job))
        over_runs = ends > job.complete_deadline
        ends = min(ends, job.complete_deadline)
        self.workshop.open(job, at, ends)
        self._change(job, "RUNNING", at)
        events.record_service_event(self.account, self.region, "BackupJobStarted", job, at)
        self._at(ends, self._expire if over_runs else self._finish, job)

    def _expire(self, job: Job, at: datetime) -> None:
        if job.state == "RUNNING":
            self._end(job, "EXPIRED", Cause.EXPIRED, at)

    def _abort(self, job: Job, at: datetime) -> None:
        self._end(job, "ABORTED", Cause.STOPPED, at)

    def _finish(self, job: Job, at: datetime) -> None:
        """End a RUNNING job as its outcome wants it, unless something in the world prevents that."""
        if job.state != "RUNNING":
            return
        if cause := self.workshop.late_obstacle(job):
            self._end(job, "FAILED", cause, at)
            return
        scripted = Cause(job.outcome.cause) if job.outcome.cause else _USUAL.get(job.outcome.state)
        self._end(job, job.outcome.state, scripted, at)

    def _end(self, job: Job, state: str, cause: Cause | None, at: datetime) -> None:
        message, category = STATUS_MESSAGES[cause] if cause else ("", "SUCCESS")
        request = job.request
        scripted = job.outcome if job.outcome.state in {state, "CREATED"} else Outcome()
        job.message = scripted.message or message.format(
            resource=request.resource_arn, role=request.role_arn, vault=request.vault_arn, instance=request.instance_id
        )
        job.category = scripted.category or category
        if state != "FAILED":
            job.completed = at  # AWS's example of a failed job is the one without a completion date
        if self._slots.get(request.resource_arn) is job:
            del self._slots[request.resource_arn]
        self._change(job, state, at)
        if state in {"COMPLETED", "PARTIAL"}:
            self._keep(job, at)
        else:
            self.workshop.discard(job)
        events.record_service_event(self.account, self.region, "BackupJobCompleted", job, at)

    def _keep(self, job: Job, at: datetime) -> None:
        self.workshop.close(job, at)
        if job.point is None:
            return
        events.record_service_event(self.account, self.region, "RecoveryPointCreated", job, at)
        metric = "NumberOfRecoveryPointsPartial" if job.state == "PARTIAL" else "NumberOfRecoveryPointsCompleted"
        events.count(self.account, self.region, metric, job.request.vault_name, at)
        if job.point.delete_at:
            self._at(job.point.delete_at + DELETION_LATENESS, self._forget, job)

    def _forget(self, job: Job, _: datetime) -> None:
        self.workshop.expire(job.point)

    def _change(self, job: Job, state: str, at: datetime) -> None:
        job.state = state
        self._count(job, at)

    def _count(self, job: Job, at: datetime) -> None:
        if job.state != "PARTIAL":  # for which AWS Backup has no count of jobs
            metric = f"NumberOfBackupJobs{job.state.capitalize()}"
            events.count(self.account, self.region, metric, job.request.vault_name, at)


_USUAL = {
    "FAILED": Cause.INTERNAL_ERROR,
    "EXPIRED": Cause.EXPIRED,
    "ABORTED": Cause.STOPPED,
}
"""The cause of an end for which the script names none."""
