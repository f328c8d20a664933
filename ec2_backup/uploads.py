"""Step 13: which files of a run belong into S3, and which of them are not there yet.

The second is a small file beside them, written before the first is sent and gone when the last has arrived: so what a
failed upload or a kill has left is known to the run that `resume` takes up.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ec2_backup.files import folder_error, write_atomically
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupRequest

ToUrl = Callable[[str], str]

_FILE = TypeAdapter(dict[str, str])


def to_copies(report: RunReport) -> dict[str, str]:
    """Return where each of the report's files goes by kind, the log last; none where that was not asked for.

    That is an S3 URL, or a place in the bucket of a block, whose URL only those know who have loaded the block.

    All that a run leaves, also when it is taken up again, is under its key.
    """
    place = BackupRequest.model_validate(report.parameters).options.report_to
    if place is None:
        return {}
    kinds = sorted(report.files, key=lambda kind: kind == "log")  # what goes wrong before is in the log
    return {kind: f"{place.rstrip('/')}/{report.run_key}/{Path(report.files[kind]).name}" for kind in kinds}


def unsent_path(folder: Path, run_key: str) -> Path:
    """Return where it stands which files of the run of this key are still to be sent."""
    return folder / f"uploads_{run_key}.json"


def read_unsent(folder: Path, run_key: str) -> dict[Path, str]:
    """Return the files that an earlier attempt at the run has not sent and where to, without those that are gone.

    A list that cannot be read is no list: it must not cost what this attempt has to send.
    """
    try:
        names = _FILE.validate_json(unsent_path(folder, run_key).read_bytes())
    except (OSError, ValidationError):
        return {}
    return {folder / name: url for name, url in names.items() if (folder / name).is_file()}


def write_unsent(folder: Path, run_key: str, files: Mapping[Path, str]) -> None:
    """Write down which files are still to be sent, or remove the list where there are none.

    Raises UsageError where the folder cannot be written.
    """
    path = unsent_path(folder, run_key)
    if files:
        write_atomically(path, _FILE.dump_json({file.name: url for file, url in files.items()}, indent=2) + b"\n")
        return
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise folder_error(folder, error) from error
