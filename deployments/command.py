"""What the commands of this folder share: they find Prefect first, and say in one sentence what went wrong."""

import os
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from deployments.prefect_connection import connect_to_prefect
from deployments.prefect_settings import LOGGING_FILE
from ec2_backup.errors import Ec2BackupError
from ec2_backup.terminal import print_error

INTERRUPTED = 130
UNREACHABLE = (
    "Is the server up, is PREFECT_API_URL its address, and is PREFECT_API_KEY or PREFECT_API_AUTH_STRING right?"
)


def run_command(work: Callable[[Console], None]) -> int:
    """Connect to the user's Prefect API or to our own server, do the work, and return the exit code.

    Args:
        work: What to do. It may import Prefect, whose settings stand by then.
    """
    console = Console(highlight=False)
    try:
        ui = connect_to_prefect(console)
        _log_as_prefect_does()
        console.print(f"Prefect: {ui}")
        _translated(work, console)
    except Ec2BackupError as error:
        print_error(error, console)
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    return 0


def _log_as_prefect_does() -> None:
    """Let Prefect's own lines through: the front door keeps them from a terminal on which it shows a run itself."""
    told = os.environ.get("PREFECT_LOGGING_SETTINGS_PATH")
    if told and Path(told) == LOGGING_FILE:
        del os.environ["PREFECT_LOGGING_SETTINGS_PATH"]


def _translated(work: Callable[[Console], None], console: Console) -> None:
    from httpx import HTTPError  # noqa: PLC0415 - comes with Prefect, and is needed only once that is

    try:
        work(console)
    except HTTPError as error:
        url = os.environ.get("PREFECT_API_URL")
        raise Ec2BackupError(
            f"the Prefect API at {url} refused or did not answer: {error}", hint=UNREACHABLE
        ) from error
