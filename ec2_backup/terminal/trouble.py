"""An error on a terminal: what happened, every bad line of a CSV, and what to do."""

import sys
from collections.abc import Callable
from typing import TypeVar

import typer
from rich.console import Console
from rich.text import Text

from ec2_backup.errors import Ec2BackupError
from ec2_backup.report.bad_lines import in_short
from ec2_backup.terminal.screen import console_for, plain, print_hanging

Result = TypeVar("Result")


def guarded(call: Callable[[], Result]) -> Result:
    """Return what the call returns; an expected error is shown and ends the command with its exit code."""
    try:
        return call()
    except Ec2BackupError as error:
        print_error(error, console_for(sys.stderr))
        raise typer.Exit(error.exit_code) from None


def print_error(error: Ec2BackupError, console: Console) -> None:
    """Print an expected error without a traceback."""
    print_trouble(error.message, error.hint, console, in_short(error.bad_lines))


def print_trouble(message: str, hint: str, console: Console, details: tuple[str, ...] = ()) -> None:
    """Print what happened, its details line by line, and what to do about it."""
    print_hanging(console, Text("❌"), plain(message, "bold red"))
    for detail in details:
        print_hanging(console, plain(detail), indent=4)
    if hint:
        print_hanging(console, plain("What to do:", "bold"), plain(hint), indent=4)
    console.print()
