"""Restores as a user runs them: what they leave behind, and what the sandbox's own books have of them."""

import json
import os
import pty
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import Ended, FrontDoor

FAST = ("--poll-seconds", "0.2")


@contextmanager
def backed_up() -> Iterator[Sandbox]:
    """Serve an AWS in which both instances have been backed up for three days."""
    with running(speed=SPEED, fleet=Fleet((GOOD, OTHER)), past=True) as sandbox:
        yield sandbox


def report_of(ended: Ended) -> Any:
    (path,) = ended.folder.glob("restore_2*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def log_of(ended: Ended) -> str:
    return "".join(path.read_text(encoding="utf-8") for path in sorted(ended.folder.glob("restore_log_*.log")))


def instance_of(aws: Sandbox, instance_id: str) -> Any:
    (reservation,) = client_of(aws, "ec2").describe_instances(InstanceIds=[instance_id])["Reservations"]
    return reservation["Instances"][0]


def answered(door: FrontDoor, answer: str, *arguments: str) -> Ended:
    """Run the program with somebody at its terminal, who gives this answer to its question."""
    ours, theirs = pty.openpty()
    process = door.start(*arguments, stdin=theirs)
    os.write(ours, f"{answer}\n".encode())
    try:
        return door.ended(process)
    finally:
        os.close(ours)
        os.close(theirs)


def made_by(aws: Sandbox) -> list[str]:
    """Return which originals the sandbox's own books have restore jobs of."""
    return sorted(job["instance"] for job in aws.control.restores())
