"""Steps 1, 6 and 13 of a fleet: its rows written down, the run of a shard started, the report of a shard read."""

from typing import TYPE_CHECKING, cast
from uuid import UUID

from prefect import task
from prefect.deployments import run_deployment

from ec2_backup.aws import exchange
from ec2_backup.fleetbook import to_record
from ec2_backup.ledger import Ledger
from ec2_backup.results import RunReport
from ec2_backup.shards import ShardStart, SharedPlace
from tasks.retrying import RETRYING

if TYPE_CHECKING:
    from prefect.client.schemas.objects import FlowRun


@task(name="01 record fleet", task_run_name="01 record fleet {run.run_key}", **RETRYING)
def record_fleet(run: Ledger, place: SharedPlace) -> None:
    """Write the fleet's rows where every worker sees them, before any shard is started."""
    exchange.hand_over(to_record(run), place.rows)


@task(name="06 start shard", task_run_name="06 start shard {start.where}", **RETRYING)
def start_shard(start: ShardStart, deployment: str) -> UUID:
    """Write the shard's inventory and start its run, which Prefect shows below the fleet's; return the run's id."""
    exchange.hand_over(start.csv, start.inventory)
    flow_run = run_deployment(
        deployment,
        parameters=dict(start.parameters),
        flow_run_name=start.name,
        timeout=0,
        tags=[start.tag],
        idempotency_key=start.idempotency_key,
    )
    return cast("FlowRun", flow_run).id  # a coroutine it is only where an event loop runs


@task(name="13 read report", task_run_name="13 read report of {where}", **RETRYING)
def read_report(where: str, place: str) -> RunReport | None:  # noqa: ARG001 - its name in Prefect
    """Read the report that a shard's run has left, None where it has left none."""
    return exchange.read_report(place)
