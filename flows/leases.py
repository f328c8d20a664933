"""Slots of Prefect's global concurrency limits, each held by a lease that is renewed while a run goes on.

Prefect's own context manager gives a lease up for good when a server that is restarted does not renew it, and waits
without telling anybody for whom.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import ConcurrencyLeaseHolder
from prefect.client.schemas.responses import ConcurrencyLimitWithLeaseResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError

from ec2_backup.errors import Interrupted
from ec2_backup.vaultqueue import Refused

LEASE_SECONDS = 60.0  # the shortest that Prefect takes: a run that was killed keeps its slots for that long
_TURN_SECONDS = LEASE_SECONDS / 4
_LOCKED, _UNPROCESSABLE, _GONE = 423, 422, 410


@dataclass(frozen=True, slots=True)
class Wanted:
    """The limits, by name, of each of which a flow run wants a slot."""

    names: Sequence[str]
    flow_run_id: UUID


def take(wanted: Wanted) -> UUID | Refused:
    """Take a slot of each limit, all or none, and return their lease. A limit that is absent is made, for one run."""
    with get_client(sync_client=True) as client:
        try:
            granted = _increment(client, wanted)
            if missing := set(wanted.names) - {limit.name for limit in granted.limits}:
                client.release_concurrency_slots_with_lease(granted.lease_id)
                _make(client, missing)
                granted = _increment(client, wanted)
        except PrefectHTTPStatusError as error:
            status = error.response.status_code
            if status == _LOCKED:
                return Refused.TAKEN
            if status == _UNPROCESSABLE and _is_closed(client, wanted):
                return Refused.CLOSED
            raise
    return granted.lease_id


def _increment(client: SyncPrefectClient, wanted: Wanted) -> ConcurrencyLimitWithLeaseResponse:
    holder = ConcurrencyLeaseHolder(type="flow_run", id=wanted.flow_run_id)
    answer = client.increment_concurrency_slots_with_lease(list(wanted.names), 1, "concurrency", LEASE_SECONDS, holder)
    return ConcurrencyLimitWithLeaseResponse.model_validate(answer.json())


def _make(client: SyncPrefectClient, names: set[str]) -> None:
    for name in sorted(names):
        with suppress(ObjectAlreadyExists):
            client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))


def _is_closed(client: SyncPrefectClient, wanted: Wanted) -> bool:
    try:
        limits = [client.read_global_concurrency_limit_by_name(name) for name in wanted.names]
    except ObjectNotFound:
        return False
    return any(limit.active and limit.limit == 0 for limit in limits)


def free(wanted: Wanted) -> None:
    """Free all slots of these limits, which a server has forgotten the leases of: nothing else would, ever."""
    with get_client(sync_client=True) as client:
        for name in wanted.names:
            with suppress(ObjectNotFound):
                client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(active_slots=0))


@contextmanager
def held(
    wanted: Wanted, lease_id: UUID | None, each_turn: Callable[[], object], at_the_end: Callable[[], object]
) -> Iterator[None]:
    """Hold the slots while the block goes on, or take them meanwhile where there were none; then give them back.

    A thread does so. It has no part in the flow's context, so its client is its own: the flow's repeats a call for
    minutes where Prefect is away. Nobody waits for the thread; a lease that is not given back ends by itself. One of a
    run that is told to stop does so, a minute after its process: its jobs may have to be stopped before others come.
    """
    over = Event()
    turns = (wanted, lease_id, each_turn, at_the_end, over)
    Thread(target=_hold, args=turns, name="vault slots", daemon=True).start()
    try:
        yield
    except Interrupted:
        raise
    except Exception:
        over.set()
        raise
    else:
        over.set()


def _hold(
    wanted: Wanted,
    lease_id: UUID | None,
    each_turn: Callable[[], object],
    at_the_end: Callable[[], object],
    over: Event,
) -> None:
    while not over.wait(_TURN_SECONDS):
        with suppress(Exception):  # the next turn is soon
            lease_id = _renewed(wanted, lease_id)
            if not over.is_set():
                each_turn()
    with suppress(Exception):
        if lease_id:
            with get_client(sync_client=True) as client:
                client.release_concurrency_slots_with_lease(lease_id)
        at_the_end()


def _renewed(wanted: Wanted, lease_id: UUID | None) -> UUID | None:
    """Return the lease, renewed, or another one where a server that was away has given its slots to nobody else."""
    try:
        if lease_id:
            with get_client(sync_client=True) as client:
                client.renew_concurrency_lease(lease_id, LEASE_SECONDS)
            return lease_id
    except PrefectHTTPStatusError as error:
        if error.response.status_code != _GONE:
            raise
    taken = take(wanted)
    return None if isinstance(taken, Refused) else taken
