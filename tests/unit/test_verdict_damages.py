"""Whatever single thing is wrong with a recovery point, it is found and named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from ec2_backup.model import PlannedBackup, RecoveryPoint, Snapshot
from ec2_backup.verdict import prove
from tests.unit.backups import a_job, a_point, plans

JOB = a_job()
OTHER_KEY = "arn:aws:kms:eu-central-1:123456789012:key/other"

Damaged = tuple[RecoveryPoint, str]
Damage = Callable[[PlannedBackup, RecoveryPoint, int], Damaged]


def to_snapshot(point: RecoveryPoint, number: int, **changes: object) -> RecoveryPoint:
    """Return the point with one of its snapshots changed."""
    snapshots = list(point.snapshots)
    changed: Snapshot = replace(snapshots[number], **changes)  # type: ignore[arg-type]
    snapshots[number] = changed
    return replace(point, snapshots=tuple(snapshots))


def without_snapshot(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    rest = tuple(one for one in point.snapshots if one != point.snapshots[number])
    return replace(point, snapshots=rest), f"{plan.instance.volumes[number].volume_id} "


def twice(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    double = replace(point.snapshots[number], snapshot_id="snap-twice")
    named = f"{plan.instance.volumes[number].volume_id} "
    return replace(point, snapshots=(*point.snapshots, double)), named


def of_another_volume(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    return to_snapshot(point, number, volume_id="vol-of-somebody"), f"{plan.instance.volumes[number].volume_id} "


def on_another_device(_: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    return to_snapshot(point, number, device="/dev/other"), f"{point.snapshots[number].snapshot_id} is mapped to /dev/o"


def unencrypted(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    assume(plan.instance.volumes[number].encrypted)
    damaged = to_snapshot(point, number, encrypted=False, kms_key_id=None)
    return damaged, f"it is encrypted, snapshot {point.snapshots[number].snapshot_id} is not"


def under_another_key(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    assume(plan.instance.volumes[number].encrypted)
    return to_snapshot(point, number, kms_key_id=OTHER_KEY), f"is encrypted with {OTHER_KEY}"


def smaller(plan: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    size = plan.instance.volumes[number].size_gib - 1
    return to_snapshot(point, number, size_gib=size), f"{point.snapshots[number].snapshot_id} has {size} GiB"


def unfinished_snapshot(_: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    state = ("pending", "error", "recoverable", "absent")[number % 4]
    named = f"snapshot {point.snapshots[number].snapshot_id} is {state}, not completed"
    return to_snapshot(point, number, state=state), named


def vanished_snapshot(_: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    # As the evidence shows one that EC2 no longer has: only its place in the image is left.
    named = f"snapshot {point.snapshots[number].snapshot_id} is absent, not completed"
    return to_snapshot(point, number, state="absent", volume_id=None, kms_key_id=None), named


def no_image(_: PlannedBackup, point: RecoveryPoint, __: int) -> Damaged:
    return replace(point, image_state=None, snapshots=(), tags={}), f"image {point.image_id} does not exist"


def unavailable_image(_: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    state = ("pending", "failed", "deregistered", "disabled", "error")[number % 5]
    return replace(point, image_state=state), f"image {point.image_id} is {state}, not available"


def bad_status(_: PlannedBackup, point: RecoveryPoint, number: int) -> Damaged:
    status = ("EXPIRED", "PARTIAL", "CREATING", "DELETING", "STOPPED")[number % 5]
    said = "The provided role cannot be assumed."
    return replace(point, status=status, status_message=said), f"the recovery point is {status} ({said}), not COMPLETED"


def longer_kept(plan: PlannedBackup, point: RecoveryPoint, _: int) -> Damaged:
    days = (plan.retention_days or 0) + 2
    return replace(point, retention_days=days), f"it is kept {days} days, asked for was"


def kept_for_ever(plan: PlannedBackup, point: RecoveryPoint, _: int) -> Damaged:
    assume(plan.retention_days)
    return replace(point, retention_days=None), "it is kept for ever, asked for was"


def without_tag(_: PlannedBackup, point: RecoveryPoint, __: int) -> Damaged:
    rest = {key: value for key, value in point.tags.items() if key != "RunId"}
    return replace(point, tags=rest), "tag RunId is missing"


def changed_tag(plan: PlannedBackup, point: RecoveryPoint, _: int) -> Damaged:
    changed = {**point.tags, "RunId": plan.tags["RunId"] + "!"}
    return replace(point, tags=changed), f"tag RunId is {changed['RunId']!r}, asked for was {plan.tags['RunId']!r}"


DAMAGES: tuple[Damage, ...] = (
    without_snapshot,
    twice,
    of_another_volume,
    on_another_device,
    unencrypted,
    under_another_key,
    smaller,
    unfinished_snapshot,
    vanished_snapshot,
    no_image,
    unavailable_image,
    bad_status,
    longer_kept,
    kept_for_ever,
    without_tag,
    changed_tag,
)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@given(plan=plans(), data=st.data())
def test_a_single_damage_is_always_a_failure_that_names_it(damage, plan, data):
    number = data.draw(st.integers(0, len(plan.instance.volumes) - 1))
    point, named = damage(plan, a_point(plan, JOB), number)

    proof = prove(plan, JOB, point)

    assert proof.failure
    assert proof.failure.step == 12
    assert proof.failure.instance_id == plan.instance.instance_id
    assert named in proof.failure.reason
    assert proof.failure.advice
    assert proof.recovery_point == point
