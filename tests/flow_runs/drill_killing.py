"""Drills that are killed at random, cleaned up in one of two ways, and held against the sandbox's own books."""

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.drilling import FAST, books, left_by_drills, place, report_of
from tests.flow_runs.front_door import Ended, FrontDoor, has_made, wait_while_at_work
from tests.flow_runs.restoring import made_by

CHECK = ("--check", "true", "--at-once", "1")
SEVEN_HOURS = 7 * 3600  # after which no drill can still be at work that has the usual deadlines
TOKENS_FORGOTTEN = 1.3  # seconds, at the tests' speed

# What is counted, from how many on to how many: a drill of two instances makes some 70 calls, each of its own few.
_MOMENTS: tuple[tuple[str, int, int], ...] = (
    ("*", 1, 70),
    ("ec2:CreateTags", 1, 6),
    ("*", 20, 60),
    ("backup:StartRestoreJob", 1, 2),
    ("ec2:DescribeInstanceStatus", 1, 3),
    ("ssm:SendCommand", 1, 2),
    ("ec2:TerminateInstances", 1, 2),
    ("ec2:DeleteTags", 1, 3),
)


@dataclass(frozen=True, slots=True)
class DrillPoint:
    """When to kill a drill, and whether it is taken up then or left to the next one, on another machine."""

    what: str
    count: int
    delay: float
    is_taken_up: bool

    def __str__(self) -> str:
        way = "taken up" if self.is_taken_up else "left to the next"
        return f"drill ({self.count} x {self.what} + {self.delay:.2f} s), {way}"


@dataclass(frozen=True, slots=True)
class DrillTried:
    """What became of a drill that was killed; `violations` says what was not as promised."""

    point: DrillPoint
    ended: str
    violations: tuple[str, ...]

    def __str__(self) -> str:
        verdict = "ok" if not self.violations else "VIOLATED: " + "; ".join(self.violations)
        return f"{self.point!s:<76} {self.ended}: {verdict}"


def to_drill_points(number: int, seed: int) -> list[DrillPoint]:
    """Return so many points, over all that a drill does and both ways; the same seed gives the same points."""
    random = Random(seed)
    moments = [_MOMENTS[index % len(_MOMENTS)] for index in range(number)]
    return [
        DrillPoint(what, random.randint(first, last), random.uniform(0, 0.15), index % 3 != 1)
        for index, (what, first, last) in enumerate(moments)
    ]


def kill_and_clean(point: DrillPoint, door: FrontDoor, aws: Sandbox) -> DrillTried:
    """Start a drill, kill it at the point, clean up after it, and return what was found."""
    door.write_csv(GOOD, OTHER)
    before = books(aws)
    aws.control.clear_calls()
    process = door.start("drill", *place(aws), *FAST, *CHECK)
    is_reached = has_made(aws, point.what, point.count)
    wait_while_at_work(process, lambda: is_reached() or process.poll() is not None)
    time.sleep(point.delay)
    process.kill()
    first = door.ended(process)
    last = _taken_up(door, aws, first) if point.is_taken_up else _next_one(door, aws)
    violations = [*_of_end(last, aws), *(f"{name} is not as it was" for name in left_by_drills(aws, before))]
    if point.is_taken_up and made_by(aws) != sorted([GOOD, OTHER]):
        violations.append(f"there are restore jobs of {made_by(aws)}")
    return DrillTried(point, f"exit {first.code}, then {last.code}", tuple(violations))


def _taken_up(door: FrontDoor, aws: Sandbox, first: Ended) -> Ended:
    """Take the drill up again, or begin anew where it had not come to write its file, and so started nothing."""
    path = next(iter(first.folder.glob("drill_run_*.json")), None)
    if path is None:
        return door.run("drill", *place(aws), *FAST, *CHECK)
    time.sleep(TOKENS_FORGOTTEN)
    return door.run("resume", json.loads(path.read_text())["restores"]["run_key"])


def _next_one(door: FrontDoor, aws: Sandbox) -> Ended:
    folder = door.folder / "elsewhere"
    folder.mkdir()
    other = FrontDoor(folder, door.env, door.api)
    other.write_csv(GOOD, OTHER)
    aws.control.advance(SEVEN_HOURS)
    return other.run("drill", *place(aws), *FAST)


def _of_end(ended: Ended, aws: Sandbox) -> Iterator[str]:
    if ended.code:
        yield f"exit code {ended.code}: {ended.output[-2000:]}"
        return
    if [one["verdict"] for one in report_of(ended)["outcomes"]] != ["proven", "proven"]:
        yield "the report has recovery points that are not proven"
    if len(books(aws)["proven"]) != 2:
        yield f"{len(books(aws)['proven'])} of 2 images bear a proof"
    yield from (f"{path.name} is left behind" for path in ended.folder.glob(".drill_*"))
