"""Copy jobs of one account and Region: their start, and their life on virtual time."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from moto.backup.models import backup_backends

from sandbox.backup import events, replicas, roles, traces
from sandbox.backup.agenda import Agenda
from sandbox.backup.copyjobs import CopyJob, CopyRequest, copying_seconds, to_copy_request
from sandbox.backup.exceptions import (
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from sandbox.backup.failures import COPY_MESSAGES, CopyCause
from sandbox.backup.jobs import created_seconds
from sandbox.backup.life import DELETION_LATENESS, RETRY_SECONDS
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.tokens import Tokens
from sandbox.backup.workshop import Workshop
from sandbox.clock import CLOCK, to_milliseconds
from sandbox.outcomes import OUTCOMES


class Copies:
    """The copy jobs, by id in the order of their start; with backup jobs they share the slots of instances."""

    def __init__(self, workshop: Workshop, agenda: Agenda, slots: dict[str, object]) -> None:
        self.jobs: dict[str, CopyJob] = {}
        self._workshop = workshop
        self._agenda = agenda
        self._slots = slots
        self._tokens: Tokens[CopyJob] = Tokens()

    def job(self, job_id: str) -> CopyJob:
        """Return a job.

        Raises:
            ResourceNotFoundException: There is none of that id, letter for letter.
        """
        if job_id not in self.jobs:
            raise ResourceNotFoundException(f"Cannot find copy job with id: {job_id}")
        return self.jobs[job_id]

    def start(self, params: Mapping[str, Any], source: RecoveryPoint) -> CopyJob:
        """Return the job that StartCopyJob makes, or made within the last hour for the same token.

        What is wrong with the destination, its key, its lock and its policy shows only when the job runs.

        Raises:
            InvalidParameterValueException: The destination is no vault's ARN, the lifecycle is impossible, or AWS
                Backup cannot assume the role where `Outcomes.role_trust` is `sync`.
            InvalidRequestException: The recovery point is still being created.
        """
        if known := self._tokens.replayed(params.get("IdempotencyToken")):
            return known
        request = to_copy_request(params, self._workshop.partition)
        self._raise_for_unstartable(request, source)
        job = self._new_job(request, source)
        self.jobs[job.job_id] = job
        self._tokens.remember(request.token, job.created, job)
        self._count(job, job.created)
        traces.record_copy_start(self._workshop.account, self._workshop.region, job)
        wait = job.outcome.created_seconds
        wait = created_seconds(job.resource_arn) if wait is None else wait
        self._at(CLOCK.after(job.created, wait), self._attempt, job)
        return job

    def _raise_for_unstartable(self, request: CopyRequest, source: RecoveryPoint) -> None:
        role, destination = request.role_arn, request.destination
        if source.status == "CREATING":
            raise InvalidRequestException("The recovery point is still being created.")
        if OUTCOMES.role_trust == "sync" and not roles.can_be_assumed(
            self._workshop.account, self._workshop.partition, role
        ):
            raise InvalidParameterValueException(f"IAM Role {role} cannot be assumed by AWS Backup")
        if destination.region not in backup_backends[destination.account].regions:
            raise InvalidParameterValueException(f"Invalid destination backup vault ARN: {destination.arn}")

    def _new_job(self, request: CopyRequest, source: RecoveryPoint) -> CopyJob:
        vault = self._there(request).vaults.get(request.destination.name)
        return CopyJob(
            number=len(self.jobs),
            job_id=str(uuid4()).upper(),
            account=self._workshop.account,
            source=source,
            request=request,
            outcome=OUTCOMES.copies.take(source.resource_arn.rsplit("/", 1)[-1]),
            created=to_milliseconds(CLOCK.now()),
            is_locked=bool(vault and vault.locked),
        )

    def _there(self, request: CopyRequest) -> Workshop:
        """Return the world that a copy goes into."""
        backend: Any = backup_backends[request.destination.account][request.destination.region]
        there: Workshop = backend.workshop
        return there

    def _at(self, due: datetime, step: Any, job: CopyJob) -> None:
        self._agenda.at(due, partial(step, job))

    def _attempt(self, job: CopyJob, at: datetime) -> None:
        """Run a CREATED job, or see to it that it is tried again: a copy job has no window to start in."""
        job.attempts += 1
        stuck = job.outcome.state == "CREATED" or job.attempts <= job.outcome.retries
        if stuck or job.resource_arn in self._slots:
            self._at(CLOCK.after(at, RETRY_SECONDS), self._attempt, job)
            return
        there = self._there(job.request)
        if cause := replicas.obstacle(job, self._workshop, there):
            self._end(job, "FAILED", cause, at)
            return
        self._slots[job.resource_arn] = job
        seconds = job.outcome.duration_seconds
        far = there.region != self._workshop.region
        seconds = copying_seconds(job.source.size_bytes, far=far) if seconds is None else seconds
        ends = CLOCK.after(at, seconds)
        job.copy = replicas.create(job, there, at, ends)
        self._change(job, "RUNNING", at)
        traces.record_copy(self._workshop.account, self._workshop.region, "CopyJobStarted", job, at)
        if job.outcome.state != "RUNNING":
            self._at(ends, self._finish, job)

    def _finish(self, job: CopyJob, at: datetime) -> None:
        """End a RUNNING job as its outcome wants it, unless somebody has taken its destination away."""
        vault = self._there(job.request).vaults.get(job.request.destination.name)
        if vault is None or job.copy is None or job.copy.arn not in vault.points:
            self._end(job, "FAILED", CopyCause.ACCESS_DENIED, at)
            return
        cause = CopyCause(job.outcome.cause) if job.outcome.cause else None
        if job.outcome.state == "FAILED" and cause is None:
            cause = CopyCause.INTERNAL_ERROR
        self._end(job, job.outcome.state, cause, at)

    def _end(self, job: CopyJob, state: str, cause: CopyCause | None, at: datetime) -> None:
        message, category = COPY_MESSAGES[cause] if cause else ("", "SUCCESS")
        is_scripted = job.outcome.state == state
        job.message = (is_scripted and job.outcome.message) or message.format(role=job.request.role_arn)
        job.category = (is_scripted and job.outcome.category) or category
        if state != "FAILED":
            job.completed = at
        if self._slots.get(job.resource_arn) is job:
            del self._slots[job.resource_arn]
        self._change(job, state, at)
        there = self._there(job.request)
        if state in {"COMPLETED", "PARTIAL"}:
            replicas.close(job, there, at)
            self._keep(job, there)
        elif job.copy:
            there.delete(job.copy)
            job.copy = None
        traces.record_copy(self._workshop.account, self._workshop.region, "CopyJobCompleted", job, at)

    def _keep(self, job: CopyJob, there: Workshop) -> None:
        if job.copy and job.copy.delete_at:
            self._at(job.copy.delete_at + DELETION_LATENESS, lambda ended, _: there.expire(ended.copy), job)

    def _change(self, job: CopyJob, state: str, at: datetime) -> None:
        job.state = state
        self._count(job, at)

    def _count(self, job: CopyJob, at: datetime) -> None:
        if job.state != "PARTIAL":  # for which AWS Backup has no count of jobs
            metric = f"NumberOfCopyJobs{job.state.capitalize()}"
            events.count(self._workshop.account, self._workshop.region, metric, job.source.vault_name, at)
