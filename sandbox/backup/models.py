"""The state of AWS Backup in one account and Region, and its operations."""

from collections.abc import Mapping
from datetime import timedelta
from threading import RLock
from typing import Any
from uuid import uuid4

from moto.backup.models import BackupBackend as MotoBackupBackend
from moto.backup.models import backup_backends

from sandbox.backup import events, keys, listing, roles
from sandbox.backup.agenda import Agenda
from sandbox.backup.copies import Copies
from sandbox.backup.exceptions import (
    AccessDeniedException,
    AlreadyExistsException,
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from sandbox.backup.jobs import Job, Request
from sandbox.backup.life import Life
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.requests import to_request
from sandbox.backup.restores import Restores
from sandbox.backup.tokens import Tokens
from sandbox.backup.vaults import Vault
from sandbox.backup.workshop import Workshop
from sandbox.clock import CLOCK, to_milliseconds
from sandbox.outcomes import OUTCOMES

__all__ = ["LOCK", "BackupBackend", "backup_backends"]

LOCK = RLock()
"""Held by each call as long as it works, since servers answer in threads."""


class BackupBackend(MotoBackupBackend):
    """Vaults, jobs and recovery points; plans, tags and report plans are moto's."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.vaults: dict[str, Vault] = {}  # type: ignore[assignment]  # ours, not moto's
        self.jobs: dict[str, Job] = {}
        self.opt_in: dict[str, bool] = {"EBS": True, "EC2": True}
        self.workshop = Workshop(account_id, region_name, self.partition, self.vaults)
        self.agenda = Agenda()
        slots: dict[str, object] = {}
        self.life = Life(self.workshop, self.agenda, slots)
        self.restores = Restores(self.workshop, self.agenda)
        self.copies = Copies(self.workshop, self.agenda, slots)
        self._tokens: Tokens[Job] = Tokens()

    def vault(self, name: str) -> Vault:
        """Return a vault.

        Raises:
            AccessDeniedException: There is none: AWS does not tell that from a vault that one may not see.
        """
        if name not in self.vaults:
            raise AccessDeniedException
        return self.vaults[name]

    def create_backup_vault(
        self,
        backup_vault_name: str,
        backup_vault_tags: dict[str, str],
        encryption_key_arn: str,
        creator_request_id: str,
    ) -> Vault:
        """Return a new vault, whose key is the account's `aws/backup` unless another is named.

        Raises:
            AlreadyExistsException: The name is taken.
        """
        if backup_vault_name in self.vaults:
            raise AlreadyExistsException("Backup vault with the same name already exists")
        key = encryption_key_arn or keys.service_key(self.account_id, self.region_name)
        vault = Vault(backup_vault_name, key, creator_request_id, self)
        self.vaults[backup_vault_name] = vault
        if backup_vault_tags:
            self.tag_resource(vault.backup_vault_arn, backup_vault_tags)
        return vault

    def delete_backup_vault(self, backup_vault_name: str) -> None:
        """Delete an empty vault; jobs that still run into it fail.

        Raises:
            AccessDeniedException: There is no such vault.
            InvalidRequestException: It holds recovery points.
        """
        if self.vault(backup_vault_name).kept_points:
            raise InvalidRequestException(
                "Backup vault cannot be deleted because it contains recovery points.", code="ERROR_9101"
            )
        del self.vaults[backup_vault_name]

    def start_backup_job(self, params: Mapping[str, Any]) -> Job:
        """Return the job that StartBackupJob makes, or made within the last hour for the same token.

        Raises:
            AccessDeniedException: There is no such vault.
            InvalidParameterValueException: A parameter that AWS Backup does not take.
            InvalidRequestException: EC2 is opted out in this Region.
        """
        vault = self.vault(params["BackupVaultName"])
        if known := self._tokens.replayed(params.get("IdempotencyToken")):
            return known
        request = to_request(params, vault.backup_vault_arn, self.account_id, self.region_name)
        self._raise_for_unstartable(request)
        job = self._new_job(request)
        self.jobs[job.job_id] = job
        self._tokens.remember(request.token, job.created, job)
        self.life.begin(job)
        events.record_start(self.account_id, self.region_name, job, params.get("StartWindowMinutes"))
        return job

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            ResourceNotFoundException: There is none of that id, letter for letter.
        """
        if job_id not in self.jobs:
            raise ResourceNotFoundException(f"Cannot find backup job with id: {job_id}")
        return self.jobs[job_id]

    def stop_backup_job(self, job_id: str) -> None:
        """Stop a job that is not over.

        Raises:
            ResourceNotFoundException: There is no such job.
            InvalidRequestException: It is over, or is being stopped.
        """
        job = self.job(job_id)
        if job.is_final or job.state == "ABORTING":
            raise InvalidRequestException(f"Backup job {job_id} is in state {job.state} and cannot be stopped.")
        self.life.stop(job)

    def point(self, vault_name: str, arn: str) -> RecoveryPoint:
        """Return a recovery point of a vault.

        Raises:
            AccessDeniedException: There is no such vault.
            ResourceNotFoundException: There is no such recovery point in it.
        """
        point = self.vault(vault_name).points.get(arn)
        if point is None:
            raise ResourceNotFoundException("Cannot find recovery point")
        return point

    def points_of_resource(self, resource_arn: str) -> list[RecoveryPoint]:
        """Return the recovery points of a resource in all vaults, newest first."""
        listing.raise_for_point_arn(resource_arn)
        kept = [point for vault in self.vaults.values() for point in vault.points.values()]
        return sorted((one for one in kept if one.resource_arn == resource_arn), key=lambda point: -point.number)

    def _raise_for_unstartable(self, request: Request) -> None:
        """Refuse what AWS Backup may find out at once, or only when the job begins to run."""
        if not self.opt_in["EC2"]:
            raise InvalidRequestException("EC2 is not opted in for AWS Backup in this Region.")
        role = request.role_arn
        if OUTCOMES.role_trust == "sync" and not roles.can_be_assumed(self.account_id, self.partition, role):
            raise InvalidParameterValueException(f"IAM Role {role} cannot be assumed by AWS Backup")
        instance = self.workshop.instance(request.instance_id)
        is_there = instance is not None and instance.state not in {"terminated", "shutting-down"}
        if OUTCOMES.absent_instance == "sync" and not is_there:
            raise ResourceNotFoundException(f"The instance ID '{request.instance_id}' does not exist")

    def _new_job(self, request: Request) -> Job:
        now = to_milliseconds(CLOCK.now())
        return Job(
            number=len(self.jobs),
            job_id=str(uuid4()),
            account=self.account_id,
            request=request,
            outcome=OUTCOMES.backups.take(request.instance_id),
            created=now,
            start_by=now + timedelta(seconds=request.start_window_seconds),
            start_deadline=CLOCK.after(now, request.start_window_seconds),
            complete_deadline=CLOCK.after(now, request.complete_window_seconds),
            resource_name=self.workshop.ec2.tags.get(request.instance_id, {}).get("Name", ""),
        )
