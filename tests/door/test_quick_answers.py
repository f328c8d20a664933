"""What needs neither Prefect nor AWS is answered without them: they take seconds to import."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from ec2_backup.publication import write_report
from tests.unit.reports import a_report, failed, proven

PROJECT = Path(__file__).parents[2]
HEAVY = {"prefect", "boto3", "botocore"}
AN_EXCEPT_OF_ONE = ("--select", "tag:Backup except tag:Dev", "--select", "name=db-*")
# Runs cli.py as a script is run, and writes what had been imported when it ended to the file named first.
RUN_AND_TELL = """
import atexit, pathlib, runpy, sys
told, *sys.argv[1:] = sys.argv[1:]
atexit.register(lambda: pathlib.Path(told).write_text("\\n".join(sys.modules)))
sys.path.insert(0, str(pathlib.Path("{cli}").parent))
runpy.run_path("{cli}", run_name="__main__")
"""


def answered(folder: Path, *arguments: str) -> tuple[int, str, set[str]]:
    """Run the program and return its exit code, its words, and the packages that it had imported."""
    told = folder / "modules"
    script = RUN_AND_TELL.format(cli=PROJECT / "cli.py")
    quiet = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "EC2_BACKUP_"))}
    ended = subprocess.run(
        [sys.executable, "-c", script, str(told), *arguments],
        cwd=folder,
        env={**quiet, "HOME": str(folder), "COLUMNS": "120"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    return ended.returncode, ended.stdout + ended.stderr, {name.split(".")[0] for name in told.read_text().split()}


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["--help"], 0, "Back up every EC2 instance of a CSV"),
        (["setup", "--help"], 0, "What is there is never changed"),
        (["--csv", "wrong.csv"], 2, "line 2"),
        (["--csv", "wrong.csv", "--sandbox"], 2, "line 2"),
        (["--csv", "absent.csv"], 2, "absent.csv"),
        (["--retention-days", "0"], 2, "--retention-days"),
        (["--tag", "nonsense"], 2, "KEY=VALUE"),
        ([*AN_EXCEPT_OF_ONE], 2, "--exclude names is left out of all"),
        (["coverage", *AN_EXCEPT_OF_ONE], 2, "--exclude names is left out of all"),
        (["history"], 0, "has no report of a run yet"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_what_needs_no_aws_is_answered_without_importing_prefect_or_boto3(tmp_path, arguments, code, words):
    (tmp_path / "wrong.csv").write_text("instance_id\ni-wrong\n", encoding="utf-8")

    exit_code, output, imported = answered(tmp_path, *arguments)

    assert exit_code == code
    assert words in output
    assert imported & HEAVY == set()
    assert "typer" in imported


def test_help_imports_no_pandas_either(tmp_path):
    _, _, imported = answered(tmp_path, "--help")

    assert imported & {"pandas", "moto", "jinja2"} == set()


def test_the_history_of_real_reports_needs_nothing_that_made_them(tmp_path):
    write_report(a_report(proven(1), failed(2), files={"log": str(tmp_path / "backup-output" / "log")}))

    exit_code, output, imported = answered(tmp_path, "history")

    assert (exit_code, "1 of 2" in output) == (0, True)
    assert imported & {*HEAVY, "pandas", "moto", "jinja2"} == set()
