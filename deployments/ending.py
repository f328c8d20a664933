"""How a process ends whose run is over while Prefect is gone."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager


class EndedWithoutPrefect(SystemExit):
    """The run is over and its report is written, only Prefect could not be told; `code` is the run's exit code."""


@contextmanager
def not_waiting_for_prefect() -> Iterator[None]:
    """End the process at once where the block ends with EndedWithoutPrefect.

    At the end of a process Prefect tries to deliver every event that is left, for some eight seconds each: where its
    server is gone, a fleet of hundreds would keep the terminal for an hour.
    """
    try:
        yield
    except EndedWithoutPrefect as end:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(end.code or 0))
