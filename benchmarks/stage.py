"""Where the measurements take place: a sandbox and a Prefect server in processes of their own, and the real program."""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deployments.prefect_server import ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.control import Control
from sandbox.fleet import Fleet

PROJECT = Path(__file__).resolve().parent.parent
DOOR = PROJECT / "start-ec2-backup.sh"
REGION, VAULT = "us-east-1", "EC2-Backup"
ROLE_ARN = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
START_TIMEOUT = 60.0


@dataclass(frozen=True, slots=True)
class Aws:
    """A sandbox with a fleet: what a client needs to reach it, the way into its books, and its CSV."""

    env: Mapping[str, str]
    control: Control
    ids: tuple[str, ...]
    csv: Path

    def instance_arn(self, instance_id: str) -> str:
        """Return the ARN that StartBackupJob wants."""
        return f"arn:aws:ec2:{REGION}:123456789012:instance/{instance_id}"


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended: exit code, seconds from its start, those it kept a core busy, peak memory, and its words."""

    code: int
    seconds: float
    cpu_seconds: float
    peak_mb: float
    output: str


@dataclass(frozen=True, slots=True)
class Ran:
    """A run of the program with the JSON report that it left."""

    ended: Ended
    report: dict[str, Any]

    @property
    def calls(self) -> dict[str, int]:
        """The AWS calls of the run by operation."""
        calls: dict[str, int] = self.report["statistics"]["api_calls"]
        return calls


@contextmanager
def sandbox_of(
    instances: int, *, speed: float = 3000.0, quotas: bool = False, trail: bool = False, past: bool = False
) -> Iterator[Aws]:
    """Serve a fresh AWS with so many instances from a process of its own.

    A `trail` delivers to a log group; with a `past` there are recovery points of the days before.
    """
    with tempfile.TemporaryDirectory(prefix="ec2-backup-bench-") as folder:
        ready, csv = Path(folder, "environment.json"), Path(folder, "ec2_instances.csv")
        command = [sys.executable, "-m", "sandbox", "--instances", str(instances), "--write-csv", str(csv)]
        command += ["--speed", str(speed), "--ready-file", str(ready), "--exit-with-parent"]
        command += ["--quotas"] * quotas + ["--trail"] * trail + ["--past"] * past
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL)
        try:
            _wait_for(ready, process)
            env = json.loads(ready.read_text())
            yield Aws(env, Control(env["AWS_ENDPOINT_URL"]), tuple(Fleet.of_size(instances).machines), csv)
        finally:
            process.terminate()
            process.wait()


def _wait_for(ready: Path, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + START_TIMEOUT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            raise SystemExit("The sandbox did not start.")
        time.sleep(0.02)


@dataclass(frozen=True, slots=True)
class Program:
    """The front door, with a home and a Prefect server of its own."""

    home: Path

    def run(self, aws: Aws, *flags: str) -> Ran:
        """Back the whole fleet up and return how that went; a run that does not prove every backup ends the script."""
        with tempfile.TemporaryDirectory(prefix="ec2-backup-bench-") as folder:
            ended = self.start(aws.env, "--csv", str(aws.csv), *flags, folder=folder)
            reports = list(Path(folder, "backup-output").glob("report_*.json"))
            if ended.code or len(reports) != 1:
                raise SystemExit(f"The run ended with exit code {ended.code}:\n{ended.output[-3000:]}")
            return Ran(ended, json.loads(reports[0].read_text(encoding="utf-8")))

    def start(self, env: Mapping[str, str], *flags: str, folder: str) -> Ended:
        """Run the front door to its end with these flags, in a folder."""
        return run_to_end([str(DOOR), *flags], {**self.environment, **env}, folder)

    @property
    def environment(self) -> dict[str, str]:
        """An environment that knows nothing of anybody's AWS or Prefect."""
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("AWS_", "PREFECT_", "EC2_BACKUP_"))}
        return {**kept, "HOME": str(self.home), "EC2_BACKUP_HOME": str(self.home), "COLUMNS": "120"}


@contextmanager
def program(*, prefect: bool = True) -> Iterator[Program]:
    """Yield the program with its Prefect server up, which ends with the block."""
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="ec2-backup-bench-")))
        if prefect:
            folder = made_private(home / "prefect")
            ensure_server(folder, port=0)
            stack.callback(stop_server, folder)
        yield Program(home)


def run_to_end(command: list[str], env: Mapping[str, str], folder: str) -> Ended:
    """Run a command to its end and return how that went, with the peak memory that the system measured for it."""
    began = time.monotonic()
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=dict(env), stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        seconds = time.monotonic() - began
        output.seek(0)
        cpu_seconds = used.ru_utime + used.ru_stime
        return Ended(process.returncode, seconds, cpu_seconds, _megabytes(used), output.read())


def _megabytes(used: resource.struct_rusage) -> float:
    return used.ru_maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
