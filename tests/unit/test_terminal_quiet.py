"""With `--quiet` a run says only what is wrong and, last, how it ended; with `--json` a program gets its report."""

import io
import json
import sys

import pytest

from ec2_backup.narration import Mark, tell, tell_done, tell_link, tell_progress
from ec2_backup.report import to_document
from ec2_backup.results import RunError, RunReport
from ec2_backup.states import RunStatus
from ec2_backup.terminal import Output, console_for, print_report, shown, to_output
from tests.unit.reports import a_report, failed, not_started, proven
from tests.unit.test_terminal_fleet import progress


def ending(report: RunReport, next_command: str = "") -> str:
    stream = io.StringIO()
    print_report(report, console_for(stream), quiet=True, next_command=next_command, restore_hint="like this")
    return stream.getvalue()


def test_while_a_quiet_run_goes_on_only_trouble_that_the_end_does_not_name_is_shown() -> None:
    stream = io.StringIO()
    with shown(console_for(stream), live=True, quiet=True):
        tell_done(2, "2 instances in list.csv")
        tell_link("http://127.0.0.1:4217/")
        tell_progress(progress(1, 2))
        tell("1 volume not encrypted", mark=Mark.WARNING, step=5)
        tell("i-0123456789abcdef0: no such instance", mark=Mark.FAILED, step=4)
        tell("the report could not be written", mark=Mark.FAILED, step=13)

    assert stream.getvalue().splitlines() == [
        "⚠    5  1 volume not encrypted",
        "❌  13  the report could not be written",
    ]


def test_a_good_run_ends_with_one_line() -> None:
    assert ending(a_report(proven(1), proven(2))) == (
        "✅  2 of 2 instances have a proven recovery point, 4 of 4 volumes\n"
    )


def test_what_failed_is_named_with_the_remedy_and_the_verdict_comes_last() -> None:
    lines = ending(a_report(proven(1), failed(2, "no such key", advice="Enable it.")), "./start.sh x").splitlines()

    assert lines[2].startswith(" ❌   i-00000000000000002")
    assert lines[2].endswith("  (1)     no such key")
    assert lines[4] == "    What to do (1):  Enable it."
    assert "    Report  backup-output/report.csv" in lines
    assert "    Next    ./start.sh x" in lines
    assert lines[-1] == "❌  1 of 2 instances have a proven recovery point, 2 of 4 volumes"


def test_a_run_that_was_cut_short_says_why_before_the_verdict() -> None:
    error = RunError("VaultError", "no such vault", "Create it.", 12)

    text = ending(a_report(not_started(1), status=RunStatus.ABORTED, error=error, files={}))

    assert text.startswith("❌  no such vault\n    What to do:  Create it.\n")
    assert text.splitlines()[-1].startswith("❌  The run ended early")


def test_a_report_is_written_as_json_that_every_stream_takes() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    report = a_report(failed(1, "größer als \ud800"))

    Output(console_for(io.StringIO()), report_stream=stream).write_report(report)

    assert json.loads(raw.getvalue()) == to_document(report)


def test_a_report_is_written_nowhere_unless_it_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    to_output(quiet=False, as_json=False).write_report(a_report(proven(1)))

    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize("quiet", [True, False])
def test_where_the_report_goes_to_stdout_all_else_goes_to_stderr(
    capsys: pytest.CaptureFixture[str], quiet: bool
) -> None:
    output = to_output(quiet=quiet, as_json=True)
    with output.reserved():
        sys.stdout.write("from a library\n")
        output.aside.print("by the way")
        output.console.print("said")
    output.write_report(a_report(proven(1)))
    sys.stdout.write("and stdout is as it was\n")

    written, said = capsys.readouterr()
    assert json.loads(written.removesuffix("and stdout is as it was\n"))["status"] == "proven"
    assert said.splitlines() == ["from a library", *([] if quiet else ["by the way"]), "said"]
