"""One drill from this process: what is a drill's own of a run that asks before it starts."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

from deployments.asked_run import Kind, run_asked
from deployments.sandbox_process import DRILL_GROUP, DRILL_PROFILE, DRILL_SUBNET, raise_for_blocks, sandbox_process
from ec2_backup.drill.document import to_document
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.request import DrillRequest, to_restores
from ec2_backup.drill.settlement import to_outcome
from ec2_backup.inventory import read_inventory
from ec2_backup.restore.request import to_backup_request
from ec2_backup.selection import is_selection
from ec2_backup.sources import is_in_s3
from ec2_backup.terminal import Output
from ec2_backup.terminal.drill import print_drill, print_drill_plan


def run_drill(request: DrillRequest, output: Output, *, yes: bool, sandbox: bool = False) -> int:
    """Run the drill flow, show it, and return the exit code, as `run_asked` does."""
    kind = Kind("drill", _call_flow, _print_plan, print_drill, to_document, _look_at, _sandboxed)
    return run_asked(request, output, kind, yes=yes, sandbox=sandbox)


def _print_plan(run: DrillLedger, console: Console) -> None:
    print_drill_plan([to_outcome(row, run, None) for row in run.rows], run.leftovers.values(), run.connected, console)


def _look_at(request: DrillRequest) -> None:
    if not (is_in_s3(request.csv) or is_selection(request.csv) or request.run_key):
        read_inventory(request.csv)  # a bad line is answered before Prefect is looked for


def _call_flow(request: DrillRequest) -> None:
    from flows.drill import drill  # noqa: PLC0415 - imports Prefect and boto3

    parameters = request.model_dump(exclude={"options", "output"})
    drill(**parameters, output=str(request.output), options=request.options)


@contextmanager
def _sandboxed(request: DrillRequest, output: Output) -> Iterator[DrillRequest]:
    """Serve a sandbox with backups of the days before; its isolated subnet stands in for one that is not named."""
    raise_for_blocks(to_backup_request(to_restores(request)))
    say = lambda text: output.aside.print(text, style="dim")  # noqa: E731
    with sandbox_process(request.csv, request.region, say, past=True) as environment:
        place = {"subnet": environment[DRILL_SUBNET], "security_group": environment[DRILL_GROUP]}
        profile = {"profile": environment[DRILL_PROFILE]} if request.check and request.profile == "none" else {}
        yield request.model_copy(update=place | profile)
