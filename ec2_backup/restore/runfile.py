"""What a restore was asked and has planned, in a small file that is there before anything is started.

With it the restore can be taken up again: the plan stays the one that was agreed to, however many backups were made and
whatever was changed since, and what was started is found at AWS.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ec2_backup.errors import UsageError
from ec2_backup.files import remove_leftovers, write_atomically
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import PlannedRestore, RestoreFailure, RestoreRow
from ec2_backup.restore.request import RestoreRequest

PREFIX, SUFFIX = "restore_run_", ".json"


@dataclass(frozen=True, slots=True)
class RestoreFile:
    """What a restore wrote down before it started anything; its jobs are those created since `jobs_since`."""

    run_key: str
    began_at: datetime
    jobs_since: datetime
    account: str
    parameters: RestoreRequest
    rows: tuple[RestoreRow, ...]
    plans: tuple[PlannedRestore, ...]
    failures: tuple[RestoreFailure, ...] = ()


_FILE = TypeAdapter(RestoreFile)


def restore_file_path(folder: Path, run_key: str) -> Path:
    """Return where the restore of this key keeps its file."""
    return folder / f"{PREFIX}{run_key}{SUFFIX}"


def write_restore_file(run: RestoreLedger) -> Path:
    """Write the run's key, start, account, parameters, rows and plans, and return where.

    Raises UsageError where the file is there already and is a run's in another account.
    """
    account = run.caller.account if run.caller else ""
    earlier = find_restore_file(run.request, run.run_key)
    if earlier and earlier.account not in {"", account}:
        raise UsageError(
            f"Restore {earlier.run_key} is one of account {earlier.account}, the credentials are of {account}.",
            hint=f"Sign in to account {earlier.account}, or begin a new restore.",
        )
    remove_leftovers(run.request.output, run.run_key)
    file = RestoreFile(
        run_key=run.run_key,
        began_at=run.began_at,
        jobs_since=run.jobs_since,
        account=account,
        parameters=run.request,
        rows=run.rows,
        plans=tuple(run.plans.values()),
        failures=tuple(run.failures.values()),
    )
    path = restore_file_path(run.request.output, run.run_key)
    document = _FILE.dump_python(file, mode="json")
    write_atomically(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def read_restore_file(path: Path) -> RestoreFile:
    """Return what the file holds; raise UsageError where it cannot be read."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is not the file of a restore: {where}: {first['msg']}.") from None


def find_restore_file(request: RestoreRequest, run_key: str) -> RestoreFile | None:
    """Return the file of the restore with this key in its output folder, None where there is none."""
    path = restore_file_path(request.output, run_key)
    return read_restore_file(path) if path.is_file() else None


def is_restore(run: str, folder: Path) -> bool:
    """Return whether a key, or the path of a file, is that of a restore."""
    path = Path(run)
    return path.name.startswith(PREFIX) if run.endswith(SUFFIX) else restore_file_path(folder, run).is_file()


def to_resumed_request(run: str, folder: Path) -> RestoreRequest:
    """Return the request that takes a restore up again; `run` is its key, or the path of its file."""
    path = Path(run) if run.endswith(SUFFIX) else restore_file_path(folder, run)
    file = read_restore_file(path)
    return file.parameters.model_copy(update={"run_key": file.run_key, "output": path.parent, "dry_run": False})
