"""What is being made when a run is told to stop is waited for, and nothing else is made after it."""

from threading import Event, Thread

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def _going():
    stop.resume()
    yield
    stop.resume()


def test_the_last_that_is_made_is_over_before_anybody_lists_what_there_is():
    is_begun, may_end, made = Event(), Event(), []

    def make() -> None:
        with stop.making():
            is_begun.set()
            may_end.wait(PATIENCE)
            made.append("job")

    maker = Thread(target=make)
    maker.start()
    is_begun.wait(PATIENCE)
    stop.stop()
    stop.wait_for_the_last(0.05)
    listed_too_early = list(made)
    may_end.set()
    stop.wait_for_the_last(PATIENCE)

    assert listed_too_early == []
    assert made == ["job"]
    maker.join()


def test_nothing_is_made_once_the_run_was_told_to_stop():
    stop.stop()
    made = []

    with pytest.raises(Interrupted), stop.making():
        made.append("job")

    assert made == []
    stop.wait_for_the_last(PATIENCE)


def test_what_could_not_be_made_is_waited_for_no_longer():
    with pytest.raises(ConnectionError), stop.making():
        raise ConnectionError

    stop.stop()
    stop.wait_for_the_last(PATIENCE)
