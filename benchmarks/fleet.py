"""A fleet on many workers, one of which dies: `./scripts/fleet-trial [--instances N] [--targets N] [--workers N]`.

On this machine and on loopback: a sandbox with so many instances spread over so many accounts and Regions, which
enforces AWS's quotas for each of these; a Prefect server on PostgreSQL with Redis as its broker; so many workers, each
a process of its own; and a run of the deployment `fleet`. As soon as a part of the instances have their jobs, a worker
that has shards under way is killed with all that it has started, as by a power cut, and stays dead.

What is asked in the end is asked of the other side: the sandbox's own books for one job an instance, no more and no
less; Prefect's for the task runs of every shard; the merged report for a proof of each instance.
"""

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.figures import show, verdict
from benchmarks.processes import Memory, cut_power, family
from benchmarks.services import TeamServer, running, team_server, wait_for
from benchmarks.teamwork import FINAL, Prefect, to_figures
from sandbox.control import Control

PROJECT = Path(__file__).resolve().parent.parent
ACCOUNTS = ("123456789012", "210987654321", "333333333333", "444444444444", "555555555555")
REGIONS = ("us-east-1", "eu-west-1", "eu-central-1", "ap-southeast-1")
KILLED_AFTER = 0.25  # of the instances have a job
POOL = "ec2-backup"


@dataclass(frozen=True, slots=True)
class Trial:
    """What is tried, and where its files are."""

    instances: int
    targets: int
    workers: int
    at_once: int
    speed: float
    folder: Path

    @property
    def csv(self) -> Path:
        """The inventory."""
        return self.folder / "fleet.csv"

    def write_csv(self) -> None:
        """Write an inventory that is spread evenly over the targets."""
        places = [(account, region) for account in ACCOUNTS for region in REGIONS][: self.targets]
        with self.csv.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["instance_id", "Name", "Region", "Account"])
            for number in range(1, self.instances + 1):
                account, region = places[number % len(places)]
                writer.writerow([f"i-0{number:016x}", f"node-{number}", region, account])

    def parameters(self) -> dict[str, Any]:
        """Return what the fleet is asked."""
        places = {"csv": str(self.csv), "output": str(self.folder / "output"), "shards": str(self.folder / "shards")}
        return {**places, "sharding": {"at_once": self.at_once, "look_seconds": 5}, "options": {"poll_seconds": 30}}


@contextmanager
def sandbox_of(trial: Trial) -> Iterator[tuple[dict[str, str], Control, int]]:
    """Serve an AWS with the trial's instances and AWS's quotas."""
    ready = trial.folder / "sandbox.json"
    command = [sys.executable, "-m", "sandbox", "--csv", str(trial.csv), "--speed", str(trial.speed), "--quotas"]
    command += ["--ready-file", str(ready), "--exit-with-parent"]
    env = {**os.environ, "PYTHONPATH": str(PROJECT)}
    with running(command, trial.folder / "sandbox.log", env) as process:
        wait_for(ready.exists, process, "The sandbox")
        told = json.loads(ready.read_text(encoding="utf-8"))
        yield told, Control(told["AWS_ENDPOINT_URL"]), process.pid


