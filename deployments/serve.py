"""Run all that `prefect.yaml` defines on this machine, without a work pool and without a worker.

    python deployments/serve.py

It waits for scheduled runs and for those that are started in Prefect's UI, and runs each in a process of its own, in
the project's folder. Ctrl-C ends it; the schedules stay, and what they want meanwhile is late, not lost.
"""

import os
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console

from deployments.block_types import register_block_types
from deployments.command import run_command
from deployments.definitions import PROJECT, Definition, definitions

if TYPE_CHECKING:
    from prefect.client.schemas.actions import DeploymentScheduleCreate
    from prefect.deployments.runner import RunnerDeployment

_OF_THE_ENTRY = {"slug", "active", "parameters"}  # what an entry says beside when to run


def serve(console: Console) -> None:
    """Register every deployment with Prefect and run what it asks for, until this process is told to end."""
    for one in definitions():
        os.environ.update(one.environment)  # before Prefect is imported; the runs inherit it
    os.chdir(PROJECT)  # where the runs look for the flow, for their CSV, and write their reports
    import prefect  # noqa: PLC0415 - imports Prefect

    from deployments.automations import keep_automations  # noqa: PLC0415

    for line in (*keep_automations(), register_block_types()):
        console.print(line)
    prefect.serve(*map(served, definitions()), pause_on_shutdown=False)


def served(definition: Definition) -> "RunnerDeployment":
    """Return a deployment in the form in which it is served: with everything but the pool."""
    from prefect.client.schemas.objects import ConcurrencyLimitConfig  # noqa: PLC0415 - imports Prefect
    from prefect.deployments.runner import RunnerDeployment  # noqa: PLC0415
    from prefect.runner.storage import LocalStorage  # noqa: PLC0415

    limit = definition.concurrency_limit
    deployment = RunnerDeployment.from_entrypoint(
        definition.entrypoint,
        definition.name,
        schedules=[_schedule(one) for one in definition.schedules],
        concurrency_limit=ConcurrencyLimitConfig.model_validate(limit) if limit else None,
        parameters=dict(definition.parameters),
        description=definition.description,
        tags=list(definition.tags),
    )
    # Both are said, not left unsaid, for a deployment of this name that `prefect deploy` has made: it would stay in its
    # pool, where no worker may be, and its runs would look for the project in no folder at all.
    deployment.work_pool_name = deployment.work_queue_name = None
    deployment.storage = LocalStorage(str(PROJECT))
    return deployment


def _schedule(entry: Mapping[str, Any]) -> "DeploymentScheduleCreate":
    """Return a schedule; whether it is active is left to Prefect's UI where the entry does not say."""
    from prefect.client.schemas.actions import DeploymentScheduleCreate  # noqa: PLC0415 - imports Prefect

    when = {name: value for name, value in entry.items() if name not in _OF_THE_ENTRY}
    more = {name: value for name, value in entry.items() if name in _OF_THE_ENTRY}
    return DeploymentScheduleCreate.model_validate({"schedule": when, **more})


if __name__ == "__main__":
    sys.exit(run_command(serve))
