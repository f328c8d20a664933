"""A check command on what was restored: its failure is the drill's, and its output is fit to be shown."""

import pytest

from ec2_backup.drill.model import CheckResult, CheckStatus, Gone
from ec2_backup.drill.verdict import OUTPUT_LENGTH, judge_check, to_output
from ec2_backup.restore.model import RestoreFailure
from ec2_backup.states import Verdict
from tests.unit.drills import a_drill, settled
from tests.unit.restores import a_job


def test_a_check_that_fails_leaves_nothing_proven() -> None:
    run = a_drill(check="test -e /data")
    run.note([a_job()])
    result = CheckResult(1, CheckStatus.FAILED, 1, "no such file\x1b[31m\nbye", "Failed")
    run.checks[1] = result
    run.fail(judge_check(result, 30))
    run.end(Gone(1))

    report = settled(run)

    assert report.exit_code == 3
    assert report.outcomes[0].verdict is Verdict.FAILED
    assert report.outcomes[0].failure is not None
    assert "the check ended with exit code 1: bye" in report.outcomes[0].failure.reason


@pytest.mark.parametrize(
    ("status", "said"), [(CheckStatus.UNMANAGED, "did not see the new instance"), (CheckStatus.LATE, "did not end")]
)
def test_a_check_that_was_not_heard_of_is_a_failure_that_says_why(status: CheckStatus, said: str) -> None:
    failure = judge_check(CheckResult(1, status), 30)

    assert isinstance(failure, RestoreFailure)
    assert f"{said}" in failure.reason
    assert failure.advice
    assert judge_check(CheckResult(1, CheckStatus.PASSED, 0), 30) is None


def test_output_is_printable_and_short_and_its_end_is_kept() -> None:
    text = to_output("\x1b]0;gotcha\x07" + "x" * 5000 + "\nthe last line\n")

    assert len(text) <= OUTPUT_LENGTH + 2
    assert text.endswith("the last line")
    assert "\x1b" not in to_output("\x1b[2Jcleared")
