"""A drill can die anywhere: taken up, or left to the next one, in the end nothing of it is left."""

import json
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

import pytest

from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.drill_killing import CHECK, SEVEN_HOURS, TOKENS_FORGOTTEN
from tests.flow_runs.drilling import FAST, backed_up, books, left_by_drills, place, report_of
from tests.flow_runs.front_door import Ended, FrontDoor, has_made
from tests.flow_runs.restoring import made_by


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with backed_up() as sandbox:
        yield sandbox


@dataclass(frozen=True)
class Kill:
    """When a drill is killed: after so many calls of an operation; `is_mild` where it may still write its report."""

    operation: str
    count: int
    is_mild: bool = False


# Every moment holds both ways; each of them takes a while, so that they share the moments between them.
KILLS = {
    "the image is marked": Kill("ec2:CreateTags", 1),
    "the restore job is started": Kill("backup:StartRestoreJob", 1),
    "status checks are waited for": Kill("ec2:DescribeInstanceStatus", 1, is_mild=True),
    "the check is sent": Kill("ssm:SendCommand", 1),
    "the proof is written": Kill("ec2:CreateTags", 3),
    "the instance is terminated": Kill("ec2:TerminateInstances", 1),
    "the second is at work": Kill("backup:StartRestoreJob", 2),
}


@pytest.mark.parametrize("when", list(KILLS)[1::2])
def test_a_drill_that_is_killed_is_taken_up_and_leaves_nothing(door: FrontDoor, aws: Sandbox, when: str) -> None:
    before = books(aws)
    first, run_key = killed(door, aws, when)
    time.sleep(TOKENS_FORGOTTEN)

    second = door.run("resume", run_key)

    assert second.code == 0, (first.output, second.output)
    report = report_of(second)
    assert report["run_key"] == run_key
    assert [one["verdict"] for one in report["outcomes"]] == ["proven", "proven"]
    assert made_by(aws) == sorted([GOOD, OTHER]), "one restore job a row"
    assert left_by_drills(aws, before) == []
    assert len(books(aws)["proven"]) == 2
    assert [path.name for path in second.folder.glob(".*")] == [], "no half file is left behind"


@pytest.mark.parametrize("when", list(KILLS)[::2])
def test_the_next_drill_anywhere_removes_what_a_killed_one_has_left(
    door: FrontDoor, aws: Sandbox, when: str, tmp_path: Path
) -> None:
    before = books(aws)
    killed(door, aws, when)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = FrontDoor(elsewhere, door.env, door.api)
    other.write_csv(GOOD, OTHER)
    aws.control.advance(SEVEN_HOURS)

    ended = other.run("drill", *place(aws), *FAST)

    assert ended.code == 0, ended.output
    assert all(one["removed_at"] for one in report_of(ended)["leftovers"])
    assert left_by_drills(aws, before) == []


def test_a_drill_taken_up_where_it_is_isolated_no_longer_starts_nothing_more_and_removes_what_it_made(
    door: FrontDoor, aws: Sandbox
) -> None:
    before = books(aws)
    first, run_key = killed(door, aws, "the restore job is started")
    assert aws.seclusion
    out = {"IpProtocol": "tcp", "FromPort": 25, "ToPort": 25, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    client_of(aws, "ec2").authorize_security_group_egress(GroupId=aws.seclusion.group, IpPermissions=[out])

    second = door.run("resume", run_key)

    assert second.code == 3, (first.output, second.output)
    assert "the network is not isolated any more" in second.output
    assert len(made_by(aws)) == 1
    assert left_by_drills(aws, before) == []


def test_a_drill_that_is_still_at_work_is_not_robbed(door: FrontDoor, aws: Sandbox, tmp_path: Path) -> None:
    aws.control.script("*", {"checks": "initializing"}, job="restore")
    door.write_csv(GOOD)
    flags = (*place(aws), *FAST, "--deadline-minutes", "600", "--checks-minutes", "600")
    process = door.start_until(has_made(aws, "ec2:DescribeInstanceStatus", 1), "drill", *flags)
    (made,) = set(books(aws)["alive"]) - {GOOD, OTHER}
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    other = FrontDoor(elsewhere, door.env, door.api)
    other.write_csv(GOOD)

    second = other.run("drill", *place(aws), *FAST)

    assert second.code == 3, second.output
    assert "is at work on" in second.output
    assert "nothing is left behind" not in second.output
    assert "1 instance left to other drills, which may be at work" in " ".join(second.output.split())
    assert made in books(aws)["alive"]
    assert process.poll() is None, "the first still waits for its checks"
    door.interrupt(process, signal.SIGKILL)


def killed(door: FrontDoor, aws: Sandbox, when: str) -> tuple[Ended, str]:
    """Start a drill with a check, kill it at its moment, and return what was left of it, and its key."""
    kill = KILLS[when]
    door.write_csv(GOOD, OTHER)
    aws.control.clear_calls()
    process = door.start_until(has_made(aws, kill.operation, kill.count), "drill", *place(aws), *FAST, *CHECK)
    time.sleep(Random(when).uniform(0, 0.15))
    ended = door.interrupt(process, signal.SIGINT if kill.is_mild else signal.SIGKILL)
    (path,) = ended.folder.glob("drill_run_*.json")
    run_key: str = json.loads(path.read_text())["restores"]["run_key"]
    if ended.code == 130:
        assert f"resume {run_key}" in ended.output
    return ended, run_key
