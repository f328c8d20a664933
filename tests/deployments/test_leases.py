"""Slots of Prefect's limits, and what the list of runs says of a run, on a server of their own."""

from collections.abc import Iterator
from uuid import uuid4

import pytest
from prefect import flow
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectHTTPStatusError
from prefect.settings import PREFECT_API_URL, temporary_settings
from prefect.states import Cancelled, Cancelling, Crashed, Running

from deployments.prefect_server import Server
from ec2_backup.slots import WAITING
from ec2_backup.vaultqueue import Refused
from flows import leases
from flows.leases import Wanted, free, take
from flows.neighbours import Sign


@pytest.fixture
def client(server: Server) -> Iterator[SyncPrefectClient]:
    """A client of the server, which everything in the test talks to."""
    with temporary_settings({PREFECT_API_URL: server.url}), get_client(sync_client=True) as client:
        yield client


@flow
def nothing() -> None:
    """Do nothing: only the flow's run is of interest."""


def wanted(*names: str) -> Wanted:
    return Wanted([f"arn:aws:backup:us-east-1:123456789012:backup-vault:{name}" for name in names], uuid4())


def slots(client: SyncPrefectClient, one: Wanted) -> list[int]:
    return [client.read_global_concurrency_limit_by_name(name).active_slots for name in one.names]


def test_of_two_runs_that_share_one_of_their_vaults_one_gets_all_and_the_other_none(client: SyncPrefectClient) -> None:
    one, other = wanted("A", "B"), wanted("B", "C")
    lease = take(one)

    assert take(other) is Refused.TAKEN
    assert slots(client, one) == [1, 1]

    assert not isinstance(lease, Refused)
    client.release_concurrency_slots_with_lease(lease)
    assert not isinstance(take(other), Refused)
    assert (slots(client, one), slots(client, other)) == ([0, 1], [1, 1])


@pytest.mark.usefixtures("client")
def test_slots_that_nobody_holds_any_more_are_freed() -> None:
    one = wanted("Left (dry runs)")
    take(one)

    free(one)

    assert not isinstance(take(wanted("Left (dry runs)")), Refused)


def test_a_limit_that_is_switched_off_holds_nobody_back_and_one_of_0_everybody(client: SyncPrefectClient) -> None:
    one = wanted("Switched")
    take(one)

    client.update_global_concurrency_limit(one.names[0], GlobalConcurrencyLimitUpdate(active=False))
    assert not isinstance(take(one), Refused)

    client.update_global_concurrency_limit(one.names[0], GlobalConcurrencyLimitUpdate(active=True, limit=0))
    assert take(one) is Refused.CLOSED


@pytest.mark.usefixtures("client")
def test_a_server_that_cannot_do_what_it_is_asked_is_not_taken_for_a_closed_vault(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(leases, "LEASE_SECONDS", 1.0)  # shorter than Prefect's API takes

    with pytest.raises(PrefectHTTPStatusError, match="422"):
        take(wanted("Refused"))


@pytest.mark.parametrize("state", [Cancelled(), Crashed(), Cancelling()])
def test_a_run_that_has_ended_or_is_being_cancelled_is_never_shown_as_one_that_waits(
    client: SyncPrefectClient, state: State
) -> None:
    run = client.create_flow_run(nothing, state=Running())
    client.set_flow_run_state(run.id, state, force=True)

    Sign(run.id).show(WAITING)

    shown = client.read_flow_run(run.id).state
    assert shown
    assert shown.name == state.name


def test_a_run_is_shown_as_one_that_waits_and_then_as_one_at_work(client: SyncPrefectClient) -> None:
    run = client.create_flow_run(nothing, state=Running())
    sign = Sign(run.id)
    seen = []

    for name in (WAITING, "Running"):
        sign.show(name)
        state = client.read_flow_run(run.id).state
        seen.append((state.type.value, state.name) if state else None)

    assert seen == [("RUNNING", WAITING), ("RUNNING", "Running")]
