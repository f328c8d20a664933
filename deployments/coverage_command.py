"""The command that looks at the coverage: its flags, and what they ask for."""

import re
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError

from deployments.flags import Json, Quiet
from ec2_backup import settings
from ec2_backup.coverage.request import DEFAULT_EXPIRING, DEFAULT_RPO, CoverageRequest
from ec2_backup.selection import ALIVE, to_joined
from ec2_backup.terminal import guarded, to_output
from ec2_backup.usage import to_usage_error


def _flag(field: str, name: str = "", **more: Any) -> Any:
    """Return the flag of a parameter; its help is the parameter's own description."""
    text, variable = CoverageRequest.model_fields[field].description, (name.lstrip("-") or field).upper()
    names = [name] if name else []
    return typer.Option(*names, envvar=f"EC2_BACKUP_{variable.replace('-', '_')}", help=text, show_envvar=True, **more)


def coverage(  # noqa: PLR0913 - each is a flag
    *,
    rpo: Annotated[str, _flag("rpo", metavar="PERIOD")] = DEFAULT_RPO,
    expiring: Annotated[str, _flag("expiring", metavar="PERIOD")] = DEFAULT_EXPIRING,
    region: Annotated[list[str] | None, _flag("regions", "--region", metavar="REGION")] = None,
    accounts: Annotated[str | None, _flag("accounts")] = None,
    account_role: Annotated[str, _flag("account_role")] = settings.DEFAULT_ACCOUNT_ROLE,
    select: Annotated[
        list[str] | None, typer.Option(metavar="FILTER", help="Look only at instances that fit: tag:Backup=true")
    ] = None,
    exclude: Annotated[list[str] | None, typer.Option(metavar="FILTER", help="Leave out of these what fits.")] = None,
    credentials_block: Annotated[str | None, _flag("credentials_block", metavar="NAME")] = None,
    output: Annotated[Path, _flag("output")] = Path(settings.DEFAULT_OUTPUT),
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="Look at an AWS of its own on this machine, with some days of backups.")
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Say of every EC2 instance how old its last proven recovery point is, and hold that against an objective.

    Exit codes: 0 every instance within the objective; 2 bad flag or list of accounts, or a selection that nothing fits;
    3 the objective is missed, or some place could not be looked at; 10 credentials; 11 access, nowhere left to look; 12
    vault; 130 interrupted; 1 anything unexpected.
    """
    asked = {
        "rpo": rpo, "expiring": expiring, "accounts": accounts, "account_role": account_role, "output": output,
        "credentials_block": credentials_block, "select": guarded(lambda: _to_text(select or [], exclude or [])),
        "regions": [one for text in region or [] for one in re.split(r"[\s,;]+", text) if one],
    }  # fmt: skip
    request = guarded(lambda: _to_request(asked))
    from deployments.coverage_run import run_coverage  # noqa: PLC0415 - it imports what takes a second

    raise typer.Exit(run_coverage(request, to_output(quiet=quiet, as_json=as_json), sandbox=sandbox))


def _to_text(select: list[str], exclude: list[str]) -> str | None:
    """Return filters as one selection; one that only excludes is of all instances there are."""
    if not (select or exclude):
        return None
    chosen = select or [f"state={'|'.join(ALIVE)}"]
    return to_joined(chosen, exclude)


def _to_request(asked: dict[str, Any]) -> CoverageRequest:
    try:
        return CoverageRequest(**asked)
    except ValidationError as error:
        raise to_usage_error(error, "coverage") from error
