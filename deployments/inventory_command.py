"""The command that writes down which instances a run would be over, and does nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import raise_for_blocks, sandbox_process
from ec2_backup.files import write_atomically
from ec2_backup.listing import to_inventory_csv
from ec2_backup.report.units import count
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import names_blocks
from ec2_backup.terminal import Output


def write_inventory(request: BackupRequest, path: Path, output: Output, *, sandbox: bool) -> None:
    """Read the inventory, a selection in most cases, and write it to a CSV, whose place is said.

    Raises the errors of `load_inventory`, and UsageError where the file cannot be written.
    """
    from ec2_backup.aws.source import load_accounts, load_inventory  # noqa: PLC0415 - imports boto3

    with _aws(request, output, sandbox=sandbox):
        accounts = load_accounts(request.options.accounts, request.region)
        inventory = load_inventory(request.csv, request.region, accounts)
    write_atomically(path, to_inventory_csv(inventory.rows))
    output.aside.print(f"{count(len(inventory.rows), 'instance')} written to {path}", highlight=False, markup=False)


@contextmanager
def _aws(request: BackupRequest, output: Output, *, sandbox: bool) -> Iterator[None]:
    """Let the block talk to the AWS that is meant: a sandbox, or the one of the blocks that the request names."""
    if sandbox:
        raise_for_blocks(request)
        with sandbox_process(request.csv, request.region):
            yield
        return
    if names_blocks(request):
        connect_to_prefect(output.aside)
        from flows.blocks import use_blocks  # noqa: PLC0415 - imports Prefect

        use_blocks(request)
    yield
