"""Flags of the command line that are written more than once, as what they ask for together."""

from ec2_backup.errors import UsageError
from ec2_backup.selection import to_source


def to_inventory(csv: str, select: list[str], exclude: list[str]) -> str:
    """Return the inventory's source: the selection where one is made, and otherwise the CSV."""
    if select:
        return to_source(select, exclude)
    if exclude:
        raise UsageError("--exclude leaves out of what --select chooses, and there is no --select.")
    return csv


def to_tags(pairs: list[str]) -> dict[str, str]:
    """Return tags written as KEY=VALUE."""
    wrong = [pair for pair in pairs if "=" not in pair]
    if wrong:
        raise UsageError(f"--tag {wrong[0]}: write it as KEY=VALUE.")
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}
