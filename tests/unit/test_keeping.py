"""However a run ends, it leaves a log that says so and a report beside it, and its error comes through unchanged."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ec2_backup import calls, stop
from ec2_backup.errors import (
    AuthenticationError,
    Ec2BackupError,
    IncompleteRun,
)
from ec2_backup.keeping import kept_run
from ec2_backup.publication import write_report
from ec2_backup.results import Failure
from ec2_backup.states import RunStatus, Verdict
from tests.unit.backups import instance_id
from tests.unit.kept_runs import BAD_CSV, NO_VAULT, UNFORESEEN, a_run, ended_with, log_of, prove, written_report
from tests.unit.listeners import heard


@pytest.fixture(autouse=True)
def _no_stop_is_left_behind() -> Iterator[None]:
    yield
    stop.resume()


def test_a_run_that_ends_well_leaves_its_log_and_its_report(tmp_path):
    run = a_run(tmp_path)

    with heard() as listener, kept_run(run, write_report) as same:
        assert same is run
        prove(run)

    assert run.report
    assert listener.report == run.report
    assert set(run.report.files) == {"log", "csv", "html", "json"}
    assert all(Path(name).is_file() and Path(name).parent == tmp_path for name in run.report.files.values())
    assert (run.report.status, run.report.exit_code) == (RunStatus.PROVEN, 0)
    assert written_report(tmp_path).outcomes[0].verdict is Verdict.PROVEN


def test_the_log_opens_with_what_was_asked_and_closes_with_how_it_ended(tmp_path):
    run = a_run(tmp_path)

    with kept_run(run, write_report):
        prove(run)

    lines = [line[22:] for line in log_of(tmp_path).splitlines()]
    assert lines[1] == "EC2 Backup Automation"
    assert "Run        run-1" in lines
    assert "✅ Step 1, Script execution: run run-1" in lines
    assert lines[-2] == "The run ended with exit code 0 (proven)."
    assert any(line.startswith("JSON report") and "report_run-1.json" in line for line in lines)


def test_a_run_with_a_failed_instance_ends_with_exit_code_3_after_its_report_is_there(tmp_path):
    run = a_run(tmp_path, instances=2)
    prove(run)

    with pytest.raises(IncompleteRun, match="1 of 2 instances") as caught, kept_run(run, write_report):
        run.keep_each(4, [Failure(instance_id(2), 4, "there is no such instance")])

    report = written_report(tmp_path)
    assert caught.value.exit_code == report.exit_code == 3
    assert report.status is RunStatus.INCOMPLETE
    assert f"{instance_id(2)}: there is no such instance" in log_of(tmp_path)
    stop.raise_if_stopped()


@pytest.mark.parametrize(
    "error",
    [
        NO_VAULT,
        BAD_CSV,
        AuthenticationError("sts:GetCallerIdentity", "ExpiredToken", "the token is expired", hint="Log in again."),
        Ec2BackupError("Prefect does not answer"),
    ],
)
def test_an_expected_error_is_in_log_and_report_without_a_traceback(error, tmp_path):
    report = ended_with(error, tmp_path)

    assert (report.status, report.exit_code) == (RunStatus.ABORTED, error.exit_code)
    assert report.error
    assert (report.error.kind, report.error.message, report.error.hint) == (
        type(error).__name__,
        error.message,
        error.hint,
    )
    assert f"❌ {type(error).__name__}: {error.message}" in log_of(tmp_path)
    assert f"exit code {error.exit_code} (aborted)" in log_of(tmp_path)
    assert "Traceback" not in log_of(tmp_path)


def test_the_log_names_every_bad_line_of_the_csv(tmp_path):
    ended_with(BAD_CSV, tmp_path)

    assert "] line 3: 'i-xyz': not an instance id" in log_of(tmp_path)
    assert "] line 9: 'vol-1': an id of a volume" in log_of(tmp_path)


def test_an_unforeseen_error_has_its_traceback_in_the_log_only(tmp_path):
    with heard() as listener:
        report = ended_with(UNFORESEEN, tmp_path)

    assert (report.status, report.exit_code) == (RunStatus.ABORTED, 1)
    assert "Traceback (most recent call last):" in log_of(tmp_path)
    assert "ZeroDivisionError: division by zero" in log_of(tmp_path)
    assert not any("Traceback" in line.text for line in listener.heard)
    assert "Traceback" not in (tmp_path / "report_run-1.json").read_text()


def test_the_calls_of_a_report_are_those_of_its_run_alone(tmp_path):
    too_fast = (object(), {"Error": {"Code": "ThrottlingException"}})
    for number in range(2):
        calls.count_attempt("before-send.backup.ListBackupJobs")
        calls.count_throttling(response=too_fast, event_name="needs-retry.backup.ListBackupJobs")
        run = a_run(tmp_path / str(number))
        with kept_run(run, write_report):
            prove(run)
            calls.count_attempt("before-send.sts.GetCallerIdentity")
            for _ in range(number + 2):
                calls.count_attempt("before-send.backup.StartBackupJob")
            calls.count_throttling(response=too_fast, event_name="needs-retry.backup.StartBackupJob")

        assert run.report
        assert run.report.statistics.api_calls == {"backup:StartBackupJob": number + 2, "sts:GetCallerIdentity": 1}
        assert run.report.statistics.throttled_calls == 1