def environment(server: TeamServer, folder: Path, aws: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of the commands and the workers, which knows nothing of anybody's AWS or Prefect."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PREFECT_", "EC2_"))}
    told = {"PREFECT_API_URL": server.api, "PREFECT_HOME": str(folder / "home"), "PREFECT_WORKER_QUERY_SECONDS": "5"}
    return {**kept, **aws, **told, "PYTHONPATH": str(PROJECT), "DO_NOT_TRACK": "1"}


def run(trial: Trial) -> bool:
    """Run the trial, show what came of it, and return whether nothing was lost."""
    trial.write_csv()
    with ExitStack() as stack:
        began = time.monotonic()
        aws, control, sandbox_pid = stack.enter_context(sandbox_of(trial))
        server = stack.enter_context(team_server(trial.folder))
        env, prefect = environment(server, trial.folder, aws), Prefect(server.api)
        deploy = [sys.executable, str(PROJECT / "deployments" / "deploy.py")]
        subprocess.run(deploy, cwd=trial.folder, env=env, check=True, stdout=subprocess.DEVNULL)
        workers = [start_worker(stack, trial, 1, env)]
        tell(f"sandbox, PostgreSQL, Redis, Prefect and deployments after {time.monotonic() - began:.0f} s")
        began, fleet = time.monotonic(), prefect.start_fleet(trial.parameters())
        prefect.wait_for_beginning(fleet)  # so that the worker that is killed is not the fleet's own
        workers += [start_worker(stack, trial, number, env) for number in range(2, trial.workers + 1)]
        named = {f"worker {number}": one.pid for number, one in enumerate(workers, 1)}
        memory = stack.enter_context(Memory({"sandbox": sandbox_pid, **server.processes, **named}))
        killed_after = kill_one(workers[1:], control, trial, began) if len(workers) > 1 else 0.0
        ended = watch(prefect, fleet, control, began)
        figures = to_figures(prefect, trial.folder / "output", control)
        wrong = [*figures.violations(trial.instances), *([] if ended == "COMPLETED" else [f"the fleet ended {ended}"])]
        seconds = {"killed after": killed_after, "fleet": figures.seconds}
        report(trial, seconds, figures.rows(), memory, wrong)
        return not wrong


def start_worker(stack: ExitStack, trial: Trial, number: int, env: Mapping[str, str]) -> "subprocess.Popen[bytes]":
    """Start a worker; the room in it is so that all together have room for all shards at once and for the fleet."""
    limit = -(-trial.at_once // max(1, trial.workers - 1)) + 1
    command = [sys.executable, "-m", "prefect", "worker", "start", "--pool", POOL, "--name", f"worker-{number}"]
    command += ["--limit", str(limit)]
    return stack.enter_context(running(command, trial.folder / f"worker-{number}.log", env))


def kill_one(workers: list["subprocess.Popen[bytes]"], control: Control, trial: Trial, began: float) -> float:
    """Kill the worker that has most to do once a part of the jobs is started; return how many seconds that took."""
    while (jobs := len(control.jobs())) < trial.instances * KILLED_AFTER:
        if time.monotonic() - began > 900:
            raise SystemExit(f"After 15 minutes there are {jobs} jobs.")
        time.sleep(2)
    killed = cut_power(max(workers, key=lambda worker: len(family(worker.pid))))
    tell(f"{jobs:,} jobs after {time.monotonic() - began:.0f} s; killed a worker and its {killed - 1} processes")
    return time.monotonic() - began


def watch(prefect: Prefect, fleet: str, control: Control, began: float) -> str:
    """Wait for the end of the fleet, tell how far it is now and then, and return its state."""
    told = time.monotonic()
    while (state := prefect.state(fleet)) not in FINAL:
        time.sleep(5)
        if time.monotonic() - told > 60:
            told = time.monotonic()
            states = Counter(one["state_type"] for one in prefect.shards())
            tell(f"{told - began:.0f} s: {len(control.jobs()):,} jobs; shards {dict(states)}")
    return state


def report(
    trial: Trial, seconds: Mapping[str, float], rows: list[tuple[str, object]], memory: Memory, wrong: list[str]
) -> None:
    """Show what was measured."""
    shown: list[tuple[str, object]] = [(name, f"{value:.0f} s") for name, value in seconds.items()]
    held = [
        (f"peak memory, {name}", f"{value:.0f} MB, its largest process {memory.largest[name]:.0f} MB")
        for name, value in memory.together.items()
    ]
    title = f"{trial.instances:,} instances in {trial.targets} accounts and Regions on {trial.workers} workers"
    show(title, ("", ""), [*shown, *rows, *held], f"Nothing lost: {verdict(met=not wrong)}", *wrong)


def tell(text: str) -> None:
    """Print a line at once."""
    print(text, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("--instances", type=int, default=10_000)
    parser.add_argument("--targets", type=int, default=20, choices=range(1, len(ACCOUNTS) * len(REGIONS) + 1))
    parser.add_argument("--workers", type=int, default=3)
    parser.add_argument("--at-once", type=int, default=8, help="shards that are under way at the same time")
    parser.add_argument("--speed", type=float, default=1200, help="seconds of AWS's jobs that pass in one")
    parser.add_argument("--keep", type=Path, help="an absent folder for logs and reports, which stays")
    asked = vars(parser.parse_args())
    keep = asked.pop("keep")
    with tempfile.TemporaryDirectory(prefix="ec2-backup-fleet-") as temporary:
        where = keep.absolute() if keep else Path(temporary)
        where.mkdir(parents=True, exist_ok=keep is None)
        sys.exit(0 if run(Trial(**asked, folder=where)) else 1)
