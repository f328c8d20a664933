"""A run's report is brought elsewhere when its log is whole, however it ended, and before its last word."""

from dataclasses import replace
from pathlib import Path

import pytest

from ec2_backup.errors import UsageError, VaultError
from ec2_backup.keeping import kept_run
from ec2_backup.narration import Mark, tell
from ec2_backup.publication import write_report
from ec2_backup.results import RunReport
from ec2_backup.states import RunStatus
from tests.unit.kept_runs import NO_VAULT, a_run, log_of, prove
from tests.unit.listeners import heard

COPIES = {"log": "s3://reports/backup.log"}


class Delivery:
    """Remembers the report it was given and how the log stood then, and tells of some trouble."""

    def __init__(self) -> None:
        self.report: RunReport | None = None
        self.log = ""

    def deliver(self, report: RunReport) -> RunReport:
        self.report, self.log = report, Path(report.files["log"]).read_text(encoding="utf-8")
        tell("no message was sent", mark=Mark.WARNING, step=13)
        return replace(report, copies=COPIES)


def test_a_report_is_delivered_with_a_log_that_has_its_end(tmp_path):
    run, delivery = a_run(tmp_path), Delivery()

    with heard() as listener, kept_run(run, write_report, deliver=delivery.deliver):
        prove(run)

    assert "The run ended with exit code 0 (proven)." in delivery.log
    assert "no message was sent" in log_of(tmp_path).removeprefix(delivery.log)
    assert run.report
    assert run.report.copies == COPIES
    assert listener.report == run.report
    assert listener.heard[-1].text == "log and report are written"


def test_the_report_of_a_run_that_ended_early_is_delivered_and_its_error_comes_through(tmp_path):
    delivery = Delivery()

    with pytest.raises(VaultError), kept_run(a_run(tmp_path), write_report, deliver=delivery.deliver):
        raise NO_VAULT

    assert delivery.report
    assert delivery.report.status is RunStatus.ABORTED


def test_a_report_that_could_not_be_written_is_delivered_all_the_same(tmp_path):
    run, delivery = a_run(tmp_path), Delivery()

    def publish(_report: RunReport) -> RunReport:
        raise UsageError("the disk is full")

    with pytest.raises(UsageError, match="the disk is full"), kept_run(run, publish, deliver=delivery.deliver):
        prove(run)

    assert delivery.report
    assert delivery.report.error
    assert delivery.report.error.message == "the disk is full"
    assert "the report could not be written: the disk is full" in delivery.log
