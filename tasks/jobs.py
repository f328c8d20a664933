"""Steps 6 and 10: backup jobs found, started and watched."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from prefect import task

from ec2_backup.adoption import Adoption
from ec2_backup.aws import backup
from ec2_backup.bell import Bell
from ec2_backup.model import BackupJob, PlannedBackup, Vault
from ec2_backup.results import Failure
from ec2_backup.settings import BackupOptions
from ec2_backup.watch import to_patience
from tasks.retrying import RETRYING


@task(name="06 find backup jobs", task_run_name="06 find jobs in {vault.target}", **RETRYING)
def find_backup_jobs(vault: Vault, began_at: datetime | None) -> Adoption:
    """Find what is at AWS already: jobs that this run had started, and active jobs of somebody else."""
    return backup.find_jobs(vault.name, began_at, vault.target)


def _start_name(parameters: dict[str, Any]) -> str:
    first, *others = parameters["plans"]
    return f"06 start {first.instance.instance_id}" + (f" and {len(others)} more" if others else "")


@task(name="06 start backup job", task_run_name=cast("Any", _start_name), **RETRYING)
def start_backup_jobs(plans: Sequence[PlannedBackup]) -> list[BackupJob | Failure]:
    """Start the planned backups, one in a small fleet; their tokens make a repetition harmless."""
    return backup.start_backup_jobs(plans)


@task(name="10 watch backup jobs", task_run_name="10 watch backup jobs", **RETRYING)
def watch_backup_jobs(jobs: Mapping[str, BackupJob], options: BackupOptions, bell: Bell) -> Iterator[list[BackupJob]]:
    """Watch all jobs by one shared look after another, and yield each as it ends or its deadline passes.

    Where the bell rings between two looks, that is a turn for whoever has something to do then: it yields none.
    """
    yield from backup.watch_backup_jobs(jobs, to_patience(options), bell)
