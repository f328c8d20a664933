"""What one thread learns ends the sleep of another one, and a stop ends it as well."""

from threading import Timer
from time import monotonic

import pytest

from ec2_backup import stop
from ec2_backup.bell import Bell
from ec2_backup.errors import Interrupted


@pytest.fixture(autouse=True)
def _going_on():
    stop.resume()
    yield
    stop.resume()


def test_a_sleep_is_as_long_as_it_is_where_nobody_rings():
    began = monotonic()

    assert Bell().sleep(0.05) is False
    assert monotonic() - began >= 0.05


def test_a_ring_ends_the_sleep_and_counts_once():
    bell = Bell()
    Timer(0.05, bell.ring).start()
    began = monotonic()

    assert bell.sleep(30) is True
    assert monotonic() - began < 10
    assert bell.sleep(0.01) is False


def test_a_ring_before_the_sleep_is_not_lost():
    bell = Bell()
    bell.ring()

    assert bell.sleep(30) is True


def test_a_sleeper_notices_that_the_run_was_told_to_stop():
    Timer(0.05, stop.stop).start()

    with pytest.raises(Interrupted):
        Bell().sleep(30)
