"""What the tests of a fleet share: its places and instances, one run without a worker, and what is known of it."""

import json
import subprocess
import sys
from typing import Any

from moto.iam.models import iam_backends

from sandbox.running import Sandbox
from tests.deployments.installation import Installation
from tests.flow_runs.front_door import PROJECT

OWN, PAYMENTS, CLOSED = "123456789012", "210987654321", "333333333333"
EU, US = "eu-west-1", "us-east-1"
GOOD, SICK = "i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2"
PAID, SHUT = "i-0bbbbbbbbbbbbbbb1", "i-0ccccccccccccccc1"


def trust(principal: str) -> None:
    """Let the third account trust this one and no other."""
    role = iam_backends[CLOSED]["aws"].get_role("EC2BackupAutomation")
    allowed = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{principal}:root"}, "Action": "sts:AssumeRole"}
    role.assume_role_policy_document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})


def places_with_list(installation: Installation) -> dict[str, str]:
    """Write the list of the fleet of this module's tests, and return where that and all else of it is."""
    folder = installation.folder / "fleet"
    folder.mkdir()
    (folder / "fleet.csv").write_text(
        "instance_id,Name,Region,Account\n"
        f'{GOOD},"web, the first",{US},\n{SICK},,{US},{OWN}\n'
        f"{PAID},paid,{EU},{PAYMENTS}\n{SHUT},shut,{US},{CLOSED}\n"
    )
    return {"csv": str(folder / "fleet.csv"), "output": str(folder / "output"), "shards": str(folder / "shards")}


def fleet_alone(installation: Installation, aws: Sandbox, name: str, **asked: object) -> tuple[str, Any]:
    """Run a fleet in a process of its own, and return what it said and its report."""
    folder = installation.folder / name
    folder.mkdir()
    (folder / "fleet.csv").write_text(f"instance_id,Region\n{GOOD},{US}\n{SICK},{EU}\n")
    places = {"csv": str(folder / "fleet.csv"), "output": str(folder), "shards": str(folder / "shards")}
    ended = subprocess.run(
        [sys.executable, "-c", f"from flows.fleet import fleet; fleet(**{places | asked!r})"],
        cwd=PROJECT, env={**installation.env, **aws.env}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    (report,) = folder.glob("report_*.json")
    return ended.stdout + ended.stderr, json.loads(report.read_text())


def shards_of(installation: Installation) -> list[Any]:
    """Return every run of a shard."""
    return [run for run in installation.runs() if "shard" in run["tags"]]


def jobs_of(aws: Sandbox, *instance_ids: str) -> list[Any]:
    """Return the jobs that AWS has of these instances, or of all."""
    return [job for job in aws.control.jobs() if not instance_ids or job["instance"] in instance_ids]


def report(installation: Installation) -> Any:
    """Return the newest report of the fleet of this module's tests."""
    (path,) = (installation.folder / "fleet" / "output").glob("report_*.json")
    return json.loads(path.read_text())
