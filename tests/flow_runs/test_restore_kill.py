"""A restore can die anywhere and be resumed: nothing is started twice, and what was chosen stays chosen."""

import json
import signal
import time
from collections.abc import Iterator
from random import Random

import pytest

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import FrontDoor, has_made
from tests.flow_runs.restoring import FAST, backed_up, made_by, report_of


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with backed_up() as sandbox:
        yield sandbox


KILLS = {
    "the first job is started": (signal.SIGKILL, "backup:StartRestoreJob", 1),
    "a new instance is tagged": (signal.SIGKILL, "ec2:CreateTags", 1),
    "status checks are waited for": (signal.SIGINT, "ec2:DescribeInstanceStatus", 2),
}


@pytest.mark.parametrize("when", KILLS)
def test_a_restore_that_is_killed_is_resumed_and_nothing_is_started_twice(
    door: FrontDoor, aws: Sandbox, when: str
) -> None:
    number, operation, count = KILLS[when]
    csv = door.folder / "restores.csv"
    csv.write_text(f"order,instance_id\n1,{GOOD}\n1,{OTHER}\n")
    process = door.start_until(has_made(aws, operation, count), "restore", "--csv", "restores.csv", "--yes", *FAST)
    time.sleep(Random(when).uniform(0, 0.3))
    first = door.interrupt(process, number)
    (path,) = first.folder.glob("restore_run_*.json")
    run_key = json.loads(path.read_text())["run_key"]
    time.sleep(3600 / SPEED)  # after which AWS forgets idempotency tokens

    second = door.run("resume", run_key)

    assert second.code == 0, second.output
    assert report_of(second)["run_key"] == run_key
    assert [one["verdict"] for one in report_of(second)["outcomes"]] == ["proven", "proven"]
    assert made_by(aws) == sorted([GOOD, OTHER]), "one restore job a row"
    assert first.code in {0, 130, -signal.SIGKILL}, "0 where it was over by then"
    assert [path.name for path in second.folder.glob(".*")] == [], "nothing is left behind"
    if first.code == 130:
        assert f"resume {run_key}" in first.output
