"""Deploy all that `prefect.yaml` defines: the work pool, the deployments, and the automations and types of blocks.

    python deployments/deploy.py

It can be run again at any time: what is there already is brought up to date, and nothing is there twice.
"""

import os
import subprocess
import sys

from rich.console import Console

from deployments.block_types import register_block_types
from deployments.command import run_command
from deployments.definitions import PROJECT, definitions
from ec2_backup.errors import Ec2BackupError

PROJECT_VARIABLE = "EC2_BACKUP_PROJECT"
POOL_TYPE = "process"


def deploy(console: Console) -> None:
    """Make the work pool, deploy, and set the automations up; raises Ec2BackupError where Prefect refuses something."""
    from deployments.automations import keep_automations  # noqa: PLC0415 - imports Prefect

    pools = list(dict.fromkeys(one.work_pool for one in definitions()))
    for pool in pools:
        console.print(f"Work pool {pool!r}: {make_work_pool(pool)}")
    os.environ.setdefault(PROJECT_VARIABLE, str(PROJECT))
    console.print(f"Workers find the project in {os.environ[PROJECT_VARIABLE]} ({PROJECT_VARIABLE}).")
    _deploy_file()
    console.print(f"Deployed: {', '.join(one.name for one in definitions())}.")
    for line in (*keep_automations(), register_block_types()):
        console.print(line)
    console.print("To run what is due, on each machine that has the project:", style="dim")
    for pool in pools:
        console.print(f"    PREFECT_API_URL={os.environ['PREFECT_API_URL']} prefect worker start --pool {pool}")


def _deploy_file() -> None:
    """Deploy as `prefect deploy --all` does, and by it; its many lines are shown where it fails."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    ended = subprocess.run(  # noqa: S603 - our own words
        command,
        cwd=PROJECT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise Ec2BackupError(f"prefect.yaml could not be deployed. Prefect says:\n{ended.stdout.strip()}")


def make_work_pool(name: str) -> str:
    """Make the pool from which workers take runs, where there is none of this name; return what was done."""
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - imports Prefect
    from prefect.client.schemas.actions import WorkPoolCreate  # noqa: PLC0415
    from prefect.exceptions import ObjectAlreadyExists  # noqa: PLC0415
    from prefect.workers.process import ProcessWorker  # noqa: PLC0415

    template = ProcessWorker.get_default_base_job_template()
    with get_client(sync_client=True) as client:
        try:
            client.create_work_pool(WorkPoolCreate(name=name, type=POOL_TYPE, base_job_template=template))
        except ObjectAlreadyExists:
            return "unchanged"
    return "created"


if __name__ == "__main__":
    sys.exit(run_command(deploy))
