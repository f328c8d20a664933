"""One run at a time in a vault, over all deployments: each vault has a global concurrency limit of one in Prefect.

Prefect's own limit of a deployment is another thing. It counts the runs of one deployment, into whatever vaults they
go; and it ends a run whose lease cannot be renewed, so the restart of a server would cost a night's backups. Here a
Prefect that is away costs none: two runs at once find each other's jobs at AWS.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from time import monotonic

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
    FlowRunFilterTags,
)
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.states import Running

from ec2_backup import stop
from ec2_backup.errors import VaultBusy
from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from ec2_backup.slots import may_share_a_vault, named, to_slots, to_tags
from flows.leases import LEASE_SECONDS, Lease, free, held, take
from flows.shardruns import PAGE, is_refusal

WAITING = "AwaitingConcurrencySlot"  # Prefect's own name for a run that its own limits keep waiting
_LOOK_SECONDS = 5.0
_AWAY_SECONDS = 300.0  # for so long is a Prefect that is away waited for
_LEFT_SECONDS = 1.5 * LEASE_SECONDS  # after which nobody can hold a slot who is at work nowhere
_HINT = (
    "One run at a time is at work in a vault. Retry this one when that is over; "
    "a run whose option on_busy_vault is wait begins by itself then."
)


@contextmanager
def alone_in_vaults(run: Ledger) -> Iterator[None]:
    """Hold the run's vaults while the block goes on, and before it wait for whoever holds one; or fail at once.

    Only runs of deployments are held back. One in a terminal has somebody before it.

    Raises:
        VaultBusy: Another run is at work in one of the vaults, and `on_busy_vault` is `fail`, or the deadline is over.
        Interrupted: The run was told to stop while it waited.
    """
    with ExitStack() as stack:
        names = to_slots(run) if runtime.deployment.id else ()
        if names and (lease := _Wait(run, names).taken()):
            stack.enter_context(held(lease))
        yield


@dataclass(slots=True)
class _Wait:
    """A run that wants slots, and since when it has been that Prefect answered, and that somebody else was at work."""

    run: Ledger
    names: tuple[str, ...]
    began: float = field(default_factory=monotonic)
    answered: float = field(default_factory=monotonic)
    seen: float = field(default_factory=monotonic)
    is_told: bool = False

    def taken(self) -> Lease | None:
        """Return the slots as soon as they are free, or None where Prefect can give none now."""
        while True:
            try:
                if (lease := take(self.names)) is not None:
                    self._go_on()
                    return lease
                others = at_work(self.run)
                self.answered = monotonic()
            except Exception as error:  # noqa: BLE001 - Prefect must never cost a backup
                if is_refusal(error) or monotonic() - self.answered > _AWAY_SECONDS:
                    told = f"whether another run is at work in the vault is not known: {error or type(error).__name__}"
                    tell(told, mark=Mark.WARNING)
                    return None
            else:
                self._wait_for(others)
            stop.sleep(_LOOK_SECONDS)

    def _wait_for(self, others: list[FlowRun]) -> None:
        """Tell for whom, raise VaultBusy where there is no waiting, and free what nobody holds any more."""
        now, options = monotonic(), self.run.request.options
        self.seen = now if others else self.seen
        taken = f"{named(self.run)} is taken by " + ", ".join(f'the run "{one.name}"' for one in others)
        is_over = now - self.began > options.deadline_minutes * 60
        if others and (options.on_busy_vault == "fail" or is_over):
            waited = f", for {options.deadline_minutes:g} minutes by now" if is_over else ""
            raise VaultBusy(f"{taken[0].upper()}{taken[1:]}{waited}.", hint=_HINT)
        if others and not self.is_told:
            tell(f"{taken}: waiting until it is over")
            _show(WAITING)
            self.is_told = True
        if now - self.seen > _LEFT_SECONDS:
            tell(f"{named(self.run)} was held by a run that is gone: taken from it", mark=Mark.WARNING)
            free(self.names)

    def _go_on(self) -> None:
        if self.is_told:
            tell(f"{named(self.run)} is free, the run goes on")
            _show("Running")


def at_work(run: Ledger) -> list[FlowRun]:
    """Return the other runs of deployments that hold a vault of this one's, as Prefect knows them."""
    going_on = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING]))
    there = FlowRunFilterTags(any_=[tag for tag in to_tags(run) if tag.startswith("account:")])
    flow = FlowFilter(name=FlowFilterName(any_=[runtime.flow_run.flow_name]))
    with get_client(sync_client=True) as client:
        found = client.read_flow_runs(
            flow_filter=flow, flow_run_filter=FlowRunFilter(state=going_on, tags=there), limit=PAGE
        )
    return [one for one in found if _is_in_the_way(one, run)]


def _is_in_the_way(other: FlowRun, run: Ledger) -> bool:
    is_waiting = other.state is None or other.state.name == WAITING
    if is_waiting or other.deployment_id is None or str(other.id) == runtime.flow_run.id:
        return False
    is_alike = bool(other.parameters.get("dry_run")) == run.request.dry_run
    return is_alike and may_share_a_vault(to_tags(run), other.tags)


def _show(state: str) -> None:
    """Let the list of runs say whether this one waits."""
    with suppress(Exception), get_client(sync_client=True) as client:
        client.set_flow_run_state(runtime.flow_run.id, Running(name=state))
