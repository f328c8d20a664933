"""Restore jobs of one account and Region: their start, their life on virtual time, and the instances that they make."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any
from uuid import uuid4

from sandbox.backup import events, launching, roles, traces
from sandbox.backup.agenda import Agenda
from sandbox.backup.exceptions import (
    InvalidParameterValueException,
    InvalidRequestException,
    MissingParameterValueException,
    ResourceNotFoundException,
)
from sandbox.backup.failures import RESTORE_MESSAGES, RestoreCause
from sandbox.backup.launches import UnlaunchableError, to_launch
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.restorejobs import RestoreJob, pending_seconds, running_seconds
from sandbox.backup.tokens import Tokens
from sandbox.backup.workshop import Workshop
from sandbox.clock import CLOCK, to_milliseconds
from sandbox.outcomes import OUTCOMES

FAILING_SECONDS = 15.0
"""How long a restore runs that EC2 refuses."""


class Restores:
    """The restore jobs, by id in the order of their start."""

    def __init__(self, workshop: Workshop, agenda: Agenda) -> None:
        self.jobs: dict[str, RestoreJob] = {}
        self._workshop = workshop
        self._agenda = agenda
        self._tokens: Tokens[RestoreJob] = Tokens()

    def point(self, arn: str) -> RecoveryPoint | None:
        """Return the recovery point of an ARN, in whichever vault it is."""
        return next((vault.points[arn] for vault in self._workshop.vaults.values() if arn in vault.points), None)

    def job(self, job_id: str) -> RestoreJob:
        """Return a job.

        Raises:
            ResourceNotFoundException: There is none of that id, letter for letter.
        """
        if job_id not in self.jobs:
            raise ResourceNotFoundException(f"Cannot find restore job with id: {job_id}")
        return self.jobs[job_id]

    def start(self, params: Mapping[str, Any]) -> RestoreJob:
        """Return the job that StartRestoreJob makes, or made within the last hour for the same token.

        Raises:
            ResourceNotFoundException: There is no such recovery point.
            MissingParameterValueException: No role is named.
            InvalidParameterValueException: Another resource type; a role that AWS Backup cannot assume, or metadata
                that make no sense, where `Outcomes.role_trust` and `Outcomes.restore_metadata` are `sync`.
            InvalidRequestException: The recovery point is still being created.
        """
        if known := self._tokens.replayed(params.get("IdempotencyToken")):
            return known
        point = self.point(params["RecoveryPointArn"])
        if point is None:
            raise ResourceNotFoundException("Cannot find recovery point")
        self._raise_for_unstartable(params, point)
        job = self._new_job(params, point)
        self.jobs[job.job_id] = job
        self._tokens.remember(job.token, job.created, job)
        self._count(job, job.created)
        traces.record_restore_start(self._workshop.account, self._workshop.region, job)
        if job.outcome.state != "PENDING":
            wait = job.outcome.pending_seconds
            wait = pending_seconds(job.instance_id) if wait is None else wait
            self._agenda.at(CLOCK.after(job.created, wait), partial(self._run, job))
        return job

    def _raise_for_unstartable(self, params: Mapping[str, Any], point: RecoveryPoint) -> None:
        role, kind = params.get("IamRoleArn"), params.get("ResourceType")
        if not role:
            raise MissingParameterValueException("StartRestoreJob: IamRoleArn is required")
        if kind not in {None, "", "EC2"}:
            raise InvalidParameterValueException(f"Invalid resource type: {kind} for recovery point {point.arn}")
        if point.status == "CREATING":
            raise InvalidRequestException("The recovery point is still being created.")
        if OUTCOMES.role_trust == "sync" and not self._can_assume(role):
            raise InvalidParameterValueException(f"IAM Role {role} cannot be assumed by AWS Backup")
        if OUTCOMES.restore_metadata == "sync":
            try:
                to_launch(params["Metadata"], point.restore_metadata)
            except UnlaunchableError as error:
                raise InvalidParameterValueException(str(error)) from None

    def _new_job(self, params: Mapping[str, Any], point: RecoveryPoint) -> RestoreJob:
        return RestoreJob(
            number=len(self.jobs),
            job_id=str(uuid4()).upper(),
            account=self._workshop.account,
            point=point,
            role_arn=params["IamRoleArn"],
            metadata=dict(params["Metadata"]),
            outcome=OUTCOMES.restores.take(point.resource_arn.rsplit("/", 1)[-1]),
            created=to_milliseconds(CLOCK.now()),
            token=params.get("IdempotencyToken") or "",
            copies_tags=bool(params.get("CopySourceTagsToRestoredResource")),
        )

    def _run(self, job: RestoreJob, at: datetime) -> None:
        """Launch the instance, or see to it that the job fails for what stands in its way."""
        self._change(job, "RUNNING", at)
        traces.record_restore(self._workshop.account, self._workshop.region, "RestoreStarted", job, at)
        try:
            launching.launch(job, self._workshop, self._agenda, at)
        except UnlaunchableError as error:
            fail = partial(self._end, job, "FAILED", str(error))
            self._agenda.at(CLOCK.after(at, FAILING_SECONDS), fail)
            return
        outcome = job.outcome
        if outcome.state != "RUNNING":
            seconds = outcome.duration_seconds
            seconds = running_seconds(job.point.size_bytes) if seconds is None else seconds
            finish = partial(self._end, job, outcome.state, self._scripted(job))
            self._agenda.at(CLOCK.after(at, seconds), finish)

    def _scripted(self, job: RestoreJob) -> str:
        """Return the StatusMessage that the script wants."""
        if job.outcome.message or job.outcome.state == "COMPLETED":
            return job.outcome.message
        cause = RestoreCause(job.outcome.cause) if job.outcome.cause else RestoreCause.INTERNAL_ERROR
        zone = self._workshop.region + "a"
        backed_up = job.point.restore_metadata["InstanceType"]
        kind = job.metadata.get("InstanceType") or backed_up
        return RESTORE_MESSAGES[cause].format(role=job.role_arn, instance_type=kind, zone=zone, encoded="bm8=")

    def _end(self, job: RestoreJob, state: str, message: str, at: datetime) -> None:
        job.message = message
        workshop = self._workshop
        if state == "COMPLETED" and job.instance is not None:
            ec2_arn = f"arn:{workshop.partition}:ec2:{workshop.region}:{workshop.account}"
            job.created_arn = f"{ec2_arn}:instance/{job.instance.id}"
            job.point.last_restored = at
        if state != "FAILED":
            job.completed = at  # as for backup jobs: AWS's example of a failed one has no date
        self._change(job, state, at)
        traces.record_restore(workshop.account, workshop.region, "RestoreCompleted", job, at)

    def _change(self, job: RestoreJob, state: str, at: datetime) -> None:
        job.state = state
        self._count(job, at)

    def _count(self, job: RestoreJob, at: datetime) -> None:
        if job.state != "ABORTED":  # for which AWS Backup has no count of restores
            metric = f"NumberOfRestoreJobs{job.state.capitalize()}"
            events.count(self._workshop.account, self._workshop.region, metric, job.point.vault_name, at)

    def _can_assume(self, role_arn: str) -> bool:
        return roles.can_be_assumed(self._workshop.account, self._workshop.partition, role_arn)
