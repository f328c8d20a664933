"""An error that ended a run stands in its report, with a hint that fits this run."""

from datetime import timedelta

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted, InventoryError
from ec2_backup.ledger import Ledger
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import RunStatus
from tests.unit.backups import BEGAN


def ended_by(error: BaseException, request: BackupRequest | None = None) -> RunReport:
    return settle(Ledger(request or BackupRequest(), "run-1", BEGAN), BEGAN + timedelta(minutes=1), Calls({}, 0), error)


def test_a_run_that_read_no_inventory_has_no_outcomes():
    report = ended_by(InventoryError("list.csv is empty", hint="Name an instance."))

    assert (report.outcomes, report.notes, report.exit_code) == ((), (), 2)
    assert report.statistics.success_rate == report.statistics.error_rate == report.statistics.calls_per_instance == 0


@pytest.mark.parametrize(
    ("error", "kind", "status", "code"),
    [
        (Interrupted("the run was told to stop", hint="Go on."), "Interrupted", RunStatus.INTERRUPTED, 130),
        (KeyboardInterrupt(), "Interrupted", RunStatus.INTERRUPTED, 130),
        (SystemExit(1), "Interrupted", RunStatus.INTERRUPTED, 130),
        (ZeroDivisionError("division by zero"), "ZeroDivisionError", RunStatus.ABORTED, 1),
        (RuntimeError(), "RuntimeError", RunStatus.ABORTED, 1),
    ],
)
def test_whatever_ended_the_run_has_its_own_status_and_exit_code(error, kind, status, code):
    report = ended_by(error)

    assert report.error
    assert (report.error.kind, report.status, report.exit_code) == (kind, status, code)
    assert report.error.message
    assert report.error.hint
    assert "RUN_KEY" not in report.error.hint


@pytest.mark.parametrize(("stop_jobs", "hint"), [(False, "go on at AWS"), (True, "were told to stop")])
def test_the_hint_of_an_interrupted_run_says_what_becomes_of_its_jobs(stop_jobs, hint):
    request = BackupRequest(options=BackupOptions(stop_jobs_on_cancel=stop_jobs))

    report = ended_by(Interrupted("the run was told to stop", hint=stop.HINT), request)

    assert report.error
    assert hint in report.error.hint
