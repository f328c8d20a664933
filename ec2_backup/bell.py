"""News from another thread that end a sleep early."""

from threading import Event
from time import monotonic

from ec2_backup import stop

_LOOK_SECONDS = 0.5  # how soon a sleeper notices that the run was told to stop


class Bell:
    """What one thread rings when it has learned something that another one waits for."""

    def __init__(self) -> None:
        self._rung = Event()

    def ring(self) -> None:
        """Wake whoever sleeps, or else the next who is about to."""
        self._rung.set()

    def sleep(self, seconds: float) -> bool:
        """Sleep until the time is over or the bell rings, and return whether it rang. Raises Interrupted."""
        until = monotonic() + seconds
        while (left := until - monotonic()) > 0 and not self._rung.wait(min(left, _LOOK_SECONDS)):
            stop.raise_if_stopped()
        stop.raise_if_stopped()
        rang = self._rung.is_set()
        self._rung.clear()
        return rang
