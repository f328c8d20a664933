"""Step 1: what a run was asked, in a small file that is there before anything is started.

With it, or with the run key alone, the run can be taken up again anywhere: what it has started is found at AWS.
"""

import json
from dataclasses import asdict
from pathlib import Path

from ec2_backup.files import write_atomically
from ec2_backup.ledger import Ledger


def run_file_path(folder: Path, run_key: str) -> Path:
    """Return where the run of this key keeps its file."""
    return folder / f"run_{run_key}.json"


def write_run_file(ledger: Ledger) -> Path:
    """Write the run's key, start, parameters and rows, whole or not at all, and return where."""
    path = run_file_path(ledger.request.output, ledger.run_key)
    content = {
        "run_key": ledger.run_key,
        "began_at": ledger.began_at.isoformat(),
        "parameters": ledger.request.model_dump(mode="json"),
        "rows": [asdict(row) for row in ledger.rows],
    }
    write_atomically(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")
    return path
