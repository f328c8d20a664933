"""The runs of a fleet's shards, as Prefect's API knows them."""

from collections.abc import Iterable, Iterator
from itertools import count as count_up
from typing import Any

from prefect import runtime
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, FlowRunFilterTags
from prefect.client.schemas.objects import FlowRun, State
from prefect.client.schemas.sorting import FlowRunSort
from prefect.exceptions import ObjectNotFound, PrefectHTTPStatusError
from prefect.states import Cancelling

from ec2_backup.errors import Ec2BackupError, UsageError
from ec2_backup.fleetbook import FleetBook, ShardRun
from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from ec2_backup.report.units import count
from ec2_backup.shards import to_tag

PAGE = 200  # what Prefect's API answers at most


def raise_for_deployment(name: str) -> None:
    """Raise UsageError where there is no such deployment to run the shards."""
    try:
        with get_client(sync_client=True) as client:
            client.read_deployment_by_name(name)
    except (ObjectNotFound, ValueError) as error:
        raise UsageError(
            f"There is no deployment {name} to run the shards.",
            hint="python deployments/deploy.py makes it, with its work pool.",
        ) from error


def earlier_runs(fleet_key: str) -> Iterator[FlowRun]:
    """Return every run that was started for a shard of this fleet, the oldest first."""
    of_fleet = FlowRunFilter(tags=FlowRunFilterTags(all_=[to_tag(fleet_key)]))
    return every_run(FlowRunSort.EXPECTED_START_TIME_ASC, flow_run_filter=of_fleet)


def every_run(sort: FlowRunSort, **filters: Any) -> Iterator[FlowRun]:
    """Yield every flow run that passes these filters of `read_flow_runs`, page by page."""
    with get_client(sync_client=True) as client:
        for page in count_up():
            found = client.read_flow_runs(**filters, sort=sort, limit=PAGE, offset=page * PAGE)
            yield from found
            if len(found) < PAGE:
                return


def newest_states(runs: Iterable[ShardRun]) -> list[tuple[ShardRun, State | None]]:
    """Return these runs with their states, None for one that is gone; nothing where Prefect does not answer."""
    asked = {one.flow_run_id: one for one in runs}
    wanted = FlowRunFilter(id=FlowRunFilterId(any_=list(asked)))
    try:
        with get_client(sync_client=True) as client:
            found = {one.id: one.state for one in client.read_flow_runs(flow_run_filter=wanted, limit=PAGE)}
    except Exception as error:  # noqa: BLE001 - the shards need no watching: it is enough to ask again later
        tell(f"Prefect does not answer, the shards go on: {error or type(error).__name__}", mark=Mark.WARNING, step=10)
        return []
    return [(one, found.get(flow_run_id)) for flow_run_id, one in asked.items()]


def is_refusal(error: Exception) -> bool:
    """Say whether a run could not be started for a reason that will be the same the next time."""
    if isinstance(error, PrefectHTTPStatusError):
        return 400 <= error.response.status_code < 500
    return isinstance(error, Ec2BackupError | ObjectNotFound)


def cancel_shards(book: FleetBook, run: Ledger) -> None:
    """Cancel the shards that are under way where the fleet's own run was cancelled in Prefect.

    A fleet that ends for another reason, such as a machine that is shut down, leaves them alone: they are found again.
    """
    with get_client(sync_client=True) as client:
        own = client.read_flow_run(runtime.flow_run.id)
        if own.state is None or not own.state.is_cancelling():
            return
        for one in book.under_way.values():
            client.set_flow_run_state(one.flow_run_id, Cancelling(message=f"fleet {run.run_key} was cancelled"))
    told = count(len(book.under_way), "shard")
    tell(f"{told} {'was' if len(book.under_way) == 1 else 'were'} told to stop", mark=Mark.WARNING, step=10)
