"""The command that restores instances: it plans, shows the plan, asks, restores and proves."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer
from pydantic import BaseModel

from deployments.flags import Json, PlanOnly, Quiet, Unasked, flag_of, to_values
from ec2_backup import settings
from ec2_backup.errors import UsageError
from ec2_backup.restore.request import RestoreOptions, RestoreRequest, to_restore_request
from ec2_backup.restore.runfile import is_restore, to_resumed_request
from ec2_backup.terminal import Output, guarded, to_output

Request = TypeVar("Request", bound=BaseModel)
Waits = Mapping[str, float | None]  # deadlines in minutes by their options, None for the one that the run had


def _flag(field: str, **more: Any) -> Any:
    return flag_of(field, RestoreRequest, RestoreOptions, **more)


def restore(  # noqa: PLR0913 - each is a flag
    recovery_point: Annotated[
        str | None, typer.Argument(metavar="[RECOVERY_POINT_ARN]", help="The recovery point, or name an --instance.")
    ] = None,
    *,
    instance: Annotated[str | None, _flag("instance", metavar="i-…")] = None,
    at: Annotated[str | None, _flag("at", metavar="TIME")] = None,
    csv: Annotated[str | None, _flag("csv")] = None,
    subnet: Annotated[str | None, _flag("subnet")] = None,
    security_groups: Annotated[str | None, _flag("security_groups")] = None,
    instance_type: Annotated[str | None, _flag("instance_type")] = None,
    profile: Annotated[str | None, _flag("profile")] = None,
    key_pair: Annotated[str | None, _flag("key_pair")] = None,
    name: Annotated[str | None, _flag("name")] = None,
    vault: Annotated[str | None, _flag("vault")] = None,
    role: Annotated[str, _flag("role", envvar="EC2_BACKUP_ROLE")] = settings.DEFAULT_ROLE,
    region: Annotated[str | None, _flag("region", envvar="EC2_BACKUP_REGION")] = None,
    on_failure: Annotated[str, _flag("on_failure", metavar="stop|continue")] = "stop",
    copy_tags: Annotated[bool, typer.Option("--copy-tags/--no-copy-tags", help="Give it the backup's tags.")] = True,
    deadline_minutes: Annotated[float, _flag("deadline_minutes")] = 240,
    checks_minutes: Annotated[float, _flag("checks_minutes")] = 30,
    poll_seconds: Annotated[float, _flag("poll_seconds")] = 30,
    credentials_block: Annotated[str | None, _flag("credentials_block", metavar="NAME")] = None,
    output: Annotated[Path, _flag("output", envvar="EC2_BACKUP_OUTPUT")] = Path(settings.DEFAULT_OUTPUT),
    dry_run: PlanOnly = False,
    yes: Unasked = False,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Restore in an AWS of its own on this machine, with some days of backups.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Restore instances from their recovery points as new ones, and prove each. The originals are never touched.

    The plan is shown first. Without --yes it asks before it starts anything, and where nobody can answer it starts
    nothing.

    Exit codes: 0 every instance restored and proven, or only the plan was wanted; 2 bad CSV or flag; 3 something was
    not restored, or is not what was backed up; 10 credentials; 11 access or role; 12 vault; 130 interrupted; 1 anything
    unexpected.
    """
    asked = dict(locals())
    from deployments.restore_run import named_for_sandbox, run_restore  # noqa: PLC0415 - --help needs none of it

    guarded(lambda: raise_for_both(yes=yes, dry_run=dry_run))
    values = to_values(asked, RestoreRequest, RestoreOptions)
    if sandbox and not (recovery_point or instance or csv):
        values["instance"] = guarded(named_for_sandbox)
    request = guarded(lambda: to_restore_request(values))
    raise typer.Exit(run_restore(request, to_output(quiet=quiet, as_json=as_json), yes=yes, sandbox=sandbox))


def resume_restore(run: str, folder: Path, waits: Waits, output: Output) -> None:
    """Take up the restore of this key, or of this file, and end with its exit code; return where it is no restore's."""
    if not is_restore(run, folder):
        return
    from deployments.restore_run import run_restore  # noqa: PLC0415

    request = guarded(lambda: with_waits(to_resumed_request(run, folder), waits, to_restore_request))
    raise typer.Exit(run_restore(request, output, yes=True))


def with_waits(request: Request, waits: Waits, to_request: Callable[[dict[str, Any]], Request]) -> Request:
    """Return the request with the deadlines that are given among its options."""
    given = {name: minutes for name, minutes in waits.items() if minutes is not None}
    if not given:
        return request
    values = request.model_dump()
    return to_request({**values, "options": {**values["options"], **given}})


def raise_for_both(*, yes: bool, dry_run: bool) -> None:
    """Raise UsageError where somebody wants only the plan, and it started."""
    if yes and dry_run:
        raise UsageError("--yes starts what --dry-run only shows: leave one of them out.")


def raise_for_checks(checks_minutes: float | None, run_key: str) -> None:
    """Raise UsageError where a deadline for status checks is given to a run of backups, which has none."""
    if checks_minutes is not None:
        raise UsageError(
            f"--checks-minutes is for restores and drills, and {run_key} is a run of backups.",
            hint="Leave it out; how long to wait for its jobs is --deadline-minutes.",
        )
