"""Slots of Prefect's global concurrency limits, each held by a lease that is renewed while a run goes on.

Prefect's own context manager gives a lease up for good when a server that is restarted does not renew it, and waits
without telling anybody for whom.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass
from enum import Enum
from threading import Event, Thread
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import GlobalConcurrencyLimitCreate, GlobalConcurrencyLimitUpdate
from prefect.client.schemas.objects import ConcurrencyLeaseHolder
from prefect.client.schemas.responses import ConcurrencyLimitWithLeaseResponse
from prefect.exceptions import ObjectAlreadyExists, ObjectNotFound, PrefectHTTPStatusError

LEASE_SECONDS = 60.0  # the shortest that Prefect takes: as long does a run that was killed keep its slots
_RENEWED_AFTER = LEASE_SECONDS / 4
_GONE = 410


class Refused(Enum):
    """Why there is no slot now: the statuses of Prefect's API."""

    TAKEN = 423
    CLOSED = 422  # the limit is 0, as somebody sets it who wants none of these runs


@dataclass(slots=True)
class Lease:
    """The slots of these limits, all of them under one lease."""

    names: Sequence[str]
    lease_id: UUID

    def renew(self) -> None:
        """Hold the slots on; where a server that was away has given them to nobody else meanwhile, take them again."""
        try:
            with get_client(sync_client=True) as client:
                client.renew_concurrency_lease(self.lease_id, LEASE_SECONDS)
        except PrefectHTTPStatusError as error:
            if error.response.status_code != _GONE:
                raise
            if isinstance(again := take(self.names), Lease):
                self.lease_id = again.lease_id

    def release(self) -> None:
        """Give the slots back."""
        with get_client(sync_client=True) as client:
            client.release_concurrency_slots_with_lease(self.lease_id)


def take(names: Sequence[str]) -> Lease | Refused:
    """Take a slot of each of these limits, all or none. A limit that is not there is made, for one run at a time."""
    with get_client(sync_client=True) as client:
        try:
            granted = _increment(client, names)
            if missing := set(names) - {limit.name for limit in granted.limits}:
                client.release_concurrency_slots_with_lease(granted.lease_id)
                _make(client, missing)
                granted = _increment(client, names)
        except PrefectHTTPStatusError as error:
            if error.response.status_code not in {one.value for one in Refused}:
                raise
            return Refused(error.response.status_code)
    return Lease(names, granted.lease_id)


def _increment(client: SyncPrefectClient, names: Sequence[str]) -> ConcurrencyLimitWithLeaseResponse:
    holder = ConcurrencyLeaseHolder(type="flow_run", id=UUID(runtime.flow_run.id)) if runtime.flow_run.id else None
    answer = client.increment_concurrency_slots_with_lease(list(names), 1, "concurrency", LEASE_SECONDS, holder)
    return ConcurrencyLimitWithLeaseResponse.model_validate(answer.json())


def _make(client: SyncPrefectClient, names: set[str]) -> None:
    for name in sorted(names):
        with suppress(ObjectAlreadyExists):
            client.create_global_concurrency_limit(GlobalConcurrencyLimitCreate(name=name, limit=1))


def free(names: Sequence[str]) -> None:
    """Free all slots of these limits, which a server has forgotten the leases of: nothing else would, ever."""
    with get_client(sync_client=True) as client:
        for name in names:
            with suppress(ObjectNotFound):
                client.update_global_concurrency_limit(name, GlobalConcurrencyLimitUpdate(active_slots=0))


@contextmanager
def held(lease: Lease) -> Iterator[None]:
    """Renew the lease while the block goes on, and give it back. A Prefect that is away hinders neither."""
    over = Event()
    keeper = Thread(target=copy_context().run, args=(_renew, lease, over), name="vault-slots", daemon=True)
    keeper.start()
    try:
        yield
    finally:
        over.set()
        keeper.join(timeout=2)
        with suppress(Exception):  # it ends by itself a minute later
            lease.release()


def _renew(lease: Lease, over: Event) -> None:
    while not over.wait(_RENEWED_AFTER):
        with suppress(Exception):  # the next time is soon
            lease.renew()
