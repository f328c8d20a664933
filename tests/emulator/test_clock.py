"""Virtual time, and the script of outcomes, by themselves."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.clock import Clock, epoch_seconds

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_the_clock_stays_near_the_wall_clock_until_it_is_moved():
    clock = Clock()
    before = clock.now()
    clock.advance(3600)

    assert abs(before - datetime.now(UTC)) < timedelta(seconds=5)
    assert clock.now() - before >= timedelta(hours=1)


def test_durations_of_aws_are_divided_by_the_speed():
    clock = Clock()
    clock.reset(speed=120)

    assert clock.after(NOON, 600) == NOON + timedelta(seconds=5)


def test_the_clock_knows_what_it_said_at_a_moment_of_the_wall_clock():
    clock = Clock()
    early = datetime.now(UTC)
    clock.advance(100)
    late = datetime.now(UTC)

    assert clock.at_wall(early) == early
    assert clock.at_wall(late) == late + timedelta(seconds=100)


def test_a_reset_forgets_offset_and_speed():
    clock = Clock()
    clock.advance(100)
    clock.reset(2.0)
    clock.reset()

    assert clock.speed == 1.0
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


@pytest.mark.parametrize("speed", [0, -1])
def test_a_speed_that_is_none_is_refused(speed):
    with pytest.raises(ValueError, match="must be positive"):
        Clock().reset(speed)


def test_time_does_not_go_back():
    with pytest.raises(ValueError, match="does not go back"):
        Clock().advance(-1)


def test_a_date_is_cut_off_after_milliseconds():
    assert epoch_seconds(NOON.replace(microsecond=999_999)) == NOON.timestamp() + 0.999
