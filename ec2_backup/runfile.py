"""Step 1: what a run was asked, in a small file that is there before anything is started.

With it, or with the run key alone, the run can be taken up again anywhere: what it has started is found at AWS.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from ec2_backup.errors import UsageError
from ec2_backup.files import remove_leftovers, write_atomically
from ec2_backup.ledger import Ledger
from ec2_backup.model import InventoryRow
from ec2_backup.settings import BackupRequest
from ec2_backup.target import Account

SUFFIX = ".json"
KEYS_NAMED = 5


@dataclass(frozen=True, slots=True)
class RunFile:
    """What a run wrote down before it started anything; its jobs are those created since `jobs_since`, by AWS's clock.

    `account` is where it runs: the same instances, role and vault names may exist elsewhere. A run that had to wait for
    its vault has no `jobs_since` before it goes on: it has no jobs.
    """

    run_key: str
    began_at: datetime
    jobs_since: datetime | None
    account: str
    parameters: BackupRequest
    rows: tuple[InventoryRow, ...]
    accounts: tuple[Account, ...] = ()


_FILE = TypeAdapter(RunFile)


def run_file_path(folder: Path, run_key: str) -> Path:
    """Return where the run of this key keeps its file."""
    return folder / f"run_{run_key}{SUFFIX}"


def write_run_file(ledger: Ledger) -> Path:
    """Write the run's key, start, account, parameters and rows, whole or not at all, and return where.

    Raises UsageError where the file is there already and is a run's in another account.
    """
    account = ledger.caller.account if ledger.caller else ""
    earlier = find_run_file(ledger.request, ledger.run_key)
    if earlier and earlier.account and earlier.account != account:
        raise UsageError(
            f"Run {earlier.run_key} is one of account {earlier.account}, and the credentials are of account {account}.",
            hint=f"Sign in to account {earlier.account}, or begin a new run without its key.",
        )
    remove_leftovers(ledger.request.output, ledger.run_key)
    path = run_file_path(ledger.request.output, ledger.run_key)
    parameters = ledger.request.model_dump(mode="json")
    if earlier and Path(parameters["csv"]).name == path.name:
        parameters["csv"] = earlier.parameters.csv  # what the rows are from in the end, which the history goes by
    content = {
        "run_key": ledger.run_key,
        "began_at": ledger.began_at.isoformat(),
        "jobs_since": None if ledger.waited is None and not ledger.taken_up_since else ledger.jobs_since.isoformat(),
        "account": account,
        "parameters": parameters,
        "rows": [asdict(row) for row in ledger.rows],
        "accounts": [asdict(one) for one in ledger.accounts.values()],
    }
    write_atomically(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path


def read_run_file(path: Path) -> RunFile:
    """Return what a run file holds; raise UsageError where it cannot be read."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise UsageError(f"The run file {path} cannot be read: {error.strerror}.", hint=_HINT) from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"{path} is not a run file: {where}: {first['msg']}.", hint=_HINT) from None


def find_run_file(request: BackupRequest, run_key: str) -> RunFile | None:
    """Return the file of the run with this key: the one that is the run's inventory, or that of its output folder."""
    for path in (Path(request.csv), run_file_path(request.output, run_key)):
        if path.name == run_file_path(path.parent, run_key).name and path.is_file():
            return read_run_file(path)
    return None


def to_resumed_request(run: str, output: Path | None, default_output: Path) -> BackupRequest:
    """Return the request that takes a run up again, with the rows of its file as the inventory.

    Args:
        run: The run's key, or the path of its file.
        output: The folder for its log and report; without it, the one that the file is in.
        default_output: Where the file of a key is looked for when there is no `output`.

    Raises:
        UsageError: There is no such run, or it was a dry run.
    """
    path = Path(run) if run.endswith(SUFFIX) else run_file_path(output or default_output, run)
    if not path.is_file():
        raise _unknown(run, path)
    file = read_run_file(path)
    if file.parameters.dry_run:
        raise UsageError(
            f"Run {file.run_key} was a dry run: it started nothing, so there is nothing to take up again.",
            hint="Repeat the command that began it.",
        )
    found = {"csv": str(path), "output": output or path.parent, "run_key": file.run_key}
    return file.parameters.model_copy(update=found)


def _unknown(run: str, path: Path) -> UsageError:
    others = sorted((one for one in path.parent.glob(f"run_*{SUFFIX}")), key=lambda one: one.stat().st_mtime)
    keys = [one.stem.removeprefix("run_") for one in reversed(others)]
    there = f"the latest there are {', '.join(keys[:KEYS_NAMED])}" if keys else "there is no run file in it"
    return UsageError(f"There is no file of run {run} in the folder {path.parent}; {there}.", hint=_HINT)


_HINT = (
    "Name the run's folder with --output, or its file run_KEY.json; without that file, repeat the command that began "
    "it with --run-key KEY."
)
