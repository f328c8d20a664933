"""The history of a folder, as a command: it reads reports alone, so it imports neither Prefect nor boto3."""

import json
import sys
from pathlib import Path, PurePath
from typing import Annotated

import typer

from ec2_backup import settings
from ec2_backup.errors import UsageError
from ec2_backup.history.gathering import TREND_RUNS, to_history
from ec2_backup.history.origin import same_path
from ec2_backup.history.overview import to_overview
from ec2_backup.history.past_run import PastRun
from ec2_backup.history.reading import past_runs
from ec2_backup.terminal import console_for, guarded
from ec2_backup.terminal.history import print_history


def history(
    *,
    output: Annotated[
        Path, typer.Option(envvar="EC2_BACKUP_OUTPUT", show_envvar=True, help="The folder that the reports are in.")
    ] = Path(settings.DEFAULT_OUTPUT),
    last: Annotated[int, typer.Option(min=1, help="How many runs to show.")] = TREND_RUNS,
    csv: Annotated[str | None, typer.Option(help="Only runs over this CSV; its file name is enough.")] = None,
    vault: Annotated[str | None, typer.Option(help="Only runs into this vault.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else.")] = False,
) -> None:
    """Show past runs, newest last, and what is new in the newest: failing, fixed, new in the CSV, vanished from it.

    Exit codes: 0 whatever the runs came to, also where there are none yet; 2 for a folder that is not there.
    """

    def is_wanted(run: PastRun) -> bool:
        of_csv = csv is None or csv == PurePath(run.origin.csv).name or same_path(csv) == run.origin.csv
        return of_csv and vault in {None, run.vault}

    guarded(lambda: _raise_for_absent(output))
    found = to_history(past_runs(output), last, is_wanted)
    if as_json:
        typer.echo(json.dumps(to_overview(found), indent=2))
    else:
        like_that = " over this CSV" * bool(csv) + " into this vault" * bool(vault)
        nothing = f"The folder {output} has no report of a run{like_that} yet."
        print_history(found, nothing, console_for(sys.stdout))


def _raise_for_absent(folder: Path) -> None:
    """Raise UsageError for a folder that somebody has named and that is not there; ours comes with the first run."""
    if not folder.is_dir() and folder != Path(settings.DEFAULT_OUTPUT):
        raise UsageError(f"There is no folder {folder}.", hint="Name the folder of the reports with --output.")
