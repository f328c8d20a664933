"""Whether this process was told to stop.

A signal reaches Python's main thread only. Worker threads learn of it here, so that they neither start another job
nor sleep on.
"""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition, Event, current_thread, main_thread

from ec2_backup.errors import Interrupted

HINT = "Jobs that were started go on at AWS; ./start-ec2-backup.sh resume RUN_KEY takes the run up again."
HINT_WHERE_JOBS_STOP = (
    "The jobs that this run had started were told to stop; --only-failed with this run's JSON report starts new ones."
)

_STOPPED = Event()
_MAKING: set[object] = set()  # what is under way in `making`
_CHANGE = Condition()


def stop() -> None:
    """Tell every thread to end at its next look."""
    _STOPPED.set()


def resume() -> None:
    """Forget an earlier `stop`; a new run in the same process begins with this."""
    _STOPPED.clear()


def raise_if_stopped() -> None:
    """Raise Interrupted once the process was told to stop."""
    if _STOPPED.is_set():
        raise Interrupted(
            "the run was told to stop",
            hint=HINT,
        )


@contextmanager
def making() -> Iterator[None]:
    """Run the block, which makes something at AWS; raise Interrupted instead where the process was told to stop."""
    token = object()
    with _CHANGE:
        _MAKING.add(token)
    try:
        raise_if_stopped()
        yield
    finally:
        with _CHANGE:
            _MAKING.discard(token)
            _CHANGE.notify_all()


def wait_for_the_last(seconds: float) -> None:
    """Wait until nothing is being made any more, lest a list of what there is lacks the last; no longer than this."""
    with _CHANGE:
        _CHANGE.wait_for(lambda: not _MAKING, seconds)


def sleep(seconds: float) -> None:
    """Sleep, but raise Interrupted as soon as the process is told to stop."""
    _STOPPED.wait(seconds)
    raise_if_stopped()


def interruption_of(error: BaseException) -> BaseException | None:
    """Return the interruption that an error is or came of, None where there was none.

    What a signal interrupts may fail at being interrupted: Prefect's engine raises ValueError where a task run was
    just being made.
    """
    looked_at: set[int] = set()  # an error may be its own cause, over however many others
    seen: BaseException | None = error
    while isinstance(seen, Exception):
        if id(seen) in looked_at:
            return None
        looked_at.add(id(seen))
        seen = seen.__cause__ or seen.__context__
    return seen


@contextmanager
def undisturbed() -> Iterator[None]:
    """Let Ctrl-C and SIGTERM wait until the block is over: for what takes milliseconds and must not be left half done.

    Signals reach the main thread alone, so in any other there is nothing to hold back.
    """
    if current_thread() is not main_thread():
        yield
        return
    came: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM)
    earlier = {number: signal.signal(number, lambda which, _: came.append(which)) for number in numbers}
    try:
        yield
    finally:
        for number, handler in earlier.items():
            signal.signal(number, handler or signal.SIG_DFL)
        if came:
            signal.raise_signal(came[0])
