"""The deployments as an operator has them: the commands, a worker, and what Prefect's API says of it all."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

from sandbox.running import Sandbox
from tests.flow_runs.front_door import PROJECT, eventually

BUSY = Retry(total=8, backoff_factor=0.2, status_forcelist=[503], allowed_methods=None)  # SQLite was locked meanwhile
FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}


@dataclass(frozen=True, slots=True)
class Installation:
    """A Prefect server, the environment in which the commands and the workers run, and a folder for their output."""

    api: str
    env: Mapping[str, str]
    folder: Path

    def command(self, name: str) -> list[str]:
        """Return the command line of one of the commands in `deployments/`."""
        return [sys.executable, str(PROJECT / "deployments" / f"{name}.py")]

    def deploy(self) -> str:
        """Deploy, and return what the command printed; it must end well."""
        ended = subprocess.run(
            self.command("deploy"), cwd=self.folder, env=dict(self.env), capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stdout + ended.stderr
        return ended.stdout

    @contextmanager
    def process(self, command: list[str], log: str, **more: str) -> "Iterator[subprocess.Popen[bytes]]":
        """Keep a process with all its children while the block runs; what it writes is in the folder."""
        with (self.folder / log).open("wb") as output:
            process = subprocess.Popen(
                command,
                cwd=self.folder,
                env={**self.env, **more},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            yield process
        finally:
            kill(process)

    def worker(self, name: str, aws: Mapping[str, str]) -> Any:
        """Return the context in which a worker of this name runs, with credentials for that AWS."""
        command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", "ec2-backup", "--name", name]
        return self.process(command, f"{name}.log", **aws, PREFECT_WORKER_QUERY_SECONDS="2")

    def ask(self, method: str, path: str, **body: object) -> requests.Response:
        """Send a request to Prefect's API, again where its database was busy, and return the answer."""
        with requests.Session() as session:
            session.mount("http://", HTTPAdapter(max_retries=BUSY))
            return session.request(method, f"{self.api}{path}", json=body, timeout=30)

    def found(self, what: str, **conditions: object) -> list[Any]:
        """Return the `flow_runs`, `deployments` and so on that meet the conditions."""
        answer = self.ask("POST", f"/{what}/filter", **conditions)
        answer.raise_for_status()
        return list(answer.json())

    def deployments(self) -> dict[str, Any]:
        """Return every deployment by its name."""
        return {one["name"]: one for one in self.found("deployments")}

    def automations(self) -> list[Any]:
        """Return every automation."""
        return self.found("automations")

    def create_run(self, deployment: str, **parameters: object) -> requests.Response:
        """Ask for a run of a deployment, as the form in the UI does, and return the answer."""
        deployment_id = self.deployments()[deployment]["id"]
        return self.ask("POST", f"/deployments/{deployment_id}/create_flow_run", parameters=parameters)

    def start_run(self, deployment: str, **parameters: object) -> str:
        """Start a run of a deployment and return its id."""
        answer = self.create_run(deployment, **parameters)
        assert answer.ok, answer.text
        return str(answer.json()["id"])

    def run(self, run_id: str) -> Any:
        """Return a flow run as Prefect knows it."""
        return self.ask("GET", f"/flow_runs/{run_id}").json()

    def runs(self, **conditions: object) -> list[Any]:
        """Return the flow runs that meet the conditions."""
        return self.found("flow_runs", flow_runs=conditions, sort="EXPECTED_START_TIME_ASC")

    def ended(self, run_id: str, seconds: float = 90.0) -> Any:
        """Wait for the end of a flow run and return it."""
        return eventually(lambda: self.run(run_id), lambda run: run["state_type"] in FINAL, seconds)

    def of_run(self, run_id: str, what: str) -> list[Any]:
        """Return what Prefect has of a run: its `task_runs` or `artifacts`."""
        return self.found(what, flow_runs={"id": {"any_": [run_id]}}, limit=200)

    def inventory(self, instance_id: str) -> dict[str, Any]:
        """Return the parameters of a run that backs this instance up and writes to a folder of its own."""
        folder = self.folder / instance_id
        folder.mkdir(exist_ok=True)
        (folder / "other.csv").write_text(f"instance_id\n{instance_id}\n")
        return {"csv": str(folder / "other.csv"), "output": str(folder / "output")}

    def shorten_patience(self, seconds: float) -> None:
        """Let the automation act after so many seconds of silence, as somebody could in the UI."""
        (automation,) = self.automations()
        body = {name: value for name, value in automation.items() if name not in {"id", "created", "updated"}}
        body["trigger"]["within"] = seconds
        assert self.ask("PUT", f"/automations/{automation['id']}", **body).ok

    def logs(self, run_id: str, until: str = "") -> str:
        """Return the lines of a run's log in Prefect, where they arrive a little late, as soon as one says `until`."""
        wanted = {"flow_run_id": {"any_": [run_id]}}
        lines = eventually(
            lambda: [line["message"] for line in self.found("logs", logs=wanted, limit=200)],
            lambda found: any(until in line for line in found),
        )
        return "\n".join(lines)


def without_times(entries: Any) -> Any:
    """Return entries of the API without when they were changed last."""
    if isinstance(entries, dict):
        return {name: without_times(value) for name, value in entries.items() if name != "updated"}
    return [without_times(entry) for entry in entries] if isinstance(entries, list) else entries


def kill(process: "subprocess.Popen[bytes]") -> None:
    """Kill a process and all that it has started, as a power cut would: nobody is left to tell what happened."""
    if process.poll() is None:
        for pid in (process.pid, *_descendants(process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
    process.wait()


def _descendants(pid: int) -> list[int]:
    """Return the children of a process, their children and so on, whatever session they are in."""
    listing = subprocess.run(["ps", "-e", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [tuple(map(int, line.split())) for line in listing.splitlines()]
    children = [child for child, parent in pairs if parent == pid]
    return [*children, *(one for child in children for one in _descendants(child))]


def asked(installation: Installation, name: str, instance_ids: list[str]) -> dict[str, Any]:
    """Return the parameters of a run over these instances that writes to a folder of this name."""
    folder = installation.folder / name
    folder.mkdir()
    (folder / "ec2_instances.csv").write_text("\n".join(["instance_id", *instance_ids]) + "\n")
    return {"csv": str(folder / "ec2_instances.csv"), "output": str(folder)}


def cancel(installation: Installation, run_id: str) -> None:
    """Do what the button in the UI does."""
    state = {"type": "CANCELLING", "name": "Cancelling"}
    assert installation.ask("POST", f"/flow_runs/{run_id}/set_state", state=state, force=False).ok


def jobs_of(aws: Sandbox, instance_ids: list[str]) -> list[dict[str, Any]]:
    """Return the jobs that AWS has of these instances."""
    return [job for job in aws.control.jobs() if job["instance"] in instance_ids]


def log(folder: Path) -> str:
    """Return what the log of the run in this folder says by now."""
    return "".join(path.read_text() for path in folder.glob("backup_log_*.log"))


def report(folder: Path) -> Any:
    """Return the JSON report of the run in this folder, of which there must be exactly one."""
    (path,) = folder.glob("report_*.json")
    return json.loads(path.read_text())
