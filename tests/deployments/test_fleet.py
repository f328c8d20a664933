"""A fleet over several accounts and Regions on two workers: one verdict, a shard that crashes, one that is refused."""

from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.deployments.conftest import SPEED
from tests.deployments.fleets import (
    CLOSED,
    EU,
    GOOD,
    OWN,
    PAID,
    PAYMENTS,
    SHUT,
    SICK,
    US,
    fleet_alone,
    jobs_of,
    places_with_list,
    report,
    shards_of,
    trust,
)
from tests.deployments.installation import Installation
from tests.flow_runs.front_door import eventually

LONG = 500_000  # of the sandbox's seconds: the job is under way until the time is moved, within AWS's own windows
PATIENCE = 240.0
LOOKING: dict[str, object] = {"look_seconds": 1}
DRILLING = {"drill": 1, "drill_subnet": "subnet-0a1b2c3d", "drill_security_group": "sg-0a1b2c3d"}


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """Three accounts, the last of which lets nobody in."""
    fleet = Fleet((GOOD, SICK)).in_account(PAYMENTS, PAID, region=EU)
    with running(speed=SPEED, fleet=fleet.in_account(CLOSED, SHUT, region=US)) as sandbox:
        sandbox.control.script(SICK, {"state": "FAILED", "message": "Insufficient privileges", "times": 1})
        sandbox.control.script(PAID, {"duration_seconds": LONG})
        yield sandbox


@pytest.fixture(scope="module")
def workers(installation: Installation, aws: Sandbox) -> Iterator[None]:
    with ExitStack() as stack:
        for name in ("first", "second"):
            stack.enter_context(installation.worker(name, aws.env))
        yield


@pytest.fixture(scope="module")
def asked(installation: Installation) -> dict[str, Any]:
    return {**places_with_list(installation), "sharding": LOOKING, "options": {"poll_seconds": 1}}


@pytest.fixture(scope="module")
def first(installation: Installation, aws: Sandbox, asked: dict[str, Any], workers: None) -> Any:  # noqa: ARG001
    """A fleet with a job that fails, an account that refuses, and a shard that Prefect takes for crashed."""
    trust("444444444444")
    run_id = installation.start_run("fleet", **asked)
    eventually(lambda: jobs_of(aws, PAID), bool, PATIENCE)
    (shard,) = (run for run in shards_of(installation) if PAYMENTS in run["name"])
    lost = {"type": "CRASHED", "name": "Crashed", "message": "No heartbeat"}
    assert installation.ask("POST", f"/flow_runs/{shard['id']}/set_state", state=lost, force=True).ok
    eventually(lambda: [run for run in shards_of(installation) if PAYMENTS in run["name"]], lambda runs: len(runs) == 2)
    aws.control.advance(LONG)
    return installation.ended(run_id, PATIENCE)


@pytest.fixture(scope="module")
def second(installation: Installation, asked: dict[str, Any], first: Any) -> Any:
    """The same fleet taken up again, once the account lets it in."""
    trust(OWN)
    run_id = installation.start_run("fleet", **asked, run_key=report(installation)["run_key"])
    assert run_id != first["id"]
    return installation.ended(run_id, PATIENCE)


@pytest.mark.parametrize(
    ("asked_for", "said", "hint"),
    [
        ({"sharding": {"deployment": "ec2-backup/nobody"}}, "There is no deployment ec2-backup/nobody", "deploy.py"),
        ({"options": DRILLING}, "A fleet drills nothing", "begin one when the fleet is done"),
    ],
    ids=["undeployed", "drilling"],
)
def test_a_fleet_that_cannot_be_starts_nothing_and_says_what_to_do(
    installation: Installation, aws: Sandbox, request: Any, asked_for: dict[str, Any], said: str, hint: str
) -> None:
    shown, found = fleet_alone(installation, aws, request.node.callspec.id, **asked_for)

    assert said in shown
    assert (found["status"], found["exit_code"]) == ("aborted", 2)
    assert hint in found["error"]["hint"]
    assert shards_of(installation) == []


def test_shards_that_no_worker_takes_are_failures_once_the_deadline_has_passed(
    installation: Installation, aws: Sandbox
) -> None:
    sharding = {"at_once": 1, "look_seconds": 1, "deadline_minutes": 0.03}

    _, found = fleet_alone(installation, aws, "unworked", sharding=sharding)
    (waiting,) = shards_of(installation)
    assert installation.ask("DELETE", f"/flow_runs/{waiting['id']}").ok  # no later test is to see it

    reasons = [one["failure"]["reason"] for one in found["outcomes"]]
    assert (found["status"], found["exit_code"]) == ("incomplete", 3)
    assert sorted(reason.replace(waiting["id"], "ID") for reason in reasons) == [
        "its shard was not started, the fleet's deadline has passed",
        "the run of its shard ID goes on, the fleet's deadline has passed",
    ]
    assert all(f"run_key {found['run_key']}" in one["failure"]["advice"] for one in found["outcomes"])
    assert aws.control.jobs() == []


