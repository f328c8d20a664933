"""Threads learn that the run was told to stop; what is being made then is waited for, and nothing else is made."""

import threading

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted

PATIENCE = 60.0


@pytest.fixture(autouse=True)
def going_on():
    stop.resume()
    yield
    stop.resume()


def test_a_process_that_was_not_told_to_stop_goes_on():
    stop.raise_if_stopped()
    stop.sleep(0)


def test_a_stopped_process_raises_interrupted_until_it_is_resumed():
    stop.stop()

    with pytest.raises(Interrupted) as caught:
        stop.raise_if_stopped()
    assert caught.value.exit_code == 130
    assert "resume RUN_KEY" in caught.value.hint
    with pytest.raises(Interrupted):
        stop.sleep(3600)
    stop.resume()
    stop.raise_if_stopped()


def test_a_sleeping_thread_is_woken_by_a_stop():
    ended = []

    def doze() -> None:
        try:
            stop.sleep(3600)
        except Interrupted as error:
            ended.append(error)

    thread = threading.Thread(target=doze)
    thread.start()
    stop.stop()
    thread.join(timeout=30)

    assert not thread.is_alive()
    assert len(ended) == 1


def test_the_last_that_is_made_is_over_before_anybody_lists_what_there_is():
    is_begun, may_end, made = threading.Event(), threading.Event(), []

    def make() -> None:
        with stop.making():
            is_begun.set()
            may_end.wait(PATIENCE)
            made.append("job")

    maker = threading.Thread(target=make)
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
