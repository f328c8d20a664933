"""Drills as a user runs them: what they leave behind, and what the sandbox's own books have of them."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import Ended

FAST = ("--poll-seconds", "0.2", "--yes")


@contextmanager
def backed_up(*instance_ids: str) -> Iterator[Sandbox]:
    """Serve an AWS in which the instances have been backed up for three days, with a place for drills."""
    with running(speed=SPEED, fleet=Fleet(instance_ids or (GOOD, OTHER)), past=True) as sandbox:
        yield sandbox


def place(aws: Sandbox) -> tuple[str, ...]:
    """Return the flags that name the place for drills."""
    assert aws.seclusion
    return ("--subnet", aws.seclusion.subnet, "--security-group", aws.seclusion.group)


def report_of(ended: Ended) -> Any:
    """Return the newest report of a drill in its folder."""
    path = max(ended.folder.glob("drill_2*.json"))
    return json.loads(path.read_text(encoding="utf-8"))


def log_of(ended: Ended) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(ended.folder.glob("drill_log_*.log")))


def books(aws: Sandbox) -> dict[str, Any]:
    """Return what EC2 has: instances by state, volumes by instance, and the images that bear tags of a drill."""
    ec2 = client_of(aws, "ec2")
    found = [one for page in ec2.describe_instances()["Reservations"] for one in page["Instances"]]
    images = ec2.describe_images(Owners=["self"])["Images"]
    tags = {one["ImageId"]: {tag["Key"]: tag["Value"] for tag in one.get("Tags", [])} for one in images}
    return {
        "alive": sorted(
            one["InstanceId"] for one in found if one["State"]["Name"] not in {"terminated", "shutting-down"}
        ),
        "originals": [one for one in found if one["InstanceId"] in {GOOD, OTHER}],
        "volumes": sorted(one["VolumeId"] for one in ec2.describe_volumes()["Volumes"]),
        "marked": sorted(key for key, own in tags.items() if own.keys() & {"DrillRunId", "DrillUntil"}),
        "proven": {key: own["DrillProven"] for key, own in tags.items() if _names_a_drill(own)},
    }


def _names_a_drill(tags: Mapping[str, str]) -> bool:
    return len(tags.get("DrillProven", "").split()) == 3  # those of the sandbox's past name none


def left_by_drills(aws: Sandbox, before: Mapping[str, Any]) -> list[str]:
    """Return what is there now and was not there before, or not so; a proof is no leftover."""
    now = books(aws)
    return [name for name in ("alive", "originals", "volumes", "marked") if now[name] != before[name]]
