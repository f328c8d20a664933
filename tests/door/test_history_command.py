"""`history` as a user types it: its own process, in a folder with the reports of runs."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ec2_backup.publication import write_report
from ec2_backup.results import Outcome
from tests.unit.reports import STARTED, a_report, failed, proven

PROJECT = Path(__file__).parents[2]


def history(folder: Path, *arguments: str, **env: str) -> tuple[int, str, str]:
    """Run the command in a folder and return its exit code and what it wrote to stdout and stderr."""
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("EC2_BACKUP_", "COLUMNS"))}
    ended = subprocess.run(
        [sys.executable, str(PROJECT / "cli.py"), "history", *arguments],
        cwd=folder,
        env={**quiet, "PYTHONUTF8": "1", **env},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout, ended.stderr


def write(folder: Path, day: int, *outcomes: Outcome, **parameters: str) -> None:
    began = STARTED + timedelta(days=day)
    asked = {"csv": "lists/nightly.csv", "vault": "EC2-Backup", **parameters}
    files = {"log": str(folder / "log")}
    ended = began + timedelta(minutes=20)
    write_report(
        a_report(*outcomes, run_key=f"run-{day}", started_at=began, ended_at=ended, parameters=asked, files=files)
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    output = tmp_path / "backup-output"
    write(output, 1, proven(1), proven(2))
    write(output, 2, proven(1), failed(2), proven(3))
    write(output, 3, proven(9), csv="other.csv", vault="Other")
    (output / "report_half.json").write_text("{")
    return tmp_path


def test_runs_and_news_are_shown_without_a_terminal_colour_or_traceback(folder):
    code, said, trouble = history(folder, "--csv", "nightly.csv", NO_COLOR="1", COLUMNS="80")

    assert (code, trouble) == (0, "")
    assert "left out: report_half.json" in said
    assert said.index("run-1") < said.index("run-2")
    assert "Newly failing: 1 instance\n    ❌  i-00000000000000002  web-2: the job ended FAILED" in said
    assert "New in the CSV: 1 instance\n    ✅  i-00000000000000003  web-3" in said
    assert "other.csv" not in said
    assert "\x1b" not in said


def test_json_is_all_that_is_printed_when_it_is_asked_for(folder):
    code, said, trouble = history(folder, "--json")

    document = json.loads(said)
    assert (code, trouble) == (0, "")
    assert [run["run_key"] for run in document["runs"]] == ["run-1", "run-2", "run-3"]
    assert [one["file"] for one in document["unreadable"]] == ["report_half.json"]


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--vault", "EC2-Backup"], ["run-1", "run-2"]),
        (["--csv", "./lists/nightly.csv"], ["run-1", "run-2"]),
        (["--csv", "nightly.csv", "--last", "1"], ["run-2"]),
        (["--last", "1"], ["run-3"]),
        (["--csv", "absent.csv"], []),
    ],
    ids=lambda value: " ".join(value) or "nothing",
)
def test_flags_say_which_runs(folder, arguments, keys):
    _, said, _ = history(folder, "--json", *arguments)

    assert [run["run_key"] for run in json.loads(said)["runs"]] == keys


def test_another_folder_is_named_by_flag_or_variable(folder):
    (folder / "backup-output").rename(folder / "elsewhere")

    assert "run-3" in history(folder, "--output", "elsewhere")[1]
    assert "run-3" in history(folder, EC2_BACKUP_OUTPUT="elsewhere")[1]


def test_where_there_is_no_run_yet_that_is_said_and_is_no_error(tmp_path):
    assert history(tmp_path) == (0, "The folder backup-output has no report of a run yet.\n", "")


def test_a_folder_that_somebody_names_and_that_is_not_there_is_an_error(tmp_path):
    code, said, trouble = history(tmp_path, "--output", "bakup-output")

    assert (code, said) == (2, "")
    assert "There is no folder bakup-output." in trouble


def test_a_reader_that_goes_away_meets_no_traceback(folder):
    command = f"{sys.executable} {PROJECT / 'cli.py'} history --json | head -c 1"
    ended = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, text=True, check=False)

    assert "Traceback" not in ended.stderr
