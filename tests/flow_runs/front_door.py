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

from sandbox.running import Sandbox

PROJECT = Path(__file__).parents[2]
PATIENCE = 300.0  # seconds that a run of a few instances may take on a machine that is busy with other tests

_started: list["subprocess.Popen[str]"] = []


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
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        stdin: int = subprocess.DEVNULL,
        stdout: int = subprocess.PIPE,
        stderr: int = subprocess.STDOUT,
    ) -> "subprocess.Popen[str]":
        """Start the program and return its process; by itself it has everything it writes in its stdout."""
        process = subprocess.Popen(
            [sys.executable, str(PROJECT / "cli.py"), *arguments],
            cwd=self.folder,
            env={**self.env, **(env or {})},
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            text=True,
        )
        _started.append(process)
        return process

    def run(self, *arguments: str, env: Mapping[str, str] | None = None) -> Ended:
        """Run the program to its end."""
        process = self.start(*arguments, env=env)
        return self.ended(process)

    def start_until(
        self, is_reached: Callable[[], bool], *arguments: str, env: Mapping[str, str] | None = None
    ) -> "subprocess.Popen[str]":
        """Start the program and return its process once something has come to be, at which it must be at work still."""
        process = self.start(*arguments, env=env)
        wait_while_at_work(process, is_reached)
        return process

    def log_so_far(self) -> str:
        """Return what the logs of the runs here say by now."""
        return "".join(path.read_text(encoding="utf-8") for path in self.folder.glob("backup-output/*.log"))

    def interrupt(self, process: "subprocess.Popen[str]", number: int = signal.SIGINT) -> Ended:
        """Send the program a signal and wait for its end."""
        process.send_signal(number)
        return self.ended(process)

    def ended(self, process: "subprocess.Popen[str]") -> Ended:
        """Wait for the program and return how it ended."""
        try:
            output, _ = process.communicate(timeout=PATIENCE)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it has not ended after {PATIENCE:.0f} s: {_aborted(process)}") from None
        return Ended(process.returncode, output, self.folder / "backup-output")


def wait_while_at_work(process: "subprocess.Popen[str]", is_reached: Callable[[], bool]) -> None:
    """Wait until something has come to be; that the program ends first, or that it takes long, fails the test."""
    deadline = time.monotonic() + PATIENCE
    while not is_reached():
        assert process.poll() is None, f"it ended with {process.returncode} before that: {process.communicate()[0]}"
        assert time.monotonic() < deadline, f"not after {PATIENCE:.0f} s: {_aborted(process)}"
        time.sleep(0.003)  # what is waited for may be over soon


def has_made(aws: Sandbox, operation: str, count: int) -> Callable[[], bool]:
    """Return what tells whether AWS has accepted so many calls of an operation, or of all where it is `*`."""

    def is_made() -> bool:
        calls = aws.control.calls()
        counted = calls.values() if operation == "*" else [calls.get(operation, {})]
        return sum(one.get("accepted", 0) for one in counted) >= count

    return is_made


def kill_what_is_left() -> None:
    """Kill every program that was started and has not ended, as after a test that failed."""
    while _started:
        process = _started.pop()
        if process.poll() is None:
            process.kill()
            process.wait()


def _aborted(process: "subprocess.Popen[str]") -> str:
    """End a program that hangs, and return what it has written and where each of its threads was."""
    process.send_signal(signal.SIGABRT)  # upon which Python's faulthandler writes the stacks
    output, _ = process.communicate(timeout=30)
    return output


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
    return {
        **kept,
        "HOME": str(home),
        "EC2_BACKUP_HOME": str(home),
        "PYTHONUTF8": "1",
        "PYTHONFAULTHANDLER": "1",
        "COLUMNS": "140",
    }


def eventually(look: Callable[[], Any], is_good: Callable[[Any], bool], seconds: float = 60.0) -> Any:
    """Look until what is seen is good, and return what was seen last; Prefect records task runs a little late."""
    deadline = time.monotonic() + seconds
    while not is_good(seen := look()) and time.monotonic() < deadline:
        time.sleep(0.25)
    return seen
