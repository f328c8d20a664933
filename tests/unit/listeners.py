"""A reader of the narration channel for tests: it remembers what it was told."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from ec2_backup.listener import Told, listening, told
from ec2_backup.narration import Mark


class Listener(logging.Handler):
    """Keeps each record as what it told, and the report that the last one carried."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Told] = []
        self.report = None

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.append(told(record))
        self.report = getattr(record, "report", self.report)

    def texts(self, mark: Mark) -> list[str]:
        """Return what was told with this mark."""
        return [line.text for line in self.heard if line.mark is mark]


@contextmanager
def heard() -> Iterator[Listener]:
    """Listen while the block runs."""
    listener = Listener()
    with listening(listener):
        yield listener
