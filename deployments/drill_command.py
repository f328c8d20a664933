"""The command that drills restores: it plans, shows the plan, asks, restores, proves, and removes what it made."""

from pathlib import Path
from typing import Annotated, Any

import typer

from deployments.flags import Json, PlanOnly, Quiet, Unasked, flag_of, is_typed, raise_for_contradiction, to_values
from deployments.restore_command import Waits, raise_for_both, with_waits
from deployments.sandbox_process import LATER
from ec2_backup import settings
from ec2_backup.drill.request import DrillOptions, DrillRequest, to_drill_request
from ec2_backup.drill.runfile import is_drill, to_resumed_request
from ec2_backup.selection import to_source
from ec2_backup.terminal import Output, guarded, to_output


def _flag(field: str, **more: Any) -> Any:
    return flag_of(field, DrillRequest, DrillOptions, **more)


def drill(  # noqa: PLR0913 - each is a flag
    context: typer.Context,
    *,
    subnet: Annotated[str, _flag("subnet", metavar="subnet-…", envvar="EC2_BACKUP_DRILL_SUBNET")] = "",
    security_group: Annotated[
        str, _flag("security_group", metavar="sg-…", envvar="EC2_BACKUP_DRILL_SECURITY_GROUP")
    ] = "",
    csv: Annotated[str, _flag("csv", envvar="EC2_BACKUP_CSV")] = settings.DEFAULT_CSV,
    select: Annotated[
        list[str] | None, typer.Option(metavar="FILTER", help="Instances that fit, not a CSV: tag:Drill=true")
    ] = None,
    sample: Annotated[str, _flag("sample", metavar="all|N")] = "all",
    check: Annotated[str | None, _flag("check", metavar="COMMAND")] = None,
    check_minutes: Annotated[float, _flag("check_minutes")] = 30,
    profile: Annotated[str, _flag("profile", metavar="NAME|none", envvar="EC2_BACKUP_DRILL_PROFILE")] = "none",
    instance_type: Annotated[str | None, _flag("instance_type")] = None,
    vault: Annotated[str | None, _flag("vault")] = None,
    role: Annotated[str, _flag("role", envvar="EC2_BACKUP_ROLE")] = settings.DEFAULT_ROLE,
    region: Annotated[str | None, _flag("region", envvar="EC2_BACKUP_REGION")] = None,
    at_once: Annotated[int, _flag("at_once")] = 5,
    keep_failed: Annotated[
        bool, typer.Option("--keep-failed", help="Leave a new instance that failed for a look; the next drill ends it.")
    ] = False,
    accept_connected: Annotated[
        bool, typer.Option("--accept-connected", help="Drill in a network that is not isolated.")
    ] = False,
    deadline_minutes: Annotated[float, _flag("deadline_minutes")] = 240,
    checks_minutes: Annotated[float, _flag("checks_minutes")] = 30,
    poll_seconds: Annotated[float, _flag("poll_seconds")] = 30,
    credentials_block: Annotated[str | None, _flag("credentials_block", metavar="NAME")] = None,
    output: Annotated[Path, _flag("output", envvar="EC2_BACKUP_OUTPUT")] = Path(settings.DEFAULT_OUTPUT),
    dry_run: PlanOnly = False,
    yes: Unasked = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Drill in an AWS of its own on this machine, with some days of backups.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Restore a sample of instances into an isolated subnet, prove and time each, and remove what was made.

    The plan is shown first. Without --yes it asks before it starts anything, and where nobody can answer it starts
    nothing. Nothing is removed but what a drill made.

    Exit codes: 0 every recovery point proven and nothing left, or only the plan was wanted; 2 bad list or flag, or a
    network that is not isolated; 3 something is not proven, or is left; 10 credentials; 11 access or role; 12 vault;
    130 interrupted; 1 anything unexpected.
    """
    asked = dict(locals())
    guarded(lambda: raise_for_both(yes=yes, dry_run=dry_run))
    lists = {"--csv": is_typed(context, "csv"), "--select": select}
    guarded(lambda: raise_for_contradiction(lists, {}))
    values = to_values(asked, DrillRequest, DrillOptions)
    if select:
        values["csv"] = guarded(lambda: to_source(select, []))
    if sandbox:
        values |= LATER
    request = guarded(lambda: to_drill_request(values))
    from deployments.drill_run import run_drill  # noqa: PLC0415 - --help needs none of it

    raise typer.Exit(run_drill(request, to_output(quiet=quiet, as_json=as_json), yes=yes, sandbox=sandbox))


def resume_drill(run: str, folder: Path, waits: Waits, output: Output) -> None:
    """Take up the drill of this key, or of this file, and end with its exit code; return where it is no drill's."""
    if not is_drill(run, folder):
        return
    from deployments.drill_run import run_drill  # noqa: PLC0415

    request = guarded(lambda: with_waits(to_resumed_request(run, folder), waits, to_drill_request))
    raise typer.Exit(run_drill(request, output, yes=True))