def test_a_fleet_runs_one_shard_for_each_account_and_region_and_merges_what_they_say(
    installation: Installation, first: Any
) -> None:
    said = installation.logs(first["id"], "2 of 4 instances have a proven recovery point")

    assert first["state_type"] == "FAILED", said
    assert first["name"] == "EC2-Backup · 4 instances · fleet"
    merged = report(installation)
    outcomes = {one["row"]["instance_id"]: one for one in merged["outcomes"]}
    assert {key: one["verdict"] for key, one in outcomes.items()} == {
        GOOD: "proven", SICK: "failed", PAID: "proven", SHUT: "not-started",
    }  # fmt: skip
    assert [one["row"]["line"] for one in outcomes.values()] == [2, 3, 4, 5]
    assert outcomes[GOOD]["row"]["name"] == "web, the first"
    assert f"account {CLOSED} cannot be entered" in outcomes[SHUT]["failure"]["reason"]
    assert merged["statistics"]["api_calls"]["backup:StartBackupJob"] >= 2  # those of a crashed run nobody counted
    places = [one for one in merged["statistics"]["places"] if one["instances"]]
    proven = {(one["account"], one["region"]): one["proven"] for one in places}
    assert proven == {(OWN, US): 1, (PAYMENTS, EU): 1, (CLOSED, US): 0}
    assert {caller["account"] for caller in merged["callers"]} >= {OWN, PAYMENTS}
    assert "2 of 4 instances have a proven recovery point" in said


def test_each_shard_is_below_its_fleet_and_says_where_it_is(installation: Installation, first: Any) -> None:
    found = shards_of(installation)
    parents = installation.found("task_runs", flow_runs={"id": {"any_": [first["id"]]}}, limit=200)

    assert {run["name"] for run in found} == {
        f"EC2-Backup · 2 instances · {US} of {OWN}",
        f"EC2-Backup · 1 instance · {EU} of {PAYMENTS}",
        f"EC2-Backup · 1 instance · {US} of {CLOSED}",
    }
    assert {run["parent_task_run_id"] for run in found} <= {one["id"] for one in parents}
    assert {tag for run in found for tag in run["tags"] if tag.startswith("fleet:")} == {
        f"fleet:{report(installation)['run_key']}"
    }


def test_a_shard_that_crashed_is_run_again_and_starts_nothing_twice(
    installation: Installation, first: Any, aws: Sandbox
) -> None:
    runs = [run for run in shards_of(installation) if PAYMENTS in run["name"]]

    assert first["state_type"] == "FAILED"
    assert len(runs) == 2
    assert len({run["parameters"]["run_key"] for run in runs}) == 1
    assert Counter(job["instance"] for job in jobs_of(aws, PAID)) == {PAID: 1}


def test_a_fleet_that_is_taken_up_runs_only_the_shards_that_are_not_proven(
    installation: Installation, second: Any, aws: Sandbox
) -> None:
    outcomes = {one["row"]["instance_id"]: one["verdict"] for one in report(installation)["outcomes"]}

    assert second["state_type"] == "FAILED", "a job that failed is this run's own, and is not started once more"
    assert second["name"] == "EC2-Backup · 4 instances · fleet · taken up again"
    assert outcomes == {GOOD: "proven", SICK: "failed", PAID: "proven", SHUT: "proven"}
    assert Counter(run["name"].split(" · ")[2] for run in shards_of(installation)) == {
        f"{US} of {OWN}": 2, f"{EU} of {PAYMENTS}": 2, f"{US} of {CLOSED}": 2,
    }  # fmt: skip
    assert Counter(job["instance"] for job in jobs_of(aws)) == {GOOD: 1, SICK: 1, PAID: 1, SHUT: 1}


def test_a_fleet_leaves_the_files_of_a_run(installation: Installation, second: Any) -> None:
    key = report(installation)["run_key"]
    names = {path.name for path in (installation.folder / "fleet" / "output").iterdir()}
    shards = installation.folder / "fleet" / "shards" / key

    assert second["state_type"] == "FAILED"
    assert {f"run_{key}.json", *(f"report_{key}.{kind}" for kind in ("json", "csv", "html"))} <= names
    assert (shards / f"fleet_{key}.json").is_file()
    assert (shards / f"shard_{key}-{OWN}-{US}.csv").read_text().count("\n") == 3
    assert {path.parent.name for path in Path(shards).glob("*/report_*.json")} == {
        f"{key}-{account}-{region}" for account, region in ((OWN, US), (PAYMENTS, EU), (CLOSED, US))
    }
