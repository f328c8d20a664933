"""The setup of an account, as a command: it looks, shows a plan, asks, and makes what is missing. No Prefect."""

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from pydantic_core import ErrorDetails
from rich.console import Console

from ec2_backup.errors import AccessError, AwsError, Interrupted, UsageError
from ec2_backup.model import Target
from ec2_backup.settings import DEFAULT_ROLE, DEFAULT_VAULT
from ec2_backup.setup.ground import Documents, Seen, Setup
from ec2_backup.setup.plan import plan_setup, to_policy_arn
from ec2_backup.setup.request import DEFAULT_POLICY, WHAT_FITS, SetupRequest
from ec2_backup.terminal import console_for, guarded
from ec2_backup.terminal.setup import print_made, print_setup, print_what_is_next

DOCUMENTS = Path(__file__).resolve().parent / "iam"
UNFINISHED = "What was created until then stays; the same command again goes on from there."
NEEDED = "docs/setup.md lists the permissions that a setup needs: they are an administrator's."


def _flag(field: str, *names: str, **more: Any) -> Any:
    return typer.Option(*names, help=SetupRequest.model_fields[field].description, **more)


def setup(  # noqa: PLR0913 - each is a flag
    *,
    vault: Annotated[str, _flag("vault", envvar="EC2_BACKUP_VAULT")] = DEFAULT_VAULT,
    role: Annotated[str, _flag("role", envvar="EC2_BACKUP_ROLE")] = DEFAULT_ROLE,
    region: Annotated[list[str] | None, _flag("regions", "--region")] = None,
    policy: Annotated[str, _flag("policy")] = DEFAULT_POLICY,
    csv: Annotated[str | None, _flag("csv")] = None,
    report_to: Annotated[str | None, _flag("report_to", envvar="EC2_BACKUP_REPORT_TO")] = None,
    notify_topic: Annotated[str | None, _flag("notify_topic", envvar="EC2_BACKUP_NOTIFY_TOPIC")] = None,
    account_role: Annotated[str | None, _flag("account_role", envvar="EC2_BACKUP_ACCOUNT_ROLE")] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Create what is missing without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show the plan and create nothing.")] = False,
    print_policy: Annotated[
        bool, typer.Option("--print-policy", help="Print the caller's policy for this account as JSON, and end.")
    ] = False,
) -> None:
    """Create what backups need and an account lacks: vault, key, role and policy. What is there is never changed.

    Exit codes: 0 all is there, or you said no; 2 bad flag, or nobody to ask; 10 credentials; 11 a call was denied, or
    role or policy differ from what backups need; 12 the same of vault or key; 130 interrupted; 1 anything unexpected.
    """
    names: dict[str, Any] = {"vault": vault, "role": role, "policy": policy}
    more = {"csv": csv, "report_to": report_to, "notify_topic": notify_topic, "account_role": account_role}
    request = guarded(lambda: _to_request(region or [], {**names, **more}))
    raise typer.Exit(guarded(lambda: _set_up(request, yes=yes, dry_run=dry_run, print_policy=print_policy)))


def _to_request(regions: list[str], values: dict[str, Any]) -> SetupRequest:
    from ec2_backup.aws.session import default_region  # noqa: PLC0415 - imports boto3, which takes seconds

    found = regions or [name for name in [default_region()] if name]
    if not found:
        raise UsageError("No AWS Region is set.", hint="Pass --region, or set AWS_REGION.")
    try:
        return SetupRequest(regions=tuple(dict.fromkeys(found)), **values)
    except ValidationError as error:
        said = "; ".join(_said(one) for one in error.errors() if one["type"] != "too_short")
        raise UsageError(said, hint="./start-ec2-backup.sh setup --help shows every flag.") from error


def _said(error: ErrorDetails) -> str:
    field = str(error["loc"][0])
    flag, is_form = field.replace("regions", "region").replace("_", "-"), error["type"] == "string_pattern_mismatch"
    wrong = f"{error['input']!r} is not {WHAT_FITS[field]}" if is_form else f"{error['input']!r}: {error['msg']}"
    return f"--{flag}: {wrong}"


def _set_up(request: SetupRequest, *, yes: bool, dry_run: bool, print_policy: bool) -> int:
    try:
        seen = _look(request)
        plan = plan_setup(request, seen, _documents())
        if print_policy:
            typer.echo(json.dumps(plan.policy, indent=2))
            return 0
        console = console_for(sys.stdout)
        print_setup(plan, seen.caller, console)
        if plan.is_done or dry_run:
            return plan.exit_code
        return _make(plan, request, seen, console) if _is_wanted(yes=yes) else 0
    except (KeyboardInterrupt, typer.Abort) as error:
        raise Interrupted("the setup was told to stop", hint=UNFINISHED) from error


def _look(request: SetupRequest) -> Seen:
    from ec2_backup.aws.setup.look import look_around  # noqa: PLC0415 - imports boto3

    try:
        return look_around(request)
    except AccessError as error:
        error.hint = NEEDED
        raise


def _documents() -> Documents:
    caller, trust = (DOCUMENTS / name for name in ("caller-policy.json", "service-role-trust.json"))
    return Documents(caller.read_text(encoding="utf-8"), trust.read_text(encoding="utf-8"))


def _is_wanted(*, yes: bool) -> bool:
    if yes:
        return True
    if not sys.stdin.isatty():
        raise UsageError(
            "Nobody is there to say yes: nothing was created.",
            hint="Look at the plan, then add --yes; with --dry-run only the plan is shown.",
        )
    if typer.confirm("Create what is missing?"):
        return True
    typer.echo("Nothing was created.")
    return False


def _make(plan: Setup, request: SetupRequest, seen: Seen, console: Console) -> int:
    from ec2_backup.aws.setup.creation import create_missing  # noqa: PLC0415 - imports boto3

    try:
        for piece in create_missing(plan, Target(request.regions[0])):
            print_made(piece, console)
    except AwsError as error:
        error.hint = f"{NEEDED if isinstance(error, AccessError) else error.hint} {UNFINISHED}".strip()
        raise
    print_what_is_next(plan, request, to_policy_arn(request.policy, seen), console)
    return plan.exit_code
