"""The command that writes down which instances a run would be over, and does nothing else."""

from contextlib import nullcontext
from pathlib import Path

from deployments.sandbox_process import sandbox_process
from ec2_backup.accountlist import load_accounts
from ec2_backup.files import write_atomically
from ec2_backup.listing import to_inventory_csv
from ec2_backup.report.units import count
from ec2_backup.settings import BackupRequest
from ec2_backup.terminal import Output


def write_inventory(request: BackupRequest, path: Path, output: Output, *, sandbox: bool) -> None:
    """Read the inventory, a selection in most cases, and write it to a CSV, whose place is said.

    Raises the errors of `load_inventory`, and UsageError where the file cannot be written.
    """
    from ec2_backup.aws.source import load_inventory  # noqa: PLC0415 - imports boto3

    with sandbox_process(request.csv, request.region) if sandbox else nullcontext():
        inventory = load_inventory(request.csv, request.region, load_accounts(request.options.accounts))
    write_atomically(path, to_inventory_csv(inventory.rows))
    output.aside.print(f"{count(len(inventory.rows), 'instance')} written to {path}", highlight=False, markup=False)
