"""Virtual time: the wall clock plus an offset that tests move, with the durations of AWS divided by a speed.

Timestamps stay near the wall clock; what takes minutes at AWS takes minutes divided by `speed` here. Nothing runs in
the background: whoever reads a state computes it from `CLOCK.now()`.
"""

from bisect import bisect_right
from datetime import UTC, datetime, timedelta


class Clock:
    """The sandbox's time. `speed` is how many virtual seconds pass in a second."""

    def __init__(self) -> None:
        self.speed = 1.0
        self._offset = timedelta()
        self._history: list[tuple[datetime, timedelta]] = []

    def now(self) -> datetime:
        """Return the time in the sandbox, aware and in UTC."""
        return datetime.now(UTC) + self._offset

    def advance(self, seconds: float) -> None:
        """Move the time forward by so many seconds of the sandbox's timestamps; the speed has no part in it.

        Raises:
            ValueError: `seconds` is negative: nothing here can be undone.
        """
        if seconds < 0:
            raise ValueError(f"time does not go back: {seconds}")
        self._offset += timedelta(seconds=seconds)
        self._history.append((datetime.now(UTC), self._offset))

    def reset(self, speed: float = 1.0, *, ahead_seconds: float = 0.0) -> None:
        """Return to the wall clock, or to so many seconds ahead of it (behind it where negative), at the given speed.

        Raises:
            ValueError: `speed` is not positive.
        """
        if speed <= 0:
            raise ValueError(f"the speed must be positive: {speed}")
        self.speed = speed
        self._offset = timedelta(seconds=ahead_seconds)
        self._history = [(datetime.min.replace(tzinfo=UTC), self._offset)]

    def after(self, start: datetime, seconds: float) -> datetime:
        """Return when a duration of AWS that begins at `start` and lasts `seconds` there is over here."""
        return start + timedelta(seconds=seconds / self.speed)

    def at_wall(self, wall: datetime) -> datetime:
        """Return what this clock said at an aware moment of the wall clock, such as the creation date of a role."""
        index = bisect_right(self._history, wall, key=lambda entry: entry[0])
        return wall + (self._history[index - 1][1] if index else timedelta())


def epoch_seconds(moment: datetime) -> float:
    """Return a date as AWS's JSON has it: seconds since 1970 with three decimals, cut off rather than rounded."""
    return round(to_milliseconds(moment).timestamp(), 3)


def to_milliseconds(moment: datetime) -> datetime:
    """Return a date without what is finer than AWS tells, so that a filter by a date that it told finds that date."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


CLOCK = Clock()
