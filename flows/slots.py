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
from flows.leases import LEASE_SECONDS, Lease, Refused, free, held, take
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
                if isinstance(answer := take(self.names), Lease):
                    self._go_on()
                    return answer
                why = self._why(answer)
                self.answered = monotonic()
            except Exception as error:  # noqa: BLE001 - Prefect must never cost a backup
                if is_refusal(error) or monotonic() - self.answered > _AWAY_SECONDS:
                    told = f"whether another run is at work in the vault is not known: {error or type(error).__name__}"
                    tell(told, mark=Mark.WARNING)
                    return None
            else:
                self._wait(why)
            stop.sleep(_LOOK_SECONDS)

    def _why(self, refused: Refused) -> str:
        """Return who or what keeps the run waiting, "" where that is nobody who is at work."""
        if refused is Refused.CLOSED:
            return f"{named(self.run)} is closed, its limit in Prefect is 0"
        others = ", ".join(f'the run "{one.name}"' for one in at_work(self.run))
        return f"{named(self.run)} is taken by {others}" if others else ""

    def _wait(self, why: str) -> None:
        """Tell why, raise VaultBusy where there is no waiting any longer, and free what nobody holds any more."""
        now, options = monotonic(), self.run.request.options
        self.seen = now if why else self.seen
        said = why or f"{named(self.run)} is taken, by a run that is not at work any more"
        is_over = now - self.began > options.deadline_minutes * 60
        if is_over or (why and options.on_busy_vault == "fail"):
            waited = f", after {options.deadline_minutes:g} minutes too" if is_over else ""
            raise VaultBusy(f"{said[0].upper()}{said[1:]}{waited}.", hint=_HINT)
        if not self.is_told:
            tell(f"{said}: waiting until that is over")
            _show(WAITING)
            self.is_told = True
        if now - self.seen > _LEFT_SECONDS:
            self.seen = now
            with suppress(Exception):  # the next look is soon
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
