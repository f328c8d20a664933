"""Steps 6 and 8 to 12 of copies: the vaults that they go into, their jobs, and what becomes of them."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from prefect import task

from ec2_backup.aws.copies import destinations, jobs, proof
from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.model import CopyFailure, CopyJob, CopyProof, PlannedCopy, SeenDestination
from ec2_backup.model import Key, Target, Vault
from ec2_backup.settings import BackupOptions
from ec2_backup.watch import to_patience
from tasks.retrying import RETRYING


@task(name="08 look at copy vault", task_run_name="08 look at copy vault {destination}", **RETRYING)
def look_at_destination(destination: CopyDestination, target: Target, *, across: bool) -> SeenDestination:
    """Look at a vault that copies go into, at its key and who may copy into it, from its own account."""
    return destinations.look_at_destination(destination, target, across=across)


@task(name="09 read key policies", task_run_name="09 read key policies in {vault.target}", **RETRYING)
def read_key_policies(keys: Sequence[Key], vault: Vault) -> dict[str, Mapping[str, Any]]:
    """Read with whom the keys of volumes are shared, as far as the caller may."""
    return destinations.read_key_policies(keys, vault)


@task(name="06 find copy jobs", task_run_name="06 find copy jobs in {target}", **RETRYING)
def find_copy_jobs(since: datetime, target: Target) -> list[CopyJob]:
    """Find the copy jobs that are at AWS already, whoever has made them."""
    return jobs.list_copy_jobs(since, target)


def _start_name(parameters: dict[str, Any]) -> str:
    first, *others = parameters["plans"]
    into = f"06 copy {first.instance_id} into {first.destination.vault_name} in {first.destination.region}"
    return into + (f" and {len(others)} more" if others else "")


@task(name="06 start copy job", task_run_name=cast("Any", _start_name), **RETRYING)
def start_copy_jobs(plans: Sequence[PlannedCopy]) -> list[CopyJob | CopyFailure]:
    """Start the planned copies, one in a small fleet; their tokens make a repetition harmless."""
    return jobs.start_copy_jobs(plans)


@task(name="10 watch copy jobs", task_run_name="10 watch copy jobs", **RETRYING)
def watch_copy_jobs(going: Mapping[str, CopyJob], options: BackupOptions) -> Iterator[list[CopyJob]]:
    """Watch all copy jobs by one shared look after another, and yield each as it ends or its deadline passes."""
    yield from jobs.watch_copy_jobs(going, to_patience(options))


@task(name="12 verify copies", task_run_name="12 verify copies in {seen.destination}", **RETRYING)
def verify_copies(copies: Sequence[tuple[PlannedCopy, CopyJob]], seen: SeenDestination) -> list[CopyProof]:
    """Compare copied recovery points in one vault, their images and snapshots with their sources."""
    return proof.verify_copies(copies, seen)
