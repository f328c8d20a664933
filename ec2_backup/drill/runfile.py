"""What a drill was asked and has planned, in a small file that is there before anything is started."""

import json
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import TypeAdapter

from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.request import DrillRequest
from ec2_backup.files import remove_leftovers, write_atomically
from ec2_backup.restore.runfile import (
    RestoreFile,
    file_path,
    is_file_of,
    parse_file,
    raise_for_account,
    to_restore_file,
)

PREFIX = "drill_run_"


@dataclass(frozen=True, slots=True)
class DrillFile:
    """What a drill wrote down before it started anything: the restores that it is, and what is its own."""

    drill: DrillRequest
    restores: RestoreFile
    connected: tuple[str, ...] = ()
    undrilled: dict[str, str] = field(default_factory=dict)


_FILE = TypeAdapter(DrillFile)


def write_drill_file(run: DrillLedger) -> Path:
    """Write the drill's request, its sample and its plans, and return where.

    Raises UsageError where the file is there already and is a run's in another account.
    """
    earlier = find_drill_file(run.drill, run.run_key)
    raise_for_account(earlier.restores if earlier else None, run)
    remove_leftovers(run.drill.output, run.run_key)
    file = DrillFile(run.drill, to_restore_file(run), run.connected, run.undrilled)
    path = file_path(PREFIX, run.drill.output, run.run_key)
    write_atomically(path, json.dumps(_FILE.dump_python(file, mode="json"), indent=2, ensure_ascii=False) + "\n")
    return path


def find_drill_file(request: DrillRequest, run_key: str) -> DrillFile | None:
    """Return the file of the drill with this key in its output folder, None where there is none."""
    path = file_path(PREFIX, request.output, run_key)
    return parse_file(_FILE, path, "a drill") if path.is_file() else None


def is_drill(run: str, folder: Path) -> bool:
    """Return whether a key, or the path of a file, is that of a drill."""
    return is_file_of(PREFIX, run, folder)


def to_resumed_request(run: str, folder: Path) -> DrillRequest:
    """Return the request that takes a drill up again; `run` is its key, or the path of its file."""
    path = Path(run) if run.endswith(".json") else file_path(PREFIX, folder, run)
    file = parse_file(_FILE, path, "a drill")
    known = {"run_key": file.restores.run_key, "output": path.parent, "dry_run": False}
    return file.drill.model_copy(update=known)
