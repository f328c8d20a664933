"""What a reader of the narration channel finds on a record, and how it comes to listen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ec2_backup.narration import LOGGER, FleetProgress, Mark


@dataclass(frozen=True, slots=True)
class Told:
    """A record of the channel with its types back; `text` may still hold several lines."""

    text: str
    mark: Mark
    step: int | None = None
    progress: FleetProgress | None = None


def told(record: logging.LogRecord) -> Told:
    """Return what a record tells; one that was not made by `narration.tell` gets its mark from its level."""
    mark = getattr(record, "mark", None) or _mark_of_level(record.levelno)
    return Told(record.getMessage(), mark, getattr(record, "step", None), getattr(record, "progress", None))


def _mark_of_level(level: int) -> Mark:
    if level >= logging.ERROR:
        return Mark.FAILED
    return Mark.WARNING if level >= logging.WARNING else Mark.NOTE


@contextmanager
def listening(handler: logging.Handler) -> Iterator[None]:
    """Attach a handler to the channel while the block runs, and let records of level INFO through to it."""
    level = LOGGER.level
    if LOGGER.getEffectiveLevel() > logging.INFO:
        LOGGER.setLevel(logging.INFO)
    LOGGER.addHandler(handler)
    try:
        yield
    finally:
        LOGGER.removeHandler(handler)
        LOGGER.setLevel(level)
        handler.close()
