"""One run at a time is at work in a vault, whichever deployment it is of: the others wait, or say no at once."""

from collections.abc import Iterator
from typing import Any

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.deployments.conftest import OTHER_VAULT, with_vaults
from tests.deployments.installation import Installation, asked, cancel, jobs_of, log, report
from tests.flow_runs.copying import ELSEWHERE as COPIES
from tests.flow_runs.copying import a_vault
from tests.flow_runs.front_door import eventually

FLEET = Fleet.of_size(6)
FIRST, SECOND, ELSEWHERE, UNWANTED, HASTY, REFUSED = ([one] for one in FLEET.machines)
LONG = 500_000.0  # of the sandbox's seconds: no job ends by itself while a test looks at it, nor is one over its window
SLOW = 300.0  # at which such a job takes half an hour
PATIENCE = 180.0
CLOSED = "Closed"
NAMED = 'the run "EC2-Backup · 1 instance · nightly" (http'
WAITING = "AwaitingConcurrencySlot"


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """An AWS with two vaults, in which jobs end when a test says so."""
    with running(speed=SLOW, fleet=FLEET) as sandbox:
        sandbox.control.script("*", {"duration_seconds": LONG})
        with_vaults(sandbox, OTHER_VAULT, CLOSED)
        a_vault(FLEET)
        yield sandbox


@pytest.fixture(scope="module")
def runs(installation: Installation, aws: Sandbox) -> Iterator[dict[str, str]]:
    """Runs of all deployments, while a run of `nightly` is at work in the vault EC2-Backup."""
    with installation.worker("only", aws.env):
        nightly = installation.start_run("nightly", **asked(installation, "nightly", FIRST))
        eventually(lambda: jobs_of(aws, FIRST), bool, PATIENCE)
        closed = f"arn:aws:backup:{aws.region}:{aws.account}:backup-vault:{CLOSED}"
        assert installation.ask("POST", "/v2/concurrency_limits/", name=closed, limit=0).ok
        begun = {
            "waits": installation.start_run("ad-hoc", **asked(installation, "waits", SECOND)),
            "elsewhere": installation.start_run(
                "ad-hoc", **asked(installation, "elsewhere", ELSEWHERE), vault=OTHER_VAULT
            ),
            "urgent": installation.start_run("pre-patch", **asked(installation, "urgent", FIRST)),
            "plan": installation.start_run("dry-run", **asked(installation, "plan", FIRST)),
            "hasty": installation.start_run(
                "ad-hoc", **asked(installation, "hasty", HASTY), options={"deadline_minutes": 0.01}
            ),
            "refused": installation.start_run("pre-patch", **asked(installation, "refused", REFUSED), vault=CLOSED),
            "unwanted": installation.start_run("ad-hoc", **asked(installation, "unwanted", UNWANTED)),
        }
        yield {"nightly": nightly, **begun}


def is_waiting(run: Any) -> bool:
    """Say whether a run is shown as one that waits."""
    return bool(run["state"]["name"] == WAITING)


