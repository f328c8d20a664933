"""Where an instance stands, for everything that can be found of it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.coverage.assessment import assess
from ec2_backup.coverage.model import Keeper, Origin, SeenInstance, Standing
from tests.unit.coverages import ACCOUNT, BY, DAY, NOW, PLAN, REGION, a_volume, by_arn, kept, looked, seen


def test_a_young_and_complete_recovery_point_covers_its_instance():
    one = seen()
    point = kept(one, 5, plan=PLAN)

    found = assess(one, [point], by_arn([looked(point, one)]), BY)

    assert (found.standing, found.age_seconds, found.reason, found.advice) == (Standing.COVERED, 5 * 3600, "", "")
    assert found.origin == Origin(Keeper.PLAN, "Daily", "nightly")
    assert found.last
    assert found.last.point.image_state == "available"


@given(hours=st.floats(0.01, 10_000), allowed=st.integers(1, 10_000))
def test_the_objective_is_met_exactly_as_long_as_the_age_does_not_exceed_it(hours, allowed):
    one = seen()
    point = kept(one, hours)
    by = replace(BY, objective=timedelta(hours=allowed))

    found = assess(one, [point], by_arn([looked(point, one)]), by)

    in_time = NOW - (point.point.created_at or NOW) <= by.objective
    assert found.standing is (Standing.COVERED if in_time else Standing.LATE)


def test_an_instance_that_no_vault_knows_was_never_backed_up():
    found = assess(seen(), [], {}, BY)

    assert (found.standing, found.points, found.last) == (Standing.NEVER, 0, None)
    assert found.reason == "no vault has a recovery point of it"


def test_what_a_vault_that_could_not_be_read_may_hold_is_not_known():
    by = replace(BY, blind={(ACCOUNT, REGION): "vault Locked: AccessDenied"})

    found = assess(seen(), [], {}, by)

    assert found.standing is Standing.UNKNOWN
    assert "vault Locked: AccessDenied" in found.reason


def test_a_copy_may_be_in_any_other_place_that_could_not_be_read():
    by = replace(BY, blind={("210987654321", "eu-west-1"): "backup:ListBackupVaults in eu-west-1: AccessDenied"})

    found = assess(seen(), [], {}, by)

    assert found.standing is Standing.UNKNOWN
    assert "backup:ListBackupVaults in eu-west-1" in found.reason


def test_what_could_not_be_read_beside_an_instance_is_told_before_what_could_not_be_read_elsewhere():
    by = replace(BY, blind={(ACCOUNT, "eu-west-1"): "elsewhere", (ACCOUNT, REGION): "vault Locked: AccessDenied"})

    assert "vault Locked" in assess(seen(), [], {}, by).reason


def test_a_late_instance_is_said_to_be_better_off_perhaps_where_a_vault_could_not_be_read():
    one = seen()
    point = kept(one, 50)
    by = replace(BY, blind={(ACCOUNT, REGION): "vault Locked: AccessDenied"})

    found = assess(one, [point], by_arn([looked(point, one)]), by)

    assert found.standing is Standing.LATE
    assert found.notes == ("there may be newer ones than were seen: vault Locked: AccessDenied",)


def test_points_that_could_not_be_looked_into_leave_the_instance_unknown():
    one = seen()
    by = replace(BY, blind={(ACCOUNT, REGION): "ec2:DescribeImages: UnauthorizedOperation"})

    found = assess(one, [kept(one, 5)], {}, by)

    assert found.standing is Standing.UNKNOWN
    assert "ec2:DescribeImages" in found.reason


def test_a_volume_that_was_attached_since_is_named_and_makes_the_instance_partly_covered():
    before = seen()
    point = kept(before, 5)
    added = a_volume(2, "/dev/sdf", size_gib=200)
    now = SeenInstance(
        replace(before.instance, volumes=(*before.instance.volumes, added)), ACCOUNT, {added.volume_id: NOW}
    )

    found = assess(now, [point], by_arn([looked(point, before)]), BY)

    assert (found.standing, found.uncovered) == (Standing.PARTLY, (added,))
    assert f"volume {added.volume_id} (/dev/sdf, 200 GiB) was attached on 2026-11-23 08:00, after" in found.reason


def test_a_volume_that_the_backup_left_out_is_told_from_one_that_came_later():
    one = seen(1, a_volume(1), a_volume(2, "/dev/sdf"))
    point = kept(one, 5)
    whole = looked(point, one)

    found = assess(one, [point], by_arn([replace(whole, snapshots=whole.snapshots[:1])]), BY)

    assert found.standing is Standing.PARTLY
    assert "has no snapshot in the last proven recovery point" in found.reason


def test_a_late_instance_also_names_its_new_volumes():
    one = seen(1, a_volume(1), a_volume(2, "/dev/sdf"))
    point = kept(one, 50)
    whole = looked(point, one)

    found = assess(one, [point], by_arn([replace(whole, snapshots=whole.snapshots[:1])]), BY)

    assert found.standing is Standing.LATE
    assert found.reason.startswith("the last proven recovery point is 2 d 02 h old, allowed are 24 h; volume vol-")


def test_behind_a_damaged_point_an_older_one_is_the_last_proven_and_both_are_told():
    one = seen()
    newer, older = kept(one, 3), kept(one, 30)

    found = assess(one, [older, newer], by_arn([looked(newer, one, image_state=None), looked(older, one)]), BY)

    assert found.standing is Standing.LATE
    assert found.last
    assert found.last.point.arn == older.point.arn
    assert "newer ones are not proven: its image" in found.reason
    assert found.newest
    assert found.newest.point.arn == newer.point.arn


def test_a_volume_that_has_grown_is_covered_and_told_of():
    small = seen()
    point = kept(small, 5)
    large = SeenInstance(replace(small.instance, volumes=(a_volume(1, size_gib=80),)), ACCOUNT)

    found = assess(large, [point], by_arn([looked(point, small)]), BY)

    assert found.standing is Standing.COVERED
    assert any("has grown since" in note for note in found.notes)


@pytest.mark.parametrize(("days", "soon"), [(2.9, True), (3.1, False), (None, False)])
def test_a_point_expires_soon_when_it_is_deleted_within_the_time_asked_for(days, soon):
    one = seen()
    point = kept(one, 5, delete_at=None if days is None else NOW + days * DAY)

    assert assess(one, [point], by_arn([looked(point, one)]), BY).expires_soon is soon


def test_the_tags_of_the_image_tell_a_run_of_this_program_from_a_hand():
    one = seen()
    point = kept(one, 5)
    tags = {"InstanceId": one.instance.instance_id, "RunId": "20261120T013000Z-5eed5eed"}

    by_run, by_hand = (assess(one, [point], by_arn([looked(point, one, tags=some)]), BY) for some in (tags, {}))

    assert by_run.origin == Origin(Keeper.RUN, "20261120T013000Z-5eed5eed")
    assert by_hand.origin == Origin(Keeper.HAND)


def test_an_instance_store_root_is_said_to_be_out_of_reach_of_aws_backup():
    found = assess(seen(root_device_type="instance-store"), [], {}, BY)

    assert found.standing is Standing.NEVER
    assert found.advice.startswith("AWS Backup cannot back up")
