"""Which recovery points are looked into, and what of them proves nothing."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.coverage.assessment import assess
from ec2_backup.coverage.model import Standing
from ec2_backup.coverage.proof import ROUNDS, to_unlooked
from tests.unit.coverages import ACCOUNT, BY, by_arn, kept, looked, seen


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"image_state": None, "snapshots": ()}, "does not exist"),
        ({"image_state": "failed"}, "is failed, not available"),
        ({"snapshots": ()}, "holds no volume"),
    ],
)
def test_a_damaged_recovery_point_proves_nothing(damage, said):
    one = seen()
    point = kept(one, 5)

    found = assess(one, [point], by_arn([looked(point, one, **damage)]), BY)

    assert found.standing is Standing.UNPROVEN
    assert said in found.reason


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"state": "absent"}, "is absent, not completed"),
        ({"state": "pending"}, "is pending, not completed"),
        ({"encrypted": False, "kms_key_id": None}, "is encrypted, its snapshot"),
        ({"kms_key_id": "key-2"}, "is encrypted with key-1, its snapshot with key-2"),
    ],
)
def test_a_recovery_point_with_a_damaged_snapshot_proves_nothing(change, said):
    one = seen()
    point = kept(one, 5)
    whole = looked(point, one)
    damaged = replace(whole, snapshots=(replace(whole.snapshots[0], **change),))

    found = assess(one, [point], by_arn([damaged]), BY)

    assert found.standing is Standing.UNPROVEN
    assert said in found.reason


@pytest.mark.parametrize(("status", "said"), [("EXPIRED", "is EXPIRED"), ("CREATING", "is being made since")])
def test_points_that_are_not_complete_prove_nothing_and_are_not_looked_into(status, said):
    one = seen()
    point = kept(one, 5, status=status)

    assert list(to_unlooked([one], lambda _: [point], {})) == []
    found = assess(one, [point], {}, BY)
    assert found.standing is Standing.UNPROVEN
    assert said in found.reason


def test_a_copy_covers_by_its_devices_whatever_key_it_is_encrypted_with():
    one = seen()
    point = kept(one, 5, region="eu-west-1", is_copy=True)
    whole = looked(point, one)
    copied = replace(whole, snapshots=(replace(whole.snapshots[0], volume_id="vol-ffffffff", kms_key_id="key-9"),))

    found = assess(one, [point], by_arn([copied]), BY)

    assert found.standing is Standing.COVERED
    assert found.notes == (f"the last proven recovery point is a copy in eu-west-1 of account {ACCOUNT}",)


@given(st.lists(st.floats(0.1, 1000), max_size=8, unique=True), st.integers(0, 8))
def test_the_newest_three_points_are_looked_into_one_after_another_until_one_is_proven(hours, good):
    one = seen()
    points = [kept(one, hour) for hour in hours]
    order = sorted({round(hour * 60): point for hour, point in zip(hours, points, strict=True)}.items())
    points = [point for _, point in order]
    known = {}
    asked = []
    while wanted := list(to_unlooked([one], lambda _: points, known)):
        (next_,) = wanted
        asked.append(next_)
        known |= by_arn([looked(next_, one, image_state="available" if points.index(next_) == good else "failed")])

    assert asked == points[: min(ROUNDS, good + 1)]
