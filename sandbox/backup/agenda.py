"""What falls due in AWS Backup of one account and Region, done when somebody looks, in its order and at its date."""

from collections.abc import Callable
from datetime import datetime
from heapq import heappop, heappush
from itertools import count

from sandbox.clock import CLOCK

Step = Callable[[datetime], None]
"""Something to be done, which is told the date that it was due at."""


class Agenda:
    """A queue on virtual time. Nothing runs in the background: `settle` is called by whoever reads a state."""

    def __init__(self) -> None:
        self._due: list[tuple[datetime, int, Step]] = []
        self._order = count()

    def at(self, due: datetime, step: Step) -> None:
        """Have something done at a date; what is due at the same date is done in the order of these calls."""
        heappush(self._due, (due, next(self._order), step))

    def settle(self) -> None:
        """Do all that has fallen due by now."""
        now = CLOCK.now()
        while self._due and self._due[0][0] <= now:
            due, _, step = heappop(self._due)
            step(due)
