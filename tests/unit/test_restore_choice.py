"""Which recovery point a row is restored from."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ec2_backup.restore.choice import choose, to_candidates
from ec2_backup.restore.model import ChosenPoint, RestoreFailure
from tests.unit.restores import ARN, NOW, ROOT, a_point, a_row


def point_of(hours_ago: float, **changes):
    image = f"ami-{int(hours_ago * 1000):017x}"
    return a_point(
        arn=f"arn:aws:ec2:eu-central-1::image/{image}", created_at=NOW - timedelta(hours=hours_ago), **changes
    )


def chosen(row, *points):
    return choose(row, points, to_candidates(row, points))


def test_the_newest_point_is_chosen():
    points = [point_of(30), point_of(2), point_of(50)]

    result = chosen(a_row(), *points)

    assert isinstance(result, ChosenPoint)
    assert result.point == points[1]


def test_a_time_chooses_the_newest_at_or_before_it():
    points = [point_of(30), point_of(2), point_of(10)]

    assert chosen(a_row(before=NOW - timedelta(hours=10)), *points).point == points[2]
    assert chosen(a_row(before=NOW - timedelta(hours=11)), *points).point == points[0]


@pytest.mark.parametrize("status", ["CREATING", "PARTIAL", "DELETING", "STOPPED", "EXPIRED"])
def test_of_an_instance_only_what_aws_calls_complete_is_a_candidate(status):
    assert chosen(a_row(), point_of(1, status=status), point_of(5, status="AVAILABLE")).point.status == "AVAILABLE"


@pytest.mark.parametrize(
    ("flaw", "said"),
    [
        ({"image_state": None}, "its image does not exist"),
        ({"image_state": "failed"}, "its image is failed"),
        ({"disks": ()}, "its image has no EBS volume"),
        ({"disks": (replace(ROOT, state="error"),)}, "snapshot snap-0a of /dev/xvda is error"),
    ],
)
def test_a_newer_point_that_is_not_whole_is_passed_over_and_named(flaw, said):
    result = chosen(a_row(), point_of(1, **flaw), point_of(5))

    assert result.point == point_of(5)
    assert [remark.split(": ", 1)[1] for remark in result.remarks] == [said]


def test_an_expired_point_is_restored_only_where_it_is_named_and_with_a_warning():
    expired = point_of(1, status="EXPIRED")

    by_id, by_arn = chosen(a_row(), expired), chosen(a_row(recovery_point_arn=expired.arn), expired)

    assert isinstance(by_id, RestoreFailure)
    assert "they are EXPIRED" in by_id.reason
    assert by_arn.point == expired
    assert "may vanish at any time" in by_arn.remarks[0]


def test_why_there_is_none_is_said():
    late = chosen(a_row(before=NOW - timedelta(days=3)), point_of(2), point_of(30))

    assert "its oldest recovery point is of 2026-11-21 20:00:00 UTC" in late.reason
    assert "no recovery point of i-" in chosen(a_row()).reason
    assert f"no recovery point {ARN}" in chosen(a_row(recovery_point_arn=ARN)).reason
    assert "no recovery point can be restored" in chosen(a_row(), point_of(1, image_state=None)).reason


def test_no_more_than_five_points_are_looked_into():
    points = [point_of(hours) for hours in range(1, 20)]

    assert to_candidates(a_row(), points) == points[:5]
