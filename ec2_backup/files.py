"""Writing a file so that it is there whole or not at all."""

import os
import time
from contextlib import suppress
from pathlib import Path
from tempfile import NamedTemporaryFile

from ec2_backup.errors import UsageError

LEFTOVER_SECONDS = 3600  # no write takes so long
FOLDER_HINT = "Name a folder that you may write to, or make room on its disk."


def write_atomically(path: Path, text: str | bytes) -> None:
    """Write a file through a temporary one beside it, so that a reader never sees half of it.

    The folder is made where it is missing. Text is UTF-8; a lone surrogate, which UTF-8 cannot hold, is written as its
    escape. Raises `UsageError` naming the folder where it cannot be written.
    """
    content = text.encode("utf-8", errors="backslashreplace") if isinstance(text, str) else text
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        _replace(path, content)
    except OSError as error:
        raise folder_error(path.parent, error) from error


def remove_leftovers(folder: Path, run_key: str) -> None:
    """Remove the temporary files of writers that were killed: those of this run, and all that are an hour old."""
    for path in (
        one for kind in ("run", "report", "uploads", "coverage", "restore") for one in folder.glob(f".{kind}_*")
    ):
        with suppress(OSError):
            if f"_{run_key}." in path.name or time.time() - path.stat().st_mtime > LEFTOVER_SECONDS:
                path.unlink()


def folder_error(folder: Path, error: OSError) -> UsageError:
    """Return the error that says why a folder cannot be written, in the operating system's words."""
    return UsageError(f"The folder {folder} cannot be written: {error.strerror or error}.", hint=FOLDER_HINT)


def _replace(path: Path, content: bytes) -> None:
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        temporary = Path(file.name)
        try:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
            temporary.chmod(_mode(path))
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise


def _mode(path: Path) -> int:
    """Return the mode that the file has already, or the one that the process gives new files."""
    with suppress(OSError):
        return path.stat().st_mode & 0o777
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask
