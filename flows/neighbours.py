"""The other runs of deployments, as Prefect knows them, and what a run lets them know of itself."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    FlowFilter,
    FlowFilterName,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.client.schemas.sorting import FlowRunSort
from prefect.states import Running

from ec2_backup.ledger import Ledger
from ec2_backup.shards import fleet_of
from ec2_backup.slots import OVER, RUNNING, WAITING, is_placed, may_share_a_vault, to_tags, to_work_began
from ec2_backup.vaultqueue import Neighbours
from flows.shardruns import earlier_runs, every_run

_GOING_ON = FlowRunFilterState(type=FlowRunFilterStateType(any_=[StateType.RUNNING, StateType.CANCELLING]))


@dataclass(slots=True)
class Sign:
    """What the list of runs says of this one: whether it waits. What could not be shown is shown another time."""

    flow_run_id: UUID
    shown: str = RUNNING

    def show(self, name: str) -> None:
        """Give the run's state this name, unless it has it, or the run has ended or is being cancelled by now."""
        if name == self.shown:
            return
        self.shown = ""  # an answer that is lost may have been a yes
        with suppress(Exception), get_client(sync_client=True) as client:
            state = client.read_flow_run(self.flow_run_id).state
            if state and state.is_running():
                client.set_flow_run_state(self.flow_run_id, Running(name=name))
            self.shown = name


def neighbours(run: Ledger) -> Neighbours:
    """Return the other runs that may hold a vault of this one's, and those of which nobody knows where they go.

    Each is named with its address in Prefect, for two runs of a deployment often have the same name.
    """
    own, there = runtime.flow_run.id, set(to_tags(run))
    others = [one for one in _going_on() if str(one.id) != own and _is_at_work(one, dry_run=run.request.dry_run)]
    holders = tuple(_named(one) for one in others if may_share_a_vault(there, one.tags))
    return Neighbours(holders, tuple(_named(one) for one in others if not is_placed(one.tags)))


def _going_on() -> Iterator[FlowRun]:
    flow = FlowFilter(name=FlowFilterName(any_=[runtime.flow_run.flow_name]))
    return every_run(FlowRunSort.START_TIME_ASC, flow_filter=flow, flow_run_filter=FlowRunFilter(state=_GOING_ON))


def _is_at_work(other: FlowRun, *, dry_run: bool) -> bool:
    is_elsewhere = other.state is None or other.state.name in {WAITING, OVER}
    is_alike = bool(other.parameters.get("dry_run")) == dry_run
    return other.deployment_id is not None and is_alike and not is_elsewhere


def _named(other: FlowRun) -> str:
    address = (runtime.flow_run.ui_url or "").replace(str(runtime.flow_run.id), str(other.id))
    return f'the run "{other.name}"' + (f" ({address})" if address else "")


def earlier_work_began(first_start: datetime, run_key: str | None) -> datetime | None:
    """Return when an earlier attempt at this run may have begun to start jobs; None where all only waited.

    Attempts are those of this flow run, and of a shard the earlier flow runs that its fleet has started for it. Where
    Prefect does not say, `first_start` is returned.
    """
    own, fleet_key = UUID(runtime.flow_run.id), fleet_of(runtime.flow_run.tags)
    try:
        shards = earlier_runs(fleet_key) if fleet_key else ()
        ids = {own, *(one.id for one in shards if one.parameters.get("run_key") == run_key)}
        began = [to_work_began(_states_of(one), is_under_way=one == own) for one in ids]
    except Exception:  # noqa: BLE001 - Prefect must never cost a backup
        return first_start
    return min((at for at in began if at), default=None)


def _states_of(flow_run_id: UUID) -> list[tuple[str, datetime]]:
    with get_client(sync_client=True) as client:
        states = client.read_flow_run_states(flow_run_id)
    return [(_name_of(state), state.timestamp) for state in states]


def _name_of(state: State) -> str:
    is_at_work = state.is_running() and state.name != WAITING  # Retrying is a name of it, too
    return RUNNING if is_at_work else state.name or ""
