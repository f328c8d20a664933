"""Whether a copy counts: there is what its source holds, under the key of its vault, for as long as was asked."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from ec2_backup.copies.advice import advise_copy
from ec2_backup.copies.model import CopyFailure, CopyJob, CopyProof, PlannedCopy, SeenDestination
from ec2_backup.model import RecoveryPoint, Snapshot
from ec2_backup.states import BackupJobState
from ec2_backup.verdict import of_retention, of_state, to_days, trouble_of_job

_LOOK = "Do not count on this copy: look at the recovery point, mend the cause, and back the instance up again."
_ENTER = "Let the run look into that vault (docs/copies.md), then: ./start-ec2-backup.sh resume RUN_KEY"


def judge_copy_job(job: CopyJob) -> CopyFailure | None:
    """Return why this job gave no clean copy, None where it is COMPLETED without issues."""
    # One that FAILED is started again when the run is taken up; any other that is over is found again, as it is.
    is_lasting = job.state.is_final and job.state is not BackupJobState.FAILED
    trouble = trouble_of_job(job, "copy job", partial(advise_copy, otherwise=_LOOK) if is_lasting else advise_copy)
    return CopyFailure(job.instance_id, job.destination_arn, 10, *trouble, is_lasting=is_lasting) if trouble else None


def prove_copy(plan: PlannedCopy, job: CopyJob, point: RecoveryPoint | None, seen: SeenDestination) -> CopyProof:
    """Return whether the copy would restore all that its source would, with a failure that names each difference.

    Of a copy that a backup plan has made only what every copy owes is asked: its retention was somebody else's choice.
    """
    failure = judge_copy_job(job) or _unseen(plan, seen) or _compare(plan, job, point, seen)
    is_other = job.adopted and point is not None and point.retention_days != plan.retention_days
    notes = (
        (f"a backup plan made this copy, which is kept {to_days(point.retention_days)}",) if is_other and point else ()
    )
    return CopyProof(job.key, point, failure, notes)


def _unseen(plan: PlannedCopy, seen: SeenDestination) -> CopyFailure | None:
    if seen.is_visible:
        return None
    return to_failure(plan, f"the copy job is COMPLETED, and the copy cannot be verified: {seen.unseen}", _ENTER)


def to_failure(plan: PlannedCopy, reason: str, advice: str = _LOOK, step: int = 12) -> CopyFailure:
    """Return the failure of one copy; without a step, one that was found in its recovery point."""
    return CopyFailure(plan.instance_id, plan.destination.arn, step, reason, advice)


def _compare(plan: PlannedCopy, job: CopyJob, point: RecoveryPoint | None, seen: SeenDestination) -> CopyFailure | None:
    if point is None:
        return _lasting(plan, f"the vault has no recovery point {job.copy_arn or 'of the copy job'}")
    differences = [*of_state(point), *_of_snapshots(plan.source, point, seen)]
    if not job.adopted:
        differences += of_retention(plan.retention_days, point)
    return _lasting(plan, "; ".join(differences)) if differences else None


def _lasting(plan: PlannedCopy, reason: str) -> CopyFailure:
    return replace(to_failure(plan, reason), is_lasting=True)


def _of_snapshots(source: RecoveryPoint, copy: RecoveryPoint, seen: SeenDestination) -> Iterator[str]:
    """Yield how the snapshots of the copy differ, which go by their device: EC2 names no volume of a copied one."""
    if copy.image_state is None:
        return
    key = seen.vault.encryption_key_arn if seen.vault else None
    for original in source.snapshots:
        copies = [one for one in copy.snapshots if one.device == original.device]
        if len(copies) != 1:
            yield f"{original.device} ({original.size_gib} GiB) has {len(copies) or 'no'} snapshots in the copied image"
            continue
        yield from (f"{original.device}: {text}" for text in _of_snapshot(original, copies[0], key))


def _of_snapshot(original: Snapshot, copy: Snapshot, key: str | None) -> Iterator[str]:
    if copy.state != "completed":
        yield f"snapshot {copy.snapshot_id} is {copy.state}, not completed"
    if copy.size_gib < original.size_gib:
        yield f"snapshot {copy.snapshot_id} has {copy.size_gib} GiB, its source {original.size_gib}"
    if not copy.encrypted:
        yield f"snapshot {copy.snapshot_id} is not encrypted"
    elif key and copy.kms_key_id and copy.kms_key_id != key:
        yield f"snapshot {copy.snapshot_id} is encrypted with {copy.kms_key_id}, the vault with {key}"
