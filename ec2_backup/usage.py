"""What pydantic says of values that a human typed, in the words of the command line."""

from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from ec2_backup.errors import UsageError

_OVER_SEVERAL = {(), ("options",)}  # where a rule over several values is found to be broken
_NAMES = {"recovery_point": "RECOVERY_POINT_ARN", "regions": "--region", "tags": "--tag"}


def to_usage_error(error: ValidationError, command: str = "") -> UsageError:
    """Return what is wrong with a command's flags, each by its name; the front door's own command has no word."""
    told = [f"{flag}: {to_words(one)}" if (flag := _flag_of(one)) else to_words(one) for one in error.errors()]
    program = " ".join(filter(None, ("./start-ec2-backup.sh", command)))
    return UsageError("; ".join(told), hint=f"{program} --help shows every flag.")


def to_words(error: Mapping[str, Any]) -> str:
    """Return what pydantic says of a value, without its own words before ours."""
    return str(error["msg"]).removeprefix("Value error, ")


def _flag_of(error: Mapping[str, Any]) -> str:
    if error["loc"] in _OVER_SEVERAL:
        return ""
    field = next(part for part in reversed(error["loc"]) if isinstance(part, str))  # others are places in a list
    return _NAMES.get(field, f"--{field.replace('_', '-')}")
