"""The command that writes down which instances a run would be over, and does nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deployments.prefect_connection import connect_to_prefect
from deployments.sandbox_process import raise_for_blocks, sandbox_process
from ec2_backup.errors import UsageError
from ec2_backup.files import write_atomically
from ec2_backup.listing import to_inventory_csv
from ec2_backup.report.units import count
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import names_blocks, sources_of
from ec2_backup.terminal import Output


def write_inventory(request: BackupRequest, path: Path, output: Output, *, sandbox: bool) -> None:
    """Read the inventory, a selection in most cases, and write it to a CSV, whose place is said.

    Raises the errors of `load_inventory`, and UsageError where the file cannot be written, is what the list is read
    from, or is to hold what only a search in all accounts and Regions finds.
    """
    _raise_for_search(request)
    _raise_for_place(request, path)
    from ec2_backup.aws.source import load_accounts, load_inventory  # noqa: PLC0415 - imports boto3

    with _aws(request, output, sandbox=sandbox):
        accounts = load_accounts(request.options.accounts, request.region)
        inventory = load_inventory(request.csv, request.region, accounts)
    write_atomically(path, to_inventory_csv(inventory.rows))
    output.aside.print(f"{count(len(inventory.rows), 'instance')} written to {path}", highlight=False, markup=False)


def _raise_for_search(request: BackupRequest) -> None:
    if request.options.locate:
        raise UsageError(
            "--write-csv searches for no instance, and --locate asks for that.",
            hint="See where the instances are with --locate --dry-run, whose report_KEY.csv has account and Region; "
            "and write the list without --locate.",
        )


def _raise_for_place(request: BackupRequest, path: Path) -> None:
    """Raise UsageError for a place that holds no file, such as a folder or a device, and for a source of the run."""
    hint = "Name a CSV that may be made or replaced, as in --write-csv list.csv."
    if str(path) == "-" or str(path).lower().startswith(("s3:/", "block:")):
        raise UsageError(f"--write-csv {path}: it writes a file of this machine, not to stdout or S3.", hint=hint)
    if path.exists() and not path.is_file():
        what = "a folder" if path.is_dir() else "not a file"
        raise UsageError(f"--write-csv {path}: this is {what}.", hint=hint)
    if read := next((one for one in sources_of(request) if _is_same(one, path)), ""):
        raise UsageError(f"--write-csv {path}: {read} is what is read, and would be overwritten.", hint=hint)


def _is_same(source: str, path: Path) -> bool:
    try:
        return Path(source).expanduser().resolve() == path.resolve()
    except RuntimeError:  # ~ of an unknown user: whoever reads it says so
        return False


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
