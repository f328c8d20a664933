"""Whether a restore counts: the new instance runs, is healthy, and has every volume that its recovery point holds."""

from collections.abc import Iterator, Mapping

from ec2_backup.model import Volume
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob, RestoreJobState
from ec2_backup.restore.metadata import AS_BACKED_UP, PROFILE_KEY, groups_of
from ec2_backup.restore.model import ImageDisk, PlannedRestore, RestoreFailure
from ec2_backup.restore.trouble import advise
from ec2_backup.settings import DRILL_TAG

_RESUME = "./start-ec2-backup.sh resume RUN_KEY looks again, with a longer {flag} if it needs one."
_DRILL_AGAIN = (
    "Drill once more, with a longer --checks-minutes if it needs one; --keep-failed leaves the instance for a look."
)
_LOOK = "Do not put it to use: look at the instance, terminate it, mend the cause, and restore once more."


def judge_job(plan: PlannedRestore, job: RestoreJob) -> RestoreFailure | None:
    """Return why this job gave no new instance, None where it is COMPLETED and names one that is not the original."""
    if not job.state.is_final:
        reason = f"restore job {job.job_id} is still {job.state} and its deadline has passed"
        return RestoreFailure(job.line, reason, "It goes on at AWS: " + _RESUME.format(flag="--deadline-minutes"))
    if job.state is not RestoreJobState.COMPLETED:
        said = job.message or "AWS gave no message"
        return RestoreFailure(job.line, f"restore job {job.job_id} ended {job.state}: {said}", advise(said))
    if not job.created_id.startswith("i-"):
        reason = f"restore job {job.job_id} is COMPLETED and names no new instance"
        return RestoreFailure(job.line, reason, "Look at the job in the AWS Backup console.")
    if job.created_id == plan.point.source_id:
        reason = f"restore job {job.job_id} names the original {job.created_id} as what it made"
        return RestoreFailure(job.line, reason, "Nothing was changed. Look at the job in the AWS Backup console.")
    return None


def prove(plan: PlannedRestore, restored: RestoredInstance) -> RestoreFailure | None:
    """Return how the new instance differs from what was backed up or asked for, None where it does not."""
    if not restored.is_ready:
        return _not_ready(plan, restored)
    differences = [*_of_volumes(plan, restored), *_of_settings(plan, restored), *_of_tags(plan, restored)]
    return RestoreFailure(plan.row.line, "; ".join(differences), _LOOK) if differences else None


def _not_ready(plan: PlannedRestore, restored: RestoredInstance) -> RestoreFailure:
    one = restored.instance
    if restored.is_lost:
        return RestoreFailure(restored.line, f"the new instance {one.instance_id} is {one.state}", _LOOK)
    checks = f"system check {restored.system_check or 'unknown'}, instance check {restored.instance_check or 'unknown'}"
    reason = f"the new instance {one.instance_id} is {one.state} and not healthy in time: {checks}"
    again = f"Look at its console output. {_RESUME.format(flag='--checks-minutes')}"
    is_removed = DRILL_TAG in plan.tags  # a drill removes what failed: there is nothing to look at again
    return RestoreFailure(restored.line, reason, _DRILL_AGAIN if is_removed else again)


def _of_volumes(plan: PlannedRestore, restored: RestoredInstance) -> Iterator[str]:
    attached = {volume.device: volume for volume in restored.instance.volumes}
    if len(attached) != len(plan.point.disks):
        yield f"it has {_volumes(len(attached))}, the recovery point {len(plan.point.disks)}"
    for disk in plan.point.disks:
        volume = attached.pop(disk.device, None)
        if volume is None:
            yield f"no volume at {disk.device} ({disk.size_gib} GiB)"
        else:
            yield from (f"{volume.volume_id} at {disk.device} {text}" for text in _of_volume(disk, volume))
    yield from (f"{volume.volume_id} at {device} is in no backup" for device, volume in attached.items())


def _of_volume(disk: ImageDisk, volume: Volume) -> Iterator[str]:
    if volume.size_gib != disk.size_gib:
        yield f"has {volume.size_gib} GiB, not {disk.size_gib}"
    if disk.volume_type and volume.volume_type != disk.volume_type:
        yield f"is of type {volume.volume_type}, not {disk.volume_type}"
    if disk.encrypted and not volume.encrypted:  # the other way round is the account's own default encryption
        yield "is not encrypted, its snapshot is"


def _named_profile(metadata: Mapping[str, str]) -> str:
    name = metadata.get(PROFILE_KEY, "")
    return "" if name == AS_BACKED_UP else name


def _of_settings(plan: PlannedRestore, restored: RestoredInstance) -> Iterator[str]:
    metadata = plan.metadata
    wanted = {
        "instance type": (metadata.get("InstanceType"), restored.instance.instance_type),
        "subnet": (metadata.get("SubnetId"), restored.subnet),
        "instance profile": (plan.attached_profile or _named_profile(metadata), restored.profile),
    }
    for what, (asked, has) in wanted.items():
        if asked and asked != has:
            yield f"its {what} is {has or 'none'}, asked for was {asked}"
    groups = set(groups_of(metadata))
    if groups and groups != set(restored.security_groups):
        has = ", ".join(sorted(restored.security_groups)) or "none"
        yield f"its security groups are {has}, asked for were {', '.join(sorted(groups))}"


def _of_tags(plan: PlannedRestore, restored: RestoredInstance) -> Iterator[str]:
    for key, value in plan.tags.items():
        has = restored.instance.tags.get(key)
        if has != value:
            yield f"tag {key} is missing" if has is None else f"tag {key} is {has!r}, not {value!r}"


def _volumes(number: int) -> str:
    return f"{number} volume" if number == 1 else f"{number} volumes"
