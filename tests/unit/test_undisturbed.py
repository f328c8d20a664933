"""What must not be left half done is not interrupted; the signal comes after it."""

import os
import signal
import threading
from collections.abc import Iterator

import pytest

from ec2_backup.stop import undisturbed


class Terminated(BaseException):
    """What SIGTERM raises in these tests."""


@pytest.fixture(autouse=True)
def _sigterm() -> Iterator[None]:
    def terminate(*_: object) -> None:
        raise Terminated

    earlier = signal.signal(signal.SIGTERM, terminate)
    yield
    signal.signal(signal.SIGTERM, earlier)


def write_while_signalled(number: int, done: list[str]) -> None:
    with undisturbed():
        os.kill(os.getpid(), number)
        os.kill(os.getpid(), number)
        done.append("written")


@pytest.mark.parametrize(("number", "kind"), [(signal.SIGINT, KeyboardInterrupt), (signal.SIGTERM, Terminated)])
def test_a_signal_waits_until_the_block_is_over(number: int, kind: type[BaseException]) -> None:
    done: list[str] = []

    with pytest.raises(kind):
        write_while_signalled(number, done)

    assert done == ["written"]


def test_without_a_signal_nothing_comes_and_the_handlers_are_as_before() -> None:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]

    with undisturbed():
        pass

    assert [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)] == before


def test_an_error_of_the_block_comes_out_of_it_and_the_handlers_are_as_before() -> None:
    before = signal.getsignal(signal.SIGINT)

    with pytest.raises(LookupError), undisturbed():
        raise LookupError

    assert signal.getsignal(signal.SIGINT) is before


def test_a_thread_that_signals_do_not_reach_goes_on_as_ever() -> None:
    done = []

    def write() -> None:
        with undisturbed():
            done.append("written")

    thread = threading.Thread(target=write)
    thread.start()
    thread.join()

    assert done == ["written"]
