"""Step 13: the log that every run leaves, one stamped line after another, on disk as it goes."""

import logging
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import count as count_up
from pathlib import Path

from ec2_backup.files import folder_error
from ec2_backup.lines import printable_lines
from ec2_backup.listener import listening, told
from ec2_backup.narration import STEPS, Mark
from ec2_backup.report.log_lines import closing_lines, opening_lines

__all__ = ["LogFile", "append_lines", "closing_lines", "kept_log", "log_path", "opening_lines", "stamped"]

CONTINUED = "    "  # in front of the further lines of a text, so that none of them passes for a line of its own


def log_path(folder: Path, started_at: datetime, of: str = "backup") -> Path:
    """Create an empty log in the folder and return its path, `backup_log_YYYY-MM-DD_HH:MM:SS.log` in local time.

    `of` is the first word of its name.

    The file is created exclusively, so that two runs of one second never share it: the later one's name ends in `_2`
    before the suffix. Raises `UsageError` where the folder cannot be written.
    """
    stem = f"{of}_log_{started_at.astimezone():%Y-%m-%d_%H:%M:%S}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        names = (f"{stem}.log" if number == 1 else f"{stem}_{number}.log" for number in count_up(1))
        return next(folder / name for name in names if _created(folder / name))
    except OSError as error:
        raise folder_error(folder, error) from error


def stamped(text: str, moment: datetime) -> str:
    """Return a text as lines of the log, `[YYYY-MM-DD HH:MM:SS] text` each, without the last line break."""
    stamp = f"[{moment.astimezone():%Y-%m-%d %H:%M:%S}]"
    first, *others = printable_lines(text)
    return "\n".join([f"{stamp} {first}", *(f"{stamp} {CONTINUED}{line}" for line in others)])


def append_lines(path: Path, lines: Iterable[str]) -> None:
    """Add lines to a log, stamped with the time of the call; raises `UsageError` where that cannot be done."""
    now = datetime.now(UTC)
    try:
        with path.open("a", encoding="utf-8") as file:
            file.writelines(f"{stamped(line, now)}\n" for line in lines)
    except OSError as error:
        raise folder_error(path.parent, error) from error


@contextmanager
def kept_log(path: Path) -> Iterator[Path]:
    """Write all that the narration channel tells to the log while the block runs, and yield the log's path.

    Raises `UsageError` where the log cannot be opened.
    """
    try:
        handler = LogFile(path)
    except OSError as error:
        raise folder_error(path.parent, error) from error
    with listening(handler):
        yield path


class LogFile(logging.FileHandler):
    """A handler that writes the narration channel's records as stamped lines, each flushed at once."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, mode="a", encoding="utf-8")
        self.addFilter(self._is_news)
        self._last_counts: object = None
        self._lost = False

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's lines, with its mark, and a traceback where there is one."""
        line = told(record)
        title = STEPS.get(line.step or 0, "") if line.mark is Mark.DONE else ""
        at_step = f"Step {line.step}, {title}: " if title else ""
        trace = f"\n{logging.Formatter().formatException(record.exc_info)}" if record.exc_info else ""
        return stamped(f"{line.mark} {at_step}{line.text}{trace}", datetime.fromtimestamp(record.created, tz=UTC))

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: ARG002, N802 - logging's signature
        """Say once that the log cannot be written any more; the run and its report are worth more than its log."""
        if not self._lost:
            self._lost = True
            error = sys.exc_info()[1]
            sys.stderr.write(f"The log {self.baseFilename} can no longer be written: {error}. The run goes on.\n")

    def close(self) -> None:
        """Close the file; what a full disk refused was told about already."""
        with suppress(OSError):
            super().close()

    def _is_news(self, record: logging.LogRecord) -> bool:
        progress = told(record).progress
        if progress is None:
            return True
        counts = (progress.step, progress.done, dict(progress.counts))
        changed = counts != self._last_counts
        self._last_counts = counts
        return changed


def _created(path: Path) -> bool:
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o644))
    except FileExistsError:
        return False
    return True
