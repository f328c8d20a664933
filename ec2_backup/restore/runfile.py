"""What a restore was asked and has planned, in a small file that is there before anything is started.

With it the restore can be taken up again: the plan stays the one that was agreed to, however many backups were made and
whatever was changed since, and what was started is found at AWS.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TypeVar

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
Content = TypeVar("Content")


def file_path(prefix: str, folder: Path, run_key: str) -> Path:
    """Return where a run of this key keeps its file, whose name begins with the prefix."""
    return folder / f"{prefix}{run_key}{SUFFIX}"


def restore_file_path(folder: Path, run_key: str) -> Path:
    """Return where the restore of this key keeps its file."""
    return file_path(PREFIX, folder, run_key)


def write_restore_file(run: RestoreLedger) -> Path:
    """Write the run's key, start, account, parameters, rows and plans, and return where.

    Raises UsageError where the file is there already and is a run's in another account.
    """
    raise_for_account(find_restore_file(run.request, run.run_key), run)
    remove_leftovers(run.request.output, run.run_key)
    path = restore_file_path(run.request.output, run.run_key)
    document = _FILE.dump_python(to_restore_file(run), mode="json")
    write_atomically(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    return path


def to_restore_file(run: RestoreLedger) -> RestoreFile:
    """Return what is to be known of a run by whoever takes it up."""
    return RestoreFile(
        run_key=run.run_key,
        began_at=run.began_at,
        jobs_since=run.jobs_since,
        account=run.caller.account if run.caller else "",
        parameters=run.request,
        rows=run.rows,
        plans=tuple(run.plans.values()),
        failures=tuple(run.failures.values()),
    )


def raise_for_account(earlier: RestoreFile | None, run: RestoreLedger) -> None:
    """Raise UsageError where the run was begun in another account than the one that it is in now."""
    account = run.caller.account if run.caller else ""
    if earlier and earlier.account not in {"", account}:
        raise UsageError(
            f"Run {earlier.run_key} is one of account {earlier.account}, the credentials are of {account}.",
            hint=f"Sign in to account {earlier.account}, or begin a new run.",
        )


def parse_file(of: TypeAdapter[Content], path: Path, what: str) -> Content:
    """Return what a run's file holds, which is that of a `restore` or so; raise UsageError where it cannot be read."""
    try:
        return of.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The file {path} cannot be read: {error.strerror}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is not the file of {what}: {where}: {first['msg']}.") from None


def read_restore_file(path: Path) -> RestoreFile:
    """Return what the file holds; raise UsageError where it cannot be read."""
    return parse_file(_FILE, path, "a restore")


def find_restore_file(request: RestoreRequest, run_key: str) -> RestoreFile | None:
    """Return the file of the restore with this key in its output folder, None where there is none."""
    path = restore_file_path(request.output, run_key)
    return read_restore_file(path) if path.is_file() else None


def is_file_of(prefix: str, run: str, folder: Path) -> bool:
    """Return whether a key, or the path of a file, is that of a run whose files have this prefix."""
    path = Path(run)
    return path.name.startswith(prefix) if run.endswith(SUFFIX) else file_path(prefix, folder, run).is_file()


def is_restore(run: str, folder: Path) -> bool:
    """Return whether a key, or the path of a file, is that of a restore."""
    return is_file_of(PREFIX, run, folder)


def raise_for_unstarted(run: str, folder: Path) -> None:
    """Raise UsageError where the key is that of a restore or a drill that has a report and never began.

    It is for a key of which there is no file: that is written before anything is started.
    """
    for kind in ("restore", "drill"):
        if (folder / f"{kind}_{run}.json").is_file():
            raise UsageError(
                f"Nothing was started under the key {run}: it is of a {kind} that was only planned, or ended before.",
                hint="Give the same command without --dry-run: it asks before it starts, or does not with --yes.",
            )


def to_resumed_request(run: str, folder: Path) -> RestoreRequest:
    """Return the request that takes a restore up again; `run` is its key, or the path of its file."""
    path = Path(run) if run.endswith(SUFFIX) else restore_file_path(folder, run)
    file = read_restore_file(path)
    return file.parameters.model_copy(update={"run_key": file.run_key, "output": path.parent, "dry_run": False})
