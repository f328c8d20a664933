"""Threads learn that the run was told to stop."""

import threading

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted


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
