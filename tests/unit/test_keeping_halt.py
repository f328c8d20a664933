"""A run that is stopped, by a person or an error, stops its threads and finds out what it had started."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ec2_backup import stop
from ec2_backup.errors import Interrupted
from ec2_backup.keeping import kept_run
from ec2_backup.ledger import Ledger
from ec2_backup.publication import write_report
from ec2_backup.states import RunStatus, Verdict
from tests.unit.kept_runs import BAD_CSV, NO_VAULT, UNFORESEEN, a_run, ended_with, log_of, prove


@pytest.fixture(autouse=True)
def _no_stop_is_left_behind() -> Iterator[None]:
    yield
    stop.resume()


@pytest.mark.parametrize("error", [KeyboardInterrupt(), SystemExit(143), Interrupted("the run was told to stop")])
def test_an_interrupted_run_asks_aws_what_it_started_and_reports_it(error, tmp_path):
    def recall(run: Ledger) -> None:
        prove(run)

    report = ended_with(error, tmp_path, recall)

    assert (report.status, report.exit_code) == (RunStatus.INTERRUPTED, 130)
    assert report.outcomes[0].verdict is Verdict.PROVEN
    assert "exit code 130 (interrupted)" in log_of(tmp_path)
    assert "Traceback" not in log_of(tmp_path)


@pytest.mark.parametrize(
    ("error", "order"),
    [
        (KeyboardInterrupt(), ["recall", "cancel"]),
        (Interrupted("the run was told to stop"), ["recall", "cancel"]),
        (NO_VAULT, ["recall"]),
        (UNFORESEEN, ["recall"]),
    ],
)
def test_only_an_interrupted_run_is_cancelled_and_only_after_its_jobs_are_known(error, order, tmp_path):
    done = []
    recall, cancel = (lambda _: done.append("recall")), (lambda _: done.append("cancel"))

    with pytest.raises(type(error)), kept_run(a_run(tmp_path), write_report, recall, cancel):
        raise error

    assert done == order


@pytest.mark.parametrize("error", [NO_VAULT, UNFORESEEN, KeyboardInterrupt()])
def test_an_error_stops_the_threads_that_still_work_until_the_next_run_begins(error, tmp_path):
    def recall(_: Ledger) -> None:
        with pytest.raises(Interrupted):
            stop.raise_if_stopped()

    ended_with(error, tmp_path, recall)

    with pytest.raises(Interrupted):
        stop.raise_if_stopped()
    next_run = a_run(tmp_path / "next")
    with kept_run(next_run, write_report):
        stop.raise_if_stopped()
        prove(next_run)


def ask_in_vain(_: Ledger) -> None:
    raise NO_VAULT


def stumble(_: Ledger) -> None:
    raise KeyError("State")


@pytest.mark.parametrize("recall", [ask_in_vain, stumble])
@pytest.mark.parametrize("error", [UNFORESEEN, KeyboardInterrupt(), BAD_CSV])
def test_what_aws_cannot_be_asked_does_not_hide_why_the_run_ended(
    error: BaseException, recall: Callable[[Ledger], None], tmp_path: Path
):
    report = ended_with(error, tmp_path, recall)

    assert report.error
    assert report.error.kind in {type(error).__name__, "Interrupted"}
    assert "⚠️ what AWS has of this run was not found out" in log_of(tmp_path)
