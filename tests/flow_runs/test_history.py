"""What Prefect keeps of a run: all of it, and nothing secret."""

import re
from typing import Any

import pytest

from ec2_backup.narration import STEPS
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import Ended, FrontDoor, eventually, prefect

LARGE = 500


@pytest.fixture
def fleet(request: pytest.FixtureRequest) -> Fleet:
    return Fleet.of_size(LARGE) if "500" in request.node.name else Fleet((GOOD, OTHER))


def flow_run_id(ended: Ended) -> str:
    return str(ended.report["run_url"].rsplit("/", 1)[-1])


def of_run(ended: Ended, **more: object) -> dict[str, Any]:
    return {"flow_runs": {"id": {"any_": [flow_run_id(ended)]}}, **more}


def test_every_step_is_a_task_run_with_its_number(door: FrontDoor) -> None:
    door.write_csv(GOOD, OTHER)

    ended = door.run()

    task_runs = eventually(
        lambda: prefect(door.api, "/task_runs/filter", **of_run(ended, limit=200)),
        lambda found: {int(one["name"][:2]) for one in found} == set(STEPS),
    )
    names = [one["name"] for one in task_runs]
    assert f"06 start {GOOD}" in names
    assert f"06 start {OTHER}" in names
    assert any(name.startswith("12 verify i-") for name in names)
    assert all(re.match(r"\d\d [a-z]", name) for name in names)


def test_an_incomplete_run_is_red_in_prefect_and_has_its_artifacts(door: FrontDoor) -> None:
    door.write_csv(GOOD, "i-0123456789abcdef0")

    ended = door.run()

    assert ended.code == 3, ended.output
    (run,) = prefect(door.api, "/flow_runs/filter", **of_run(ended))
    assert run["state"]["type"] == "FAILED"
    assert "1 of 2 instances" in run["state"]["message"]
    artifacts = prefect(door.api, "/artifacts/filter", **of_run(ended))
    keys = {"backup-report", "backup-instances", "backup-failures", "backup-progress"}
    assert keys == {one["key"] for one in artifacts if one["key"]}
    (markdown,) = (one["data"] for one in artifacts if one["key"] == "backup-report")
    assert "i-0123456789abcdef0" in markdown


def test_the_list_of_runs_tells_what_each_one_is(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER, name="web servers.csv")

    codes = [door.run("--csv", "web servers.csv", *flags).code for flags in ((), ("--dry-run",))]

    assert codes == [0, 0]
    runs = prefect(door.api, "/flow_runs/filter", flow_runs={"name": {"like_": "web servers"}}, sort="START_TIME_ASC")
    assert [run["name"] for run in runs] == [
        "EC2-Backup · 2 instances · web servers.csv",
        "EC2-Backup · 2 instances · web servers.csv · dry run",
    ]
    tags = {"vault:EC2-Backup", f"region:{aws.region}", f"account:{aws.account}"}
    assert [set(run["tags"]) for run in runs] == [tags, tags]


def test_the_progress_in_prefect_ends_at_100_percent(door: FrontDoor) -> None:
    door.write_csv(GOOD, OTHER)

    ended = door.run()

    (progress,) = prefect(door.api, "/artifacts/filter", **of_run(ended, artifacts={"type": {"any_": ["progress"]}}))
    assert progress["key"] == "backup-progress"
    assert progress["data"] == 100
    assert progress["description"] == "2 of 2 finished (2 COMPLETED)"


def test_prefect_has_what_the_log_says_and_no_secret(door: FrontDoor) -> None:
    door.write_csv(GOOD)
    secret = "wJalrXUtnFEMI-K7MDENG-bPxRfiCYEXAMPLEKEY"

    ended = door.run(env={"AWS_SECRET_ACCESS_KEY": secret, "AWS_SESSION_TOKEN": f"{secret}-token"})

    logs = eventually(
        lambda: prefect(door.api, "/logs/filter", logs={"flow_run_id": {"any_": [flow_run_id(ended)]}}, limit=200),
        lambda found: any("1 of 1 recovery point proven" in line["message"] for line in found),
    )
    (run,) = prefect(door.api, "/flow_runs/filter", **of_run(ended))
    artifacts = prefect(door.api, "/artifacts/filter", **of_run(ended))
    files = [path.read_text(encoding="utf-8") for path in ended.folder.iterdir()]
    assert len(artifacts) >= 3
    assert len(files) == 5
    assert not any(secret in text for text in [str(logs), str(run), str(artifacts), ended.output, *files])


def test_of_500_instances_every_task_run_is_recorded(door: FrontDoor, aws: Sandbox, fleet: Fleet) -> None:
    fleet.write_csv(door.folder / "fleet.csv")

    ended = door.run("--csv", "fleet.csv", "--start-jobs-per-second", "1000")

    assert ended.code == 0, ended.output
    assert ended.report["statistics"]["proven"] == LARGE
    assert ended.report["statistics"]["calls_per_instance"] <= 1.15
    jobs = [job["instance"] for job in aws.control.jobs()]
    assert len(jobs) == len(set(jobs)) == LARGE
    completed = {"state": {"type": {"any_": ["COMPLETED"]}}, "name": {"like_": "06 start"}}
    recorded = eventually(
        lambda: prefect(door.api, "/task_runs/count", **of_run(ended, task_runs=completed)),
        lambda count: count == LARGE,
    )
    assert recorded == LARGE
    counted = {name: calls["accepted"] for name, calls in aws.control.calls().items()}
    assert ended.report["statistics"]["api_calls"] == counted
