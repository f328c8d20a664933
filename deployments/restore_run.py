"""One restore from this process: what is a restore's own of a run that asks before it starts."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console

from deployments.asked_run import Kind, run_asked
from deployments.sandbox_process import raise_for_blocks, sandbox_process
from ec2_backup import settings
from ec2_backup.errors import UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.restore.document import to_document
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.request import RestoreRequest, to_backup_request
from ec2_backup.restore.rows import read_rows
from ec2_backup.restore.settlement import to_outcome
from ec2_backup.sources import is_in_s3
from ec2_backup.terminal import Output
from ec2_backup.terminal.restore import print_restore, print_restore_plan

SANDBOX_INSTANCE = "i-0a1b2c3d4e5f60718"  # a sandbox has whatever instance it is asked for


def named_for_sandbox() -> str:
    """Return the instance that a sandbox restores where none is named: the first of the usual CSV, if it is there."""
    if not Path(settings.DEFAULT_CSV).exists():
        return SANDBOX_INSTANCE
    return read_inventory(settings.DEFAULT_CSV).rows[0].instance_id


def run_restore(request: RestoreRequest, output: Output, *, yes: bool, sandbox: bool = False) -> int:
    """Run the restore flow, show it, and return the exit code, as `run_asked` does."""
    kind = Kind("restore", _call_flow, _print_plan, print_restore, to_document, _look_at, _sandboxed)
    return run_asked(request, output, kind, yes=yes, sandbox=sandbox)


def _print_plan(run: RestoreLedger, console: Console) -> None:
    print_restore_plan([to_outcome(row, run, None) for row in run.rows], console)


def _look_at(request: RestoreRequest) -> None:
    if request.csv and not is_in_s3(request.csv) and not request.run_key:
        read_rows(request.csv)  # a bad line is answered before Prefect is looked for


def _call_flow(request: RestoreRequest) -> None:
    from flows.restore import restore  # noqa: PLC0415 - imports Prefect and boto3

    parameters = request.model_dump(exclude={"options", "output"})
    restore(**parameters, output=str(request.output), options=request.options)


@contextmanager
def _sandboxed(request: RestoreRequest, output: Output) -> Iterator[RestoreRequest]:
    raise_for_blocks(to_backup_request(request))
    if request.recovery_point:
        raise UsageError(
            "--sandbox is a new AWS: it has no such recovery point.", hint="Name an --instance, or a --csv of them."
        )
    with tempfile.TemporaryDirectory(prefix="ec2-backup-restore-") as folder:
        csv = Path(request.csv or Path(folder) / "instances.csv")
        if not request.csv:
            csv.write_text(f"instance_id\n{request.instance}\n", encoding="utf-8")
        say = lambda text: output.aside.print(text, style="dim")  # noqa: E731
        with sandbox_process(str(csv), request.region, say, past=True):
            yield request
