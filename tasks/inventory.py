"""Steps 1, 2, 4 and 5: from a CSV to instances with their volumes."""

from collections.abc import Mapping, Sequence

from prefect import task

from ec2_backup import runfile
from ec2_backup.aws import ebs, ec2, source
from ec2_backup.ledger import Ledger
from ec2_backup.model import Caller, Instance, Inventory, InventoryRow, Target
from ec2_backup.results import Failure
from ec2_backup.target import Account
from tasks.retrying import RETRYING


@task(name="01 record run", task_run_name="01 record run {run.run_key}", **RETRYING)
def record_run(run: Ledger) -> None:
    """Write the run's key, start, parameters and rows to a file, before anything is started."""
    runfile.write_run_file(run)


@task(name="02 read accounts", task_run_name="02 read {csv}", **RETRYING)
def read_accounts(csv: str, region: str | None) -> dict[str, Account]:
    """Read the list of accounts, by their numbers, or an error that names every bad line."""
    return source.load_accounts(csv, region)


@task(name="02 read inventory", task_run_name="02 read {csv}", **RETRYING)
def read_inventory(csv: str, region: str | None, accounts: Mapping[str, Account], *, locate: bool) -> Inventory:
    """Read the CSV: every row with its Region unless that is located, or an error that names every bad line."""
    return source.load_inventory(csv, region, accounts, locate=locate)


@task(name="04 locate instances", task_run_name="04 locate instances in {target}", **RETRYING)
def locate_instances(target: Target, rows: Sequence[InventoryRow]) -> list[InventoryRow]:
    """Find which of the instances are in this account and Region."""
    return ec2.locate_instances(rows, target)


@task(name="04 validate instances", task_run_name="04 validate instances in {target}", **RETRYING)
def validate_instances(
    target: Target, rows: Sequence[InventoryRow], callers: Mapping[str, Caller]
) -> list[Instance | Failure]:
    """Look at all instances of one Region: each exists in a state that can be backed up, or is a Failure."""
    return ec2.validate_instances(rows, callers[target.role_arn], target)


@task(name="05 discover volumes", task_run_name="05 discover volumes in {target}", **RETRYING)
def discover_volumes(target: Target, instances: Sequence[Instance]) -> tuple[Instance, ...]:
    """Find every EBS volume of the instances, and the disks that no backup covers."""
    return ebs.describe_volumes(instances, target)
