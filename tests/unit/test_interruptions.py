"""An error that came of an interruption is that interruption."""

from pathlib import Path

import pytest

from ec2_backup import stop
from ec2_backup.keeping import kept_run
from ec2_backup.publication import write_report
from ec2_backup.states import RunStatus
from tests.unit.kept_runs import UNFORESEEN, a_run, log_of


def fail_at_being_interrupted(interruption: BaseException) -> None:
    """Fail as an engine does whose clean-up fails."""
    error = ValueError("Task run is not set")
    error.__context__ = interruption
    raise error


def caught(interruption: BaseException) -> BaseException:
    with pytest.raises(ValueError, match="not set") as found:
        fail_at_being_interrupted(interruption)
    return found.value


@pytest.mark.parametrize("interruption", [KeyboardInterrupt(), SystemExit(143)])
def test_an_interruption_is_found_behind_what_failed_because_of_it(interruption: BaseException) -> None:
    assert stop.interruption_of(interruption) is interruption
    assert stop.interruption_of(caught(interruption)) is interruption


def test_an_error_without_an_interruption_is_none() -> None:
    assert stop.interruption_of(UNFORESEEN) is None
    assert stop.interruption_of(caught(KeyError("a"))) is None


def test_errors_that_are_each_others_cause_are_looked_at_once() -> None:
    itself, first, second = ValueError("a"), KeyError("b"), OSError("c")
    itself.__cause__ = itself
    first.__context__, second.__cause__ = second, first

    assert stop.interruption_of(itself) is None
    assert stop.interruption_of(first) is None


def test_a_run_whose_engine_fails_at_being_interrupted_is_an_interrupted_run(tmp_path: Path) -> None:
    run = a_run(tmp_path)
    done: list[str] = []

    with pytest.raises(KeyboardInterrupt), kept_run(run, write_report, cancel=lambda _: done.append("cancel")):
        fail_at_being_interrupted(KeyboardInterrupt())
    stop.resume()

    assert run.report
    assert (run.report.status, run.report.exit_code) == (RunStatus.INTERRUPTED, 130)
    assert done == ["cancel"]
    assert "Traceback" not in log_of(tmp_path)
