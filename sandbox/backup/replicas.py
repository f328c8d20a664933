"""The copy of a recovery point: what stands in its way, and its AMI and snapshots in the other account or Region."""

from dataclasses import replace
from datetime import datetime

from sandbox.backup import access, images, keys, roles
from sandbox.backup.copyjobs import CopyJob
from sandbox.backup.failures import CopyCause
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.vaults import Vault
from sandbox.backup.workshop import Workshop

NO_VOLUME = "vol-ffffffff"
"""The volume that EC2 names as the source of every copied snapshot: it means nothing."""


def obstacle(job: CopyJob, here: Workshop, there: Workshop) -> CopyCause | None:
    """Return why a copy job cannot run, or None."""
    source = here.vaults.get(job.source.vault_name)
    if not roles.can_be_assumed(here.account, here.partition, job.request.role_arn):
        return CopyCause.ROLE_NOT_ASSUMABLE
    if source is None or job.source.arn not in source.points:
        return CopyCause.POINT_GONE
    vault = there.vaults.get(job.request.destination.name)
    if vault is None:
        return CopyCause.ACCESS_DENIED
    cause = _denied(job, vault, there.account) or (None if vault.admits(job.retention) else CopyCause.LOCK_RANGE)
    if cause is None and job.source.image.id not in here.ec2.amis:
        return CopyCause.IMAGE_NOT_ALLOWED
    return cause or _bad_key(job, vault, here, there)


def _denied(job: CopyJob, vault: Vault, account: str) -> CopyCause | None:
    """Return what the role or the policy of the destination does not allow, or None."""
    role, destination = job.request.role_arn, job.request.destination.arn
    into = roles.may(role, access.COPY_INTO, destination)
    if not into or not access.may_copy_into(roles.session(role), account, vault.policy):
        return CopyCause.ACCESS_DENIED
    if not roles.may(role, "ec2:CopyImage", "*"):
        return CopyCause.NOT_AUTHORIZED
    return None if roles.may(role, "ec2:DescribeTags", "*") else CopyCause.TAGS_DENIED


def _bad_key(job: CopyJob, vault: Vault, here: Workshop, there: Workshop) -> CopyCause | None:
    """Return what is wrong with the keys of the destination and of the snapshots, or None."""
    key = vault.encryption_key_arn
    used = [one.kms_key_id for one in job.source.image.snapshots if one.kms_key_id]
    across = here.account != there.account
    if keys.is_service_key(key, there.account, there.region):
        return CopyCause.SERVICE_KEY
    if across and any(keys.is_managed(one, here.account, here.region) for one in used):
        return CopyCause.MANAGED_KEY
    if across and keys.is_managed(key, there.account, there.region):
        return CopyCause.MANAGED_KEY
    if across and not all(keys.is_shared(one, here.account, here.region, there.account) for one in used):
        return CopyCause.KEY_NOT_SHARED
    good = all(keys.is_usable(one, here.account, here.region) for one in used)
    return None if good and keys.is_usable(key, there.account, there.region) else CopyCause.KMS_DISABLED


def create(job: CopyJob, there: Workshop, at: datetime, ends: datetime) -> RecoveryPoint:
    """Put the copy into the destination, CREATING, with an AMI that is pending until the job ends.

    It keeps the date and the resource of its source. Its snapshots are encrypted with the key of the vault, whatever
    those of the source are.
    """
    vault, source, ec2 = there.vaults[job.request.destination.name], job.source, there.ec2
    instance_id = source.resource_arn.rsplit("/", 1)[-1]
    image = images.BackupImage(ec2, source.image, f"AwsBackup_{instance_id}_{job.job_id}", at, ends)
    _copy_image(job, there, image, vault.encryption_key_arn)
    across = there.account != job.account
    own = f"arn:{there.partition}:iam::{there.account}:{roles.OWN_ROLE}"
    days = job.retention if job.outcome.delete_after_days is None else job.outcome.delete_after_days or None
    copy = replace(
        source,
        number=there.next_number(),
        arn=f"arn:{there.partition}:ec2:{there.region}::image/{image.id}",
        image=image,
        vault_name=vault.backup_vault_name,
        vault_arn=vault.backup_vault_arn,
        role_arn=own if across else job.request.role_arn,
        job_id=job.job_id,
        delete_after_days=days,
        source_vault_arn=source.vault_arn if across else "",
        initiated=job.created,
        last_restored=None,
        status="CREATING",
        status_message="",
        completed=None,
    )
    vault.points[copy.arn] = copy
    return copy


def _copy_image(job: CopyJob, there: Workshop, image: images.BackupImage, key: str) -> None:
    ec2, source = there.ec2, job.source.image
    image.failed = job.outcome.image == "failed"
    for original in source.snapshots:
        if original.disk.device == job.outcome.missing_snapshot:
            continue
        snapshot = images.BackupSnapshot(ec2, replace(original.disk, id=NO_VOLUME), image, encrypted=True, key=key)
        snapshot.description = (
            f"Copied for DestinationAmi {image.id} from SourceAmi {source.id} for SourceSnapshot {original.id}."
        )
        images.add(ec2, image, snapshot, source.ec2_backend.tags.get(original.id, {}))
    ec2.tags[image.id] = dict(source.ec2_backend.tags.get(source.id, {}))
    if job.outcome.image != "absent":
        ec2.amis[image.id] = image


def close(job: CopyJob, there: Workshop, at: datetime) -> None:
    """Finish the copy of a job that is COMPLETED or PARTIAL, as its outcome wants it."""
    if job.copy is None:
        return
    job.copy.completed = at
    job.copy.status = job.outcome.point if job.outcome.point not in {"", "missing"} else job.state
    if job.outcome.point == "missing":
        there.vaults[job.copy.vault_name].points.pop(job.copy.arn)
