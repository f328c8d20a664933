"""What a reader of the narration channel finds on a record, and how it comes to listen."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from ec2_backup.narration import LOGGER, FleetProgress, Mark


@dataclass(frozen=True, slots=True)
class Told:
    """A record of the channel with its types back; `text` may still hold several lines.

    `proven` is how many backups are proven by now, and `link` the run's page in Prefect, where the record tells that.
    """

    text: str
    mark: Mark
    step: int | None = None
    progress: FleetProgress | None = None
    proven: int | None = None
    link: str = ""


def told(record: logging.LogRecord) -> Told:
    """Return what a record tells; one that was not made by `narration.tell` gets its mark from its level."""
    mark = getattr(record, "mark", None) or _mark_of_level(record.levelno)
    return Told(
        record.getMessage(),
        mark,
        step=getattr(record, "step", None),
        progress=getattr(record, "progress", None),
        proven=getattr(record, "proven", None),
        link=getattr(record, "link", ""),
    )


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


class ReportKeeper(logging.Handler):
    """A reader of the channel that keeps the report which a run of whatever kind tells last."""

    report: Any = None

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record's report where it has one."""
        self.report = getattr(record, "report", self.report)
