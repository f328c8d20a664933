"""The program as a user runs it: its own process, its exit code, and what it leaves behind."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Ended:
    """A run of the program that has ended; `output` is what the terminal showed."""

    code: int
    output: str
    folder: Path

    @property
    def report(self) -> Any:
        """The JSON report, of which there must be exactly one."""
        (path,) = self.folder.glob("report_*.json")
        return json.loads(path.read_text(encoding="utf-8"))

    @property
    def csv_report(self) -> str:
        """The text of the CSV report."""
        (path,) = self.folder.glob("report_*.csv")
        return path.read_text(encoding="utf-8")

    @property
    def log(self) -> str:
        """The text of the log, of which there must be exactly one, with its exact name."""
        (path,) = self.folder.glob("*.log")
        assert re.fullmatch(r"backup_log_\d{4}-\d\d-\d\d_\d\d:\d\d:\d\d\.log", path.name)
        return path.read_text(encoding="utf-8")

    def outcome_of(self, instance_id: str) -> Any:
        """The report's outcome of one instance."""
        (outcome,) = (one for one in self.report["outcomes"] if one["row"]["instance_id"] == instance_id)
        return outcome


@dataclass(frozen=True, slots=True)
class FrontDoor:
    """The way in for a test: a folder of its own, an environment, and a Prefect server."""

    folder: Path
    env: Mapping[str, str]
    api: str

    def write_csv(self, *instance_ids: str, name: str = "ec2_instances.csv") -> Path:
        """Write an inventory of these instances and return its path."""
        path = self.folder / name
        path.write_text("\n".join(["instance_id", *instance_ids]) + "\n", encoding="utf-8")
        return path

    def start(
        self, *arguments: str, env: Mapping[str, str] | None = None, stdin: int = subprocess.DEVNULL
    ) -> "subprocess.Popen[str]":
        """Start the program and return its process, with everything it writes in its stdout."""
        return subprocess.Popen(
            [sys.executable, str(PROJECT / "cli.py"), *arguments],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run the program to its end."""
        process = self.start(*arguments, env=env)
        return self.ended(process)

    def log_so_far(self) -> str:
        """Return what the logs of the runs here say by now."""
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.glob("backup-output/*.log"))

    def interrupt(self, process: "subprocess.Popen[str]", number: int = signal.SIGINT) -> Ended:
        """Send the program a signal and wait for its end."""
        process.send_signal(number)
        return self.ended(process)

    def ended(self, process: "subprocess.Popen[str]") -> Ended:
        """Wait for the program and return how it ended."""
        output, _ = process.communicate(timeout=300)
        return Ended(process.returncode, output, self.folder / "backup-output")


def prefect(url: str, path: str, **body: object) -> Any:
    """Ask the Prefect API for what a POST of this body to this path returns."""
    answer = requests.post(f"{url}{path}", json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def clean_environment(home: Path) -> dict[str, str]:
    """Return an environment that knows nothing of the developer's AWS or Prefect."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PREFECT_", "EC2_BACKUP_"))
    }
    return {**kept, "HOME": str(home), "EC2_BACKUP_HOME": str(home), "PYTHONUTF8": "1", "COLUMNS": "140"}


def eventually(look: Callable[[], Any], is_good: Callable[[Any], bool], seconds: float = 60.0) -> Any:
    """Look until what is seen is good, and return what was seen last; Prefect records task runs a little late."""
    deadline = time.monotonic() + seconds
    while not is_good(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return seen
