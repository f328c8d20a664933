"""The JSON reports of a folder as past runs, the newest first, one in memory at a time."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from ec2_backup.history.document import read_document, to_past_run
from ec2_backup.history.past_run import PastRun, Unreadable
from ec2_backup.lines import one_line

HEAD_BYTES = 4096  # a report begins with its headline, its key and its times
_ENDED_AT = re.compile(rb'"ended_at":\s*"([^"]{10,40})"')
_LATEST = datetime.max.replace(tzinfo=UTC)


def past_runs(folder: Path) -> Iterator[PastRun | Unreadable]:
    """Yield the runs whose reports lie in a folder, those that ended last first, each run once.

    A run that was taken up again replaces its report; where copies give one run several, the newest counts. What is
    half, foreign, or of another version is yielded as unreadable and stops nothing.
    """
    keys = set[str]()
    for path in newest_first(folder):
        found = read_past_run(path)
        if isinstance(found, Unreadable):
            yield found
        elif found.run_key not in keys:
            keys.add(found.run_key)
            yield found


def newest_first(folder: Path) -> list[Path]:
    """Return the files of a folder that have a report's name, by when their runs ended, as their first lines say.

    The time of the file itself says only when somebody copied it. A file that does not say when comes first.
    """
    return sorted(folder.glob("report_*.json"), key=lambda path: (_ended_at(path), path.name), reverse=True)


def read_past_run(path: Path) -> PastRun | Unreadable:
    """Return the run that a JSON report is of, or why it cannot be read; never raises for what a file holds."""
    try:
        if not path.is_file():
            return Unreadable(path.name, "this is no file")
        document = read_document(path.read_bytes())
    except OSError as error:
        return Unreadable(path.name, error.strerror or str(error))
    except (ValueError, RecursionError) as error:
        return Unreadable(path.name, one_line(str(error)))
    return to_past_run(document, path.parent)


def _ended_at(path: Path) -> datetime:
    try:
        match = _ENDED_AT.search(_head(path))
        return datetime.fromisoformat(match[1].decode()).astimezone(UTC) if match else _LATEST
    except (OSError, ValueError, OverflowError):
        return _LATEST


def _head(path: Path) -> bytes:
    if not path.is_file():  # a pipe of this name would never answer
        return b""
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)
