"""Cancel in Prefect's UI, for runs on a worker: what the run leaves behind, and what goes on at AWS."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.deployments.conftest import OTHER_VAULT, SPEED, with_vaults
from tests.deployments.installation import Installation, asked, cancel, jobs_of, log, report
from tests.flow_runs.front_door import eventually

FLEET = Fleet.of_size(65)
OWN, (FOREIGN,), SHARD, MANY = (ids := [*FLEET.machines])[:2], ids[2:3], ids[3:5], ids[5:]
LONG = 5_000_000  # of the sandbox's seconds: no job ends by itself while a test looks at it
FLEETS = "Fleets"  # each run has a vault to itself, and waits for none of the others
PATIENCE = 180.0  # a worker takes its time to begin a run; a machine that is busy takes more
ACTIVE = {"CREATED", "PENDING", "RUNNING"}


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """An AWS in which one instance has a job already that somebody else has started."""
    with running(speed=SPEED, fleet=FLEET) as sandbox:
        sandbox.control.script("*", {"duration_seconds": LONG})
        client = with_vaults(sandbox, FLEETS, OTHER_VAULT)
        client.start_backup_job(
            BackupVaultName="EC2-Backup",
            ResourceArn=f"arn:aws:ec2:{sandbox.region}:{sandbox.account}:instance/{FOREIGN}",
            IamRoleArn=f"arn:aws:iam::{sandbox.account}:role/service-role/AWSBackupDefaultServiceRole",
        )
        yield sandbox


@pytest.fixture(scope="module")
def cancelled(installation: Installation, aws: Sandbox) -> dict[str, Any]:
    """Runs that were cancelled: `ad-hoc` while it started its jobs, `nightly` and a fleet while they watched them."""
    slowly = {"start_jobs_per_second": 1}
    stopping = {"stop_jobs_on_cancel": True, "poll_seconds": 1}
    with installation.worker("cancelling", aws.env):
        asked_of_fleet = asked(installation, "fleet", SHARD) | {
            "shards": str(installation.folder / "fleet" / "shards"),
            "vault": FLEETS,
        }
        runs = {
            "fleet": installation.start_run("fleet", **asked_of_fleet, sharding={"look_seconds": 1}),
            "ad-hoc": installation.start_run(
                "ad-hoc", **asked(installation, "many", MANY), vault=OTHER_VAULT, options=slowly
            ),
            "nightly": installation.start_run(
                "nightly", **asked(installation, "own", [*OWN, FOREIGN]), options=stopping
            ),
        }
        eventually(lambda: jobs_of(aws, MANY), lambda jobs: len(jobs) >= 2, PATIENCE)
        cancel(installation, runs["ad-hoc"])
        eventually(lambda: log(installation.folder / "own"), lambda text: "0 of 3 finished" in text, PATIENCE)
        cancel(installation, runs["nightly"])
        eventually(lambda: jobs_of(aws, SHARD), lambda jobs: len(jobs) == len(SHARD), PATIENCE)
        (shard,) = (run for run in installation.runs() if "shard" in run["tags"])
        cancel(installation, runs["fleet"])
        return {name: installation.ended(run_id) for name, run_id in (runs | {"shard": shard["id"]}).items()}


def test_a_cancelled_run_starts_no_further_job_and_names_those_that_go_on(
    installation: Installation, aws: Sandbox, cancelled: dict[str, Any]
) -> None:
    folder = installation.folder / "many"
    jobs = jobs_of(aws, MANY)
    outcomes = {one["row"]["instance_id"]: one for one in report(folder)["outcomes"]}

    assert cancelled["ad-hoc"]["state_type"] == "CANCELLED"
    assert 2 <= len(jobs) < len(MANY)
    assert {job["state"] for job in jobs} <= ACTIVE
    assert report(folder)["status"] == "interrupted"
    assert "The run ended with exit code 130 (interrupted)." in log(folder)
    assert {key for key, one in outcomes.items() if one["verdict"] == "running"} == {job["instance"] for job in jobs}
    assert {one["verdict"] for one in outcomes.values()} == {"running", "not-started"}
    for job in jobs:
        assert outcomes[job["instance"]]["job"]["job_id"] == job["id"]
        assert f"job {job['id']} goes on at AWS" in log(folder)


def test_a_cancelled_run_stops_its_own_jobs_and_no_others_where_that_was_asked_for(
    installation: Installation, aws: Sandbox, cancelled: dict[str, Any]
) -> None:
    folder = installation.folder / "own"
    outcomes = {one["row"]["instance_id"]: one for one in report(folder)["outcomes"]}
    (foreign,) = jobs_of(aws, [FOREIGN])

    assert cancelled["nightly"]["state_type"] == "CANCELLED"
    assert {job["state"] for job in jobs_of(aws, OWN)} <= {"ABORTING", "ABORTED"}
    assert foreign["state"] in ACTIVE
    assert report(folder)["status"] == "interrupted"
    assert "2 of 2 jobs of this run were told to stop" in log(folder)
    assert [outcomes[key]["verdict"] for key in (*OWN, FOREIGN)] == ["failed", "failed", "running"]
    assert f"job {foreign['id']} goes on at AWS" in log(folder)


def test_a_fleet_that_is_cancelled_cancels_its_shards_and_names_what_goes_on(
    installation: Installation, aws: Sandbox, cancelled: dict[str, Any]
) -> None:
    folder = installation.folder / "fleet"
    reasons = [one["failure"]["reason"] for one in report(folder)["outcomes"]]

    assert [cancelled[name]["state_type"] for name in ("fleet", "shard")] == ["CANCELLED", "CANCELLED"]
    assert (report(folder)["status"], report(folder)["exit_code"]) == ("interrupted", 130)
    assert reasons == [f"the run of its shard {cancelled['shard']['id']} goes on, the fleet's run ended first"] * len(
        SHARD
    )
    assert "1 shard was told to stop" in log(folder)
    assert report(next((folder / "shards").glob("*/*/")))["status"] == "interrupted"
    assert {job["state"] for job in jobs_of(aws, SHARD)} <= ACTIVE
