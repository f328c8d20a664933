"""The program where there is neither a Prefect server nor an AWS account."""

import os
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).parents[2]
BEFORE = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "EC2_BACKUP_"))}


def ended(folder: Path, *arguments: str, **env: str) -> tuple[int, str]:
    """Run the program in a folder, and return its exit code and its words, on lines that are long enough for them."""
    nowhere = {"PREFECT_API_URL": "http://127.0.0.1:9/api", "HOME": str(folder), "COLUMNS": "500"}
    process = subprocess.run(
        [sys.executable, str(PROJECT / "cli.py"), *arguments],
        cwd=folder,
        env={**BEFORE, **nowhere, **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, process.stdout + process.stderr
