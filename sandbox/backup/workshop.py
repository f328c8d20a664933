"""What a backup job does to the world: it looks at instance, vault, role and keys, and makes and unmakes AMIs."""

from collections.abc import Mapping
from datetime import datetime
from itertools import count
from typing import Any

from moto.ec2.models import ec2_backends

from sandbox.backup import images, keys, roles
from sandbox.backup.causes import Cause
from sandbox.backup.jobs import GIB, Job, running_seconds
from sandbox.backup.metadata import restore_metadata
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.vaults import Vault

BACKABLE = frozenset({"running", "stopped", "pending", "stopping"})
"""States of an instance whose backup can work; AWS documents the first two and says nothing of the others."""

MOST_TAGS = 50


class Workshop:
    """The world of one account and Region, as far as AWS Backup works on it."""

    def __init__(self, account: str, region: str, partition: str, vaults: Mapping[str, Vault]) -> None:
        self.account = account
        self.region = region
        self.partition = partition
        self.vaults = vaults
        self._index: dict[str, Any] = {}
        self._indexed: object = None
        self._numbers = count()

    @property
    def ec2(self) -> Any:
        """Moto's EC2 of this account and Region."""
        return ec2_backends[self.account][self.region]

    def instance(self, instance_id: str) -> Any | None:
        """Return an instance of moto's EC2, or None; by an index, since moto would look through all of them."""
        reservations = self.ec2.reservations
        if self._indexed is not reservations or instance_id not in self._index:
            self._index = {it.id: it for reservation in reservations.values() for it in reservation.instances}
            self._indexed = reservations
        return self._index.get(instance_id)

    def next_number(self) -> int:
        """Return the number of the recovery point that is made next."""
        return next(self._numbers)

    def duration(self, job: Job) -> float:
        """Return for how many virtual seconds a job runs."""
        if job.outcome.duration_seconds is not None:
            return job.outcome.duration_seconds
        return running_seconds(job.request.instance_id, sum(item.volume.size for item in self._attachments(job)))

    def obstacle(self, job: Job) -> Cause | None:
        """Return why a job cannot even begin to run, or None."""
        if not roles.can_be_assumed(self.account, self.partition, job.request.role_arn):
            return Cause.ROLE_NOT_ASSUMABLE
        instance = self.instance(job.request.instance_id)
        if instance is None:
            return Cause.INSTANCE_ABSENT
        if instance.state not in BACKABLE:
            return Cause.INSTANCE_STATE
        return self.late_obstacle(job) or self._violated_rule(job, instance)

    def _violated_rule(self, job: Job, instance: Any) -> Cause | None:
        request = job.request
        if instance.root_device_type != "ebs":
            return Cause.INSTANCE_STORE
        if not self.vaults[request.vault_name].admits(request.delete_after_days):
            return Cause.LOCK_RANGE
        if len(images.user_tags(self.ec2, request.instance_id).keys() | request.tags.keys()) > MOST_TAGS:
            return Cause.TAGS_OVER_50
        usable = all(
            keys.is_usable(item.volume.kms_key_id, self.account, self.region) for item in self._attachments(job)
        )
        return None if usable else Cause.KMS_DISABLED

    def late_obstacle(self, job: Job) -> Cause | None:
        """Return what can still come in the way of a job that runs: somebody deleted its vault."""
        vault = self.vaults.get(job.request.vault_name)
        return None if vault and (job.point is None or job.point.arn in vault.points) else Cause.VAULT_GONE

    def open(self, job: Job, at: datetime, ends: datetime) -> None:
        """Make the AMI, pending until the job ends, and the recovery point, CREATING."""
        request = job.request
        instance = self.instance(request.instance_id)
        name = f"AwsBackup_{request.instance_id}_{job.job_id}"
        image = images.BackupImage(self.ec2, instance, name, at, ends)
        images.create(self.ec2, image, f"{request.instance_id}:{job.job_id}", request.tags, job.outcome)
        job.size_bytes = GIB * sum(item.volume.size for item in self._attachments(job))
        other_retention = job.outcome.delete_after_days
        job.point = RecoveryPoint(
            number=self.next_number(),
            arn=f"arn:{self.partition}:ec2:{self.region}::image/{image.id}",
            image=image,
            vault_name=request.vault_name,
            vault_arn=request.vault_arn,
            resource_arn=request.resource_arn,
            resource_name=job.resource_name,
            role_arn=request.role_arn,
            job_id=job.job_id,
            started=job.created,
            size_bytes=job.size_bytes,
            delete_after_days=request.delete_after_days if other_retention is None else other_retention or None,
            restore_metadata=restore_metadata(instance, job.job_id),
            source_tags=images.user_tags(self.ec2, request.instance_id),
            created_by={"BackupPlanId": plan} if (plan := job.outcome.backup_plan_id) else {},
        )
        self.vaults[request.vault_name].points[job.point.arn] = job.point

    def close(self, job: Job, at: datetime) -> None:
        """Finish the recovery point of a job that is COMPLETED or PARTIAL, as its outcome wants it."""
        point = job.point
        if point is None:
            return
        point.completed = at
        point.status = job.outcome.point if job.outcome.point not in {"", "missing"} else job.state
        if job.outcome.point == "missing":
            self.vaults[point.vault_name].points.pop(point.arn)

    def discard(self, job: Job) -> None:
        """Take away the recovery point and the AMI of a job that came to nothing."""
        if job.point is None:
            return
        self.delete(job.point)
        job.point = None

    def delete(self, point: RecoveryPoint) -> None:
        """Delete a recovery point with its AMI and its snapshots."""
        vault = self.vaults.get(point.vault_name)
        if vault:
            vault.points.pop(point.arn, None)
        images.delete(self.ec2, point.image)

    def delete_or_expire(self, point: RecoveryPoint) -> None:
        """Delete a recovery point; without the role that made it AWS Backup cannot, and it becomes EXPIRED."""
        own = point.role_arn.endswith(roles.OWN_ROLE)
        if own or roles.can_be_assumed(self.account, self.partition, point.role_arn):
            self.delete(point)
        else:
            point.status = "EXPIRED"
            point.status_message = f"The provided role {point.role_arn} cannot be assumed by AWS Backup."

    def expire(self, point: RecoveryPoint | None) -> None:
        """Delete or expire a recovery point whose retention is over, if it is still there."""
        vault = self.vaults.get(point.vault_name) if point else None
        if point and vault and point.arn in vault.points:
            self.delete_or_expire(point)

    def _attachments(self, job: Job) -> tuple[images.Attachment, ...]:
        instance = self.instance(job.request.instance_id)
        return images.attachments(self.ec2, instance) if instance else ()
