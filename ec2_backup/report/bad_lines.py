"""The lines of a list that have ended a run, as people are shown them."""

from collections.abc import Sequence

from ec2_backup.errors import BadLine
from ec2_backup.report.units import count

SHOWN = 50


def in_short(bad_lines: Sequence[BadLine]) -> tuple[str, ...]:
    """Return the first 50 of these lines, each with its reason, and how many more there are."""
    shown = tuple(str(line) for line in bad_lines[:SHOWN])
    hidden = len(bad_lines) - len(shown)
    return (*shown, f"and {count(hidden, 'more line')}; the log names them all") if hidden else shown
