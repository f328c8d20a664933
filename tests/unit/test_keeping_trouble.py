"""Where the log or the report of a run cannot be written, that is said, and hides nothing."""

import errno
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ec2_backup import stop
from ec2_backup.errors import UsageError, VaultError
from ec2_backup.keeping import kept_run
from ec2_backup.narration import Mark
from ec2_backup.publication import write_report
from ec2_backup.results import RunReport
from ec2_backup.states import RunStatus, Verdict
from tests.unit.kept_runs import NO_VAULT, UNFORESEEN, a_run, log_of, prove
from tests.unit.listeners import heard


@pytest.fixture(autouse=True)
def _no_stop_is_left_behind() -> Iterator[None]:
    yield
    stop.resume()


def to_full_disk(_: RunReport) -> RunReport:
    raise UsageError("The folder cannot be written: No space left on device.", hint="Make room.")


def to_broken_program(_: RunReport) -> RunReport:
    raise LookupError("no such column")


def fail_without(folder: Path) -> None:
    folder.rename(folder.with_name("elsewhere"))
    raise NO_VAULT


def while_interrupted(_: RunReport) -> RunReport:
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("publish", "kind", "status", "code"),
    [
        (to_full_disk, UsageError, RunStatus.ABORTED, 2),
        (to_broken_program, LookupError, RunStatus.ABORTED, 1),
        (while_interrupted, KeyboardInterrupt, RunStatus.INTERRUPTED, 130),
    ],
)
def test_a_good_run_whose_report_cannot_be_written_ends_with_that_error_and_a_whole_log(
    publish, kind, status, code, tmp_path
):
    run = a_run(tmp_path)

    with heard() as listener, pytest.raises(kind), kept_run(run, publish):
        prove(run)

    assert run.report
    assert (run.report.status, run.report.exit_code) == (status, code)
    assert run.report.outcomes[0].verdict is Verdict.PROVEN
    assert listener.report is None
    assert "❌ the report could not be written: " in log_of(tmp_path)
    assert f"exit code {code} ({status})" in log_of(tmp_path)


def test_an_unforeseen_error_of_the_report_has_its_traceback_in_the_log(tmp_path):
    run = a_run(tmp_path)

    with pytest.raises(LookupError), kept_run(run, to_broken_program):
        prove(run)

    assert "LookupError: no such column" in log_of(tmp_path)
    assert "Traceback" in log_of(tmp_path)


@pytest.mark.parametrize("error", [NO_VAULT, UNFORESEEN, KeyboardInterrupt()])
def test_a_report_that_cannot_be_written_does_not_hide_why_the_run_ended(error, tmp_path):
    run = a_run(tmp_path)

    with heard() as listener, pytest.raises(type(error)) as caught, kept_run(run, to_full_disk):
        raise error

    assert caught.value is error
    assert "the report could not be written: The folder cannot be written: No space left on device." in listener.texts(
        Mark.FAILED
    )
    assert "❌ the report could not be written" in log_of(tmp_path)
    assert log_of(tmp_path).splitlines()[-2][22:].startswith("The run ended with exit code")


def test_a_second_interrupt_while_the_report_is_written_ends_the_run_at_once(tmp_path):
    run = a_run(tmp_path)

    with pytest.raises(KeyboardInterrupt), kept_run(run, while_interrupted):
        raise NO_VAULT

    assert run.report
    assert run.report.exit_code == VaultError.exit_code
    assert "exit code 12 (aborted)" in log_of(tmp_path)


def test_an_interrupt_while_the_report_is_written_comes_after_it_and_the_report_is_told(tmp_path):
    run = a_run(tmp_path)

    def interrupted(report):
        os.kill(os.getpid(), signal.SIGINT)
        return report

    def to_its_end():
        with kept_run(run, interrupted):
            prove(run)

    with heard() as listener, pytest.raises(KeyboardInterrupt):
        to_its_end()

    assert run.report
    assert listener.report is run.report
    assert run.report.exit_code == 0


def test_a_log_that_has_vanished_with_its_folder_does_not_hide_why_the_run_ended(tmp_path):
    folder = tmp_path / "output"
    run = a_run(folder)
    recalled = []

    with pytest.raises(VaultError) as caught, kept_run(run, to_full_disk, recalled.append):
        fail_without(folder)

    assert caught.value is NO_VAULT
    assert recalled == [run]


def test_a_run_whose_folder_cannot_be_written_does_not_begin(tmp_path):
    (tmp_path / "file").write_text("")
    begun = False

    with pytest.raises(UsageError) as caught, kept_run(a_run(tmp_path / "file"), write_report):
        begun = True

    assert not begun
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno in {errno.ENOTDIR, errno.EEXIST}


def test_what_a_run_leaves_lies_in_the_folder_it_was_told_and_nowhere_else(tmp_path):
    run = a_run(tmp_path / "deep" / "output")

    with kept_run(run, write_report):
        prove(run)

    written = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert sorted(path.suffix for path in written) == [".csv", ".html", ".json", ".log"]
    assert {path.parent for path in written} == {tmp_path / "deep" / "output"}
