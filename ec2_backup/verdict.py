"""Step 12: whether a backup counts. A job's own word is not believed: its recovery point is compared with the plan."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from ec2_backup.advice import advise
from ec2_backup.copies.model import CopyJob
from ec2_backup.model import BackupJob, Instance, PlannedBackup, RecoveryPoint, Snapshot, Volume
from ec2_backup.results import Failure, Proof
from ec2_backup.runkey import to_began_at
from ec2_backup.settings import RUN_TAG
from ec2_backup.states import BackupJobState

# AVAILABLE is newer than COMPLETED and means the same (AWS Backup API reference, RecoveryPoint.Status).
GOOD_STATUS = frozenset({"COMPLETED", "AVAILABLE"})


def judge_job(job: BackupJob) -> Failure | None:
    """Return why this job gave no clean backup, None where it is COMPLETED without issues."""
    trouble = trouble_of_job(job, "job", advise)
    return Failure(job.instance_id, 10, *trouble) if trouble else None


def trouble_of_job(job: BackupJob | CopyJob, kind: str, advise: Callable[[str], str]) -> tuple[str, str] | None:
    """Return why this job did not end well and what to do, None where it is COMPLETED without issues.

    `kind` is what the job is called, `advise` says what to do about AWS's own message.
    """
    said = job.message or "AWS gave no message"
    if not job.state.is_final:
        return (
            f"{kind} {job.job_id} is still {job.state} and its deadline has passed",
            "It goes on at AWS: ./start-ec2-backup.sh resume RUN_KEY with a longer --deadline-minutes watches it.",
        )
    if job.state is not BackupJobState.COMPLETED:
        return f"{kind} {job.job_id} ended {job.state}: {said}", advise(said)
    if job.message_category and job.message_category.lower() != "success":
        return f"{kind} {job.job_id} completed with issues ({job.message_category}): {said}", advise(job.message)
    return None


def prove(plan: PlannedBackup, job: BackupJob, point: RecoveryPoint | None) -> Proof:
    """Return whether the recovery point would restore all that was planned, with a Failure that names each difference.

    Of an adopted job only what every backup owes is asked: its tags and retention were somebody else's choice. So is
    what bears the name of another run: one that is taken up cannot tell such a job from its own by its date.
    """
    if point and _other_run(plan, point):
        job = replace(job, adopted=True)
    failure = judge_job(job) or _compare(plan, job, point)
    notes = _remarks(plan, job, point) if point else ()
    return Proof(job.instance_id, point, failure, notes)


def _other_run(plan: PlannedBackup, point: RecoveryPoint) -> str | None:
    named = point.tags.get(RUN_TAG, "")
    return named if named != plan.tags.get(RUN_TAG) and to_began_at(named) else None


def _compare(plan: PlannedBackup, job: BackupJob, point: RecoveryPoint | None) -> Failure | None:
    if point is None:
        return _failure(job, [f"AWS Backup has no recovery point {job.recovery_point_arn or 'for the job'}"])
    differences = [*of_state(point), *_of_volumes(plan.instance, point)]
    if not job.adopted:
        differences += [*of_retention(plan.retention_days, point), *_of_tags(plan, point)]
    return _failure(job, differences) if differences else None


def _remarks(plan: PlannedBackup, job: BackupJob, point: RecoveryPoint) -> tuple[str, ...]:
    known = {volume.volume_id for volume in plan.instance.volumes}
    late = [snapshot.device for snapshot in point.snapshots if snapshot.volume_id and snapshot.volume_id not in known]
    remarks = [f"the backup also holds {', '.join(late)}, attached after the volumes were listed"] if late else []
    if other := _other_run(plan, point):
        remarks.append(f"the run {other} made this backup")
    if job.adopted and plan.retention_days != point.retention_days:
        remarks.append(f"the job found here keeps its backup {to_days(point.retention_days)}")
    return tuple(remarks)


def _failure(job: BackupJob, differences: list[str]) -> Failure:
    advice = "Do not count on this backup: look at the recovery point, mend the cause, and run again for the instance."
    return Failure(job.instance_id, 12, "; ".join(differences), advice)


def of_state(point: RecoveryPoint) -> Iterator[str]:
    """Yield what is wrong with the state of a recovery point or its image."""
    if point.status not in GOOD_STATUS:
        said = f" ({point.status_message})" if point.status_message else ""
        yield f"the recovery point is {point.status}{said}, not COMPLETED"
    if point.image_state is None:
        yield f"its image {point.image_id} does not exist"
    elif point.image_state != "available":
        yield f"its image {point.image_id} is {point.image_state}, not available"


def _of_volumes(instance: Instance, point: RecoveryPoint) -> Iterator[str]:
    if point.image_state is None:
        return
    for volume in instance.volumes:
        name = f"{volume.volume_id} ({volume.device}, {volume.size_gib} GiB)"
        snapshots = [snapshot for snapshot in point.snapshots if is_snapshot_of(snapshot, volume)]
        if len(snapshots) != 1:
            yield f"volume {name} has {len(snapshots) or 'no'} snapshot{'s' if len(snapshots) > 1 else ''} in the image"
            continue
        yield from (f"volume {name}: {text}" for text in _of_snapshot(volume, snapshots[0]))


def is_snapshot_of(snapshot: Snapshot, volume: Volume) -> bool:
    """Say whether the snapshot was taken of the volume."""
    # A snapshot that EC2 no longer shows has no volume id: its place in the image is all there is to know it by.
    return snapshot.volume_id == volume.volume_id if snapshot.volume_id else snapshot.device == volume.device


def _of_snapshot(volume: Volume, snapshot: Snapshot) -> Iterator[str]:
    if snapshot.state != "completed":
        yield f"snapshot {snapshot.snapshot_id} is {snapshot.state}, not completed"
    if snapshot.device != volume.device:
        yield f"snapshot {snapshot.snapshot_id} is mapped to {snapshot.device}"
    if snapshot.size_gib < volume.size_gib:
        yield f"snapshot {snapshot.snapshot_id} has {snapshot.size_gib} GiB"
    if volume.encrypted and not snapshot.encrypted:
        yield f"it is encrypted, snapshot {snapshot.snapshot_id} is not"
    elif volume.kms_key_id and snapshot.kms_key_id and volume.kms_key_id != snapshot.kms_key_id:
        yield f"snapshot {snapshot.snapshot_id} is encrypted with {snapshot.kms_key_id}, it with {volume.kms_key_id}"


def of_retention(asked_days: int | None, point: RecoveryPoint) -> Iterator[str]:
    """Yield how a recovery point's retention differs from the one asked for."""
    if asked_days != point.retention_days:
        yield f"it is kept {to_days(point.retention_days)}, asked for was {to_days(asked_days)}"


def to_days(days: int | None) -> str:
    """Return a retention in words."""
    return "for ever" if days is None else f"{days} day{'' if days == 1 else 's'}"


def _of_tags(plan: PlannedBackup, point: RecoveryPoint) -> Iterator[str]:
    if point.image_state is None:
        return
    for key, value in plan.tags.items():
        if key not in point.tags:
            yield f"tag {key} is missing"
        elif point.tags[key] != value:
            yield f"tag {key} is {point.tags[key]!r}, asked for was {value!r}"
