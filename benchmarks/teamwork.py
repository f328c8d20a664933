"""What Prefect, the sandbox and the fleet's own report say of a trial, and whether they say the same."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import requests

from ec2_backup.batches import started_size
from sandbox.control import Control

FINAL = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
RECORDED_WITHIN = 120.0  # seconds after the fleet's end: Prefect records task runs as they come in
START = "06 start "
RECORDED = 0.999  # of the tasks: now and then the last event of one never leaves its process


@dataclass(frozen=True, slots=True)
class Prefect:
    """A Prefect server's API."""

    api: str

    def ask(self, method: str, path: str, **body: object) -> Any:
        """Return the answer to a request."""
        answer = requests.request(method, f"{self.api}{path}", json=body or None, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def start_fleet(self, parameters: Mapping[str, object]) -> str:
        """Start a run of the deployment `fleet`, and return its id."""
        deployment = self.ask("GET", "/deployments/name/ec2-backup-fleet/fleet")["id"]
        made = self.ask("POST", f"/deployments/{deployment}/create_flow_run", parameters=parameters)
        return str(made["id"])

    def state(self, run_id: str) -> str:
        """Return the type of a run's state."""
        return str(self.ask("GET", f"/flow_runs/{run_id}")["state_type"])

    def wait_for_beginning(self, run_id: str) -> None:
        """Return once a run is under way, or over."""
        deadline = time.monotonic() + 120
        while self.state(run_id) not in {"RUNNING", *FINAL}:
            if time.monotonic() > deadline:
                raise SystemExit("No worker took the run of the fleet.")
            time.sleep(1)

    def shards(self) -> list[dict[str, Any]]:
        """Return every run of a shard."""
        wanted = {"tags": {"all_": ["ec2-backup", "shard"]}}
        found: list[dict[str, Any]] = self.ask("POST", "/flow_runs/filter", flow_runs=wanted, limit=200)
        return found

    def started(self, run_id: str) -> int:
        """Return how many tasks that start backup jobs are recorded as Completed in a run."""
        wanted = {"name": {"like_": START}, "state": {"type": {"any_": ["COMPLETED"]}}}
        counted = self.ask("POST", "/task_runs/count", flow_runs={"id": {"any_": [run_id]}}, task_runs=wanted)
        return int(counted)

    def task_runs(self) -> int:
        """Return how many task runs are recorded in all."""
        return int(self.ask("POST", "/task_runs/count"))


@dataclass(frozen=True, slots=True)
class Figures:
    """What each side says: the merged report, AWS's own books, and Prefect of the shards that had one run."""

    report: Mapping[str, Any]
    jobs: Counter[str]
    shards: Counter[str]
    recorded: int
    expected: int
    task_runs: int

    @property
    def seconds(self) -> float:
        """How long the fleet took."""
        return float(self.report["statistics"]["seconds"])

    def violations(self, instances: int) -> Iterator[str]:
        """Yield what is not as promised."""
        outcomes, proven = len(self.report["outcomes"]), self.report["statistics"]["proven"]
        if (outcomes, proven) != (instances, instances):
            yield f"of {outcomes:,} instances in the report {proven:,} are proven"
        if self.jobs.total() != len(self.jobs) or len(self.jobs) != instances:
            yield f"{self.jobs.total():,} jobs of {len(self.jobs):,} instances in the books of AWS"
        if self.recorded < RECORDED * self.expected:
            yield f"{self.recorded:,} of {self.expected:,} tasks that started jobs are recorded in Prefect"

    def rows(self) -> list[tuple[str, object]]:
        """Return all of it as pairs of label and value."""
        statistics = self.report["statistics"]
        calls = f"{sum(statistics['api_calls'].values()):,}, {statistics['calls_per_instance']:.3f} an instance"
        runs = ", ".join(f"{number} {state}" for state, number in sorted(self.shards.items()))
        return [
            ("proven in the merged report", f"{statistics['proven']:,}"),
            ("jobs at AWS, and instances that have one", f"{self.jobs.total():,}, {len(self.jobs):,}"),
            ("runs of shards", runs),
            ("task runs in Prefect", f"{self.task_runs:,}"),
            ("tasks that started jobs, of shards with one run", f"{self.recorded:,} of {self.expected:,}"),
            ("AWS calls of these runs", calls),
            ("calls that AWS throttled", f"{statistics['throttled_calls']:,}"),
        ]


def to_figures(prefect: Prefect, output: Path, control: Control) -> Figures:
    """Return what all sides say once Prefect has recorded what it has been sent."""
    report = _report_of(output)
    runs = Counter(one["parameters"]["run_key"] for one in prefect.shards())  # what others had begun they start not
    alone = [one for one in prefect.shards() if runs[one["parameters"]["run_key"]] == 1]
    good = {one["parameters"]["run_key"]: one for one in alone if one["state_type"] == "COMPLETED"}
    expected = {run_key: _starts_of(one) for run_key, one in good.items()}
    deadline = time.monotonic() + RECORDED_WITHIN
    while (recorded := sum(prefect.started(one["id"]) for one in good.values())) < sum(expected.values()):
        if time.monotonic() > deadline:
            break
        time.sleep(5)
    return Figures(
        report,
        Counter(job["instance"] for job in control.jobs()),
        Counter(one["state_type"] for one in prefect.shards()),
        recorded,
        sum(expected.values()),
        prefect.task_runs(),
    )


def _report_of(folder: Path) -> dict[str, Any]:
    (path,) = folder.glob("report_*.json")
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _starts_of(flow_run: Mapping[str, Any]) -> int:
    """Return how many tasks started the jobs of a shard, of which each may take several."""
    instances = len(_report_of(Path(flow_run["parameters"]["output"]))["outcomes"])
    return ceil(instances / started_size(instances))