def test_a_run_of_another_deployment_waits_and_says_for_which(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    run = eventually(lambda: installation.run(runs["waits"]), is_waiting, PATIENCE)

    assert run["state_type"] == "RUNNING"
    assert f"vault EC2-Backup is taken, by {NAMED}" in log(installation.folder / "waits")
    assert jobs_of(aws, SECOND) == []


def test_a_run_into_another_vault_goes_on(installation: Installation, aws: Sandbox, runs: dict[str, str]) -> None:
    jobs = eventually(lambda: jobs_of(aws, ELSEWHERE), bool, PATIENCE)

    assert [job["vault"] for job in jobs] == [OTHER_VAULT]
    assert installation.run(runs["elsewhere"])["state"]["name"] == "Running"


def test_before_a_patch_a_run_fails_at_once_and_says_for_which_it_would_have_waited(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    run = installation.ended(runs["urgent"], PATIENCE)
    left = report(installation.folder / "urgent")

    assert run["state_type"] == "FAILED"
    assert f"Vault EC2-Backup is taken, by {NAMED}" in run["state"]["message"]
    assert (left["status"], left["exit_code"]) == ("aborted", 13)
    assert len(jobs_of(aws, FIRST)) == 1


def test_a_run_waits_no_longer_than_its_deadline(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    run = installation.ended(runs["hasty"], PATIENCE)

    assert run["state_type"] == "FAILED"
    assert f"is taken, by {NAMED}" in run["state"]["message"]
    assert "still after 0.01 minutes." in run["state"]["message"]
    assert jobs_of(aws, HASTY) == []


def test_a_limit_of_0_lets_no_run_into_the_vault(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    run = installation.ended(runs["refused"], PATIENCE)

    assert run["state_type"] == "FAILED"
    assert "Vault Closed is closed, its limit in Prefect is 0." in run["state"]["message"]
    assert jobs_of(aws, REFUSED) == []


def test_a_dry_run_keeps_none_waiting_and_waits_for_none(installation: Installation, runs: dict[str, str]) -> None:
    assert installation.ended(runs["plan"], PATIENCE)["state_type"] == "COMPLETED"


def test_a_run_that_waits_can_be_cancelled_and_has_started_nothing(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    eventually(lambda: installation.run(runs["unwanted"]), is_waiting, PATIENCE)

    cancel(installation, runs["unwanted"])

    assert installation.ended(runs["unwanted"], PATIENCE)["state_type"] == "CANCELLED"
    assert report(installation.folder / "unwanted")["status"] == "interrupted"
    assert jobs_of(aws, UNWANTED) == []


def test_whoever_waited_goes_on_when_the_vault_is_free(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    aws.control.advance(LONG)
    first = installation.ended(runs["nightly"], PATIENCE)
    eventually(lambda: jobs_of(aws, SECOND), bool, PATIENCE)
    meanwhile = installation.run(runs["waits"])["state"]["name"]
    aws.control.advance(LONG)

    assert first["state_type"] == "COMPLETED", installation.logs(runs["nightly"])
    assert meanwhile == "Running"
    assert installation.ended(runs["waits"], PATIENCE)["state_type"] == "COMPLETED", installation.logs(runs["waits"])
    assert {job["state"] for job in jobs_of(aws, FIRST + SECOND + ELSEWHERE)} == {"COMPLETED"}


def test_a_run_that_failed_for_the_vault_begins_anew_by_retry_and_takes_no_job_of_others_for_its_own(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    aws.control.script(FIRST[0], {"duration_seconds": 60})  # within the short windows of this deployment
    retry = {"state": {"type": "SCHEDULED", "name": "AwaitingRetry"}, "force": True}
    assert installation.ask("POST", f"/flow_runs/{runs['urgent']}/set_state", **retry).ok
    first, second = eventually(lambda: jobs_of(aws, FIRST), lambda jobs: len(jobs) == 2, PATIENCE)

    assert installation.ended(runs["urgent"], PATIENCE)["state_type"] == "COMPLETED", installation.logs(runs["urgent"])
    left = report(installation.folder / "urgent")
    assert left["outcomes"][0]["job"]["job_id"] in {first["id"], second["id"]} - nightlys(installation)


def nightlys(installation: Installation) -> set[str]:
    """Return the jobs that the run of `nightly` has in its report."""
    return {one["job"]["job_id"] for one in report(installation.folder / "nightly")["outcomes"]}


def test_a_run_that_only_copies_any_more_keeps_nobody_waiting(
    installation: Installation, aws: Sandbox, runs: dict[str, str]
) -> None:
    aws.control.script("*", {"duration_seconds": 60})
    aws.control.script(HASTY[0], {"duration_seconds": LONG}, job="copy")
    assert installation.ended(runs["elsewhere"], PATIENCE)["state_type"] == "COMPLETED"
    copying = installation.start_run(
        "ad-hoc", **asked(installation, "copying", HASTY), vault=OTHER_VAULT, options={"copy_to": [COPIES]}
    )
    run = eventually(lambda: installation.run(copying), lambda run: run["state"]["name"] == "BackupsOver", PATIENCE)
    other = installation.start_run("ad-hoc", **asked(installation, "meanwhile", REFUSED), vault=OTHER_VAULT)

    assert run["state_type"] == "RUNNING"
    assert installation.ended(other, PATIENCE)["state_type"] == "COMPLETED", installation.logs(other)
    assert installation.run(copying)["state_type"] == "RUNNING"
    aws.control.advance(LONG)
    assert installation.ended(copying, PATIENCE)["state_type"] == "COMPLETED", installation.logs(copying)
