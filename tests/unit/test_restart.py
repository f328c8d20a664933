"""A job that failed for a passing cause is started again, with a token of its own, and no other job is."""

from dataclasses import replace

import pytest

from ec2_backup.adoption import sort_jobs
from ec2_backup.model import BackupJob
from ec2_backup.restart import is_worth_restarting, to_attempts, to_restarts
from ec2_backup.states import BackupJobState
from tests.unit.backups import a_job, a_plan, an_instance, instance_id

ONE, TWO = instance_id(1), instance_id(2)
THROTTLED = "Image creation throttled due to maximum number of concurrent snapshots on an EBS volume."


def failed(message: str, key: str = ONE) -> BackupJob:
    return replace(a_job(key, BackupJobState.FAILED), message=message)


@pytest.mark.parametrize(
    "message",
    [
        THROTTLED,
        "Maximum allowed in-progress snapshots for a single volume exceeded.",
        "Maximum allowed active snapshot limit exceeded.",
        "An internal error occurred.",
        "We are unable to copy resource tags to your backup because of the Internal Failure.",
        "Backup job encountered a fatal error",
    ],
)
def test_a_cause_that_passes_is_worth_another_attempt(message: str) -> None:
    assert is_worth_restarting(failed(message))


@pytest.mark.parametrize(
    "message", ["", "KMS key is either disabled or pending deletion", "Access Denied trying to call AWS Backup service"]
)
def test_a_refusal_is_not_worth_another_attempt(message: str) -> None:
    assert not is_worth_restarting(failed(message))


@pytest.mark.parametrize("state", [state for state in BackupJobState if state is not BackupJobState.FAILED])
def test_only_a_failed_job_is_started_again(state: BackupJobState) -> None:
    assert not is_worth_restarting(replace(a_job(ONE, state), message=THROTTLED))


def test_somebody_elses_job_is_left_to_them() -> None:
    assert not is_worth_restarting(replace(failed(THROTTLED), adopted=True))


def test_each_attempt_has_a_token_of_its_own_that_is_always_the_same() -> None:
    plans = {instance_id(number): a_plan(an_instance(number)) for number in (1, 2)}
    ended = [failed(THROTTLED, ONE), a_job(TWO, BackupJobState.COMPLETED)]

    second, again, third = (to_restarts(ended, plans, "run", {ONE: made, TWO: 1}, 3) for made in (1, 1, 2))

    assert [plan.instance.instance_id for plan in second] == [ONE]
    assert second == again
    assert len({plans[ONE].idempotency_token, second[0].idempotency_token, third[0].idempotency_token}) == 3


def test_an_instance_has_no_more_jobs_than_the_run_may_make_also_when_it_was_taken_up_again() -> None:
    job = failed(THROTTLED)
    plans = {ONE: a_plan(an_instance(1))}
    found = sort_jobs([replace(job, job_id="first"), job], [], job.created_at)

    assert to_attempts([job], [found]) == {ONE: 2}
    assert to_restarts([job], plans, "run", to_attempts([job], [found]), 2) == []
    assert len(to_restarts([job], plans, "run", to_attempts([job], []), 2)) == 1


def test_a_job_without_a_plan_is_not_started_again() -> None:
    assert to_restarts([failed(THROTTLED)], {}, "run", {}, 2) == []
