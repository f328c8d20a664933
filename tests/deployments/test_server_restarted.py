"""The Prefect server is restarted while a deployment's run is at work: the backups go on, and no vault stays taken."""

from urllib.parse import urlsplit

import pytest

from deployments.prefect_server import Server, ensure_server, stop_server
from sandbox.running import Sandbox
from tests.deployments.conftest import AD_HOC, NIGHTLY
from tests.deployments.installation import Installation
from tests.flow_runs.front_door import eventually

LONG = 500_000.0
PATIENCE = 240.0
LIMITS = "/v2/concurrency_limits/filter"


@pytest.fixture(scope="module")
def ended(installation: Installation, server: Server, aws: Sandbox) -> dict[str, object]:
    """A run of `nightly` during which the server was restarted, and a run into the same vault after it."""
    aws.control.script("*", {"duration_seconds": LONG})
    with installation.worker("patient", aws.env):
        nightly = installation.start_run("nightly", **installation.inventory(NIGHTLY))
        eventually(aws.control.jobs, bool, PATIENCE)
        stop_server(server.home)
        ensure_server(server.home, port=urlsplit(server.url).port)
        next_one = installation.start_run("ad-hoc", **installation.inventory(AD_HOC))
        waiting = eventually(
            lambda: installation.run(next_one), lambda run: run["state"]["name"] == "AwaitingConcurrencySlot", PATIENCE
        )
        aws.control.advance(LONG)
        first = installation.ended(nightly, PATIENCE)
        eventually(aws.control.jobs, lambda jobs: len(jobs) == 2, PATIENCE)
        aws.control.advance(LONG)
        return {
            "nightly": first,
            "waiting": waiting,
            "next": installation.ended(next_one, PATIENCE),
            "limits": eventually(
                lambda: installation.ask("POST", LIMITS).json(), lambda found: not any(x["active_slots"] for x in found)
            ),
        }


def test_the_run_goes_on_and_proves_its_backup(ended: dict[str, dict[str, object]]) -> None:
    assert ended["nightly"]["state_type"] == "COMPLETED"


def test_the_next_run_waits_for_it_and_is_run_then(ended: dict[str, dict[str, object]]) -> None:
    assert ended["waiting"]["state_type"] == "RUNNING"
    assert ended["next"]["state_type"] == "COMPLETED"


def test_there_is_one_limit_a_vault_and_nobody_holds_it_any_more(aws: Sandbox, ended: dict[str, object]) -> None:
    arn = f"arn:aws:backup:{aws.region}:{aws.account}:backup-vault:EC2-Backup"

    assert [(one["name"], one["limit"], one["active_slots"]) for one in ended["limits"]] == [(arn, 1, 0)]
