"""Flags of the command line that several commands have, and what flags ask for together."""

from collections.abc import Mapping
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from ec2_backup.errors import UsageError
from ec2_backup.selection import to_source

Quiet = Annotated[
    bool, typer.Option("--quiet", "-q", envvar="EC2_BACKUP_QUIET", help="Show only trouble, and last the verdict.")
]
Json = Annotated[
    bool, typer.Option("--json", envvar="EC2_BACKUP_JSON", help="Report as JSON on stdout, all else on stderr.")
]
PlanOnly = Annotated[bool, typer.Option("--dry-run", help="Show the plan and start nothing.")]
Unasked = Annotated[bool, typer.Option("--yes", "-y", help="Start without asking.")]


def flag_of(field: str, *models: type[BaseModel], **more: Any) -> Any:
    """Return the flag of a parameter of one of the models; its help is the parameter's own description."""
    (info,) = (model.model_fields[field] for model in models if field in model.model_fields)
    return typer.Option(help=info.description, **more)


def to_values(asked: Mapping[str, Any], request: type[BaseModel], options: type[BaseModel]) -> dict[str, Any]:
    """Return the values of flags as those of a request and of the options within it."""
    values = {key: value for key, value in asked.items() if key in request.model_fields}
    return {**values, "options": {key: value for key, value in asked.items() if key in options.model_fields}}


def to_inventory(csv: str, select: list[str], exclude: list[str]) -> str:
    """Return the inventory's source: the selection where one is made, and otherwise the CSV."""
    if select:
        return to_source(select, exclude)
    if exclude:
        raise UsageError("--exclude leaves out of what --select chooses, and there is no --select.")
    return csv


def is_given(context: typer.Context, name: str) -> bool:
    """Return whether a flag was set, on the command line or as an environment variable, be it to its default."""
    source = context.get_parameter_source(name)
    return source is not None and source.name != "DEFAULT"


def is_typed(context: typer.Context, name: str) -> bool:
    """Return whether a flag stands on the command line itself."""
    source = context.get_parameter_source(name)
    return source is not None and source.name == "COMMANDLINE"


def raise_for_contradiction(lists: Mapping[str, Any], elsewhere: Mapping[str, Any]) -> None:
    """Raise UsageError where more than one flag says which instances, or --select is to choose `elsewhere`.

    Both are flags with their values; one that was not given has none.
    """
    named = [flag for flag, value in lists.items() if value]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} each say which instances the run is over: give one of them.")
    if lists.get("--select") and (flag := next((flag for flag, value in elsewhere.items() if value), "")):
        raise UsageError(
            f"--select chooses in the caller's own account and one Region; {flag} is for a list.",
            hint="Write a list in each account and Region with --select … --region … --write-csv FILE, join the lists, "
            "with a column Account, and pass them as --csv.",
        )


def to_tags(pairs: list[str]) -> dict[str, str]:
    """Return tags written as KEY=VALUE."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise UsageError(f"--tag {wrong[0]}: write it as KEY=VALUE.")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}
