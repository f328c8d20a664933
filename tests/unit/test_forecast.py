"""When a fleet may be over is told from the jobs that are, and not before there are some."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.forecast import to_remaining_seconds, to_words
from ec2_backup.model import BackupJob
from ec2_backup.states import BackupJobState
from tests.unit.backups import BEGAN, a_job, instance_id

RUNNING, COMPLETED, FAILED = BackupJobState.RUNNING, BackupJobState.COMPLETED, BackupJobState.FAILED


def ended(number: int, *, began: float = 0, at: float, state: BackupJobState = COMPLETED) -> BackupJob:
    created, completed = (BEGAN + timedelta(seconds=seconds) for seconds in (began, at))
    return replace(a_job(instance_id(number), state), created_at=created, completed_at=completed)


def going_on(number: int, *, began: float = 0) -> BackupJob:
    return replace(a_job(instance_id(number), RUNNING), created_at=BEGAN + timedelta(seconds=began), completed_at=None)


def remaining(jobs: list[BackupJob], now: float) -> float | None:
    return to_remaining_seconds(jobs, BEGAN + timedelta(seconds=now))


def test_two_ends_are_no_evidence_and_three_are():
    jobs = [ended(1, at=60), ended(2, at=70), going_on(4)]

    assert remaining(jobs, 80) is None
    assert remaining([*jobs, ended(3, at=80)], 80) is not None


def test_where_nothing_goes_on_nothing_remains_to_be_told():
    assert remaining([ended(number, at=60) for number in range(5)], 80) is None
    assert remaining([], 80) is None


def test_jobs_that_go_on_end_at_the_rate_of_those_before_them():
    jobs = [ended(number, at=100 + 10 * number) for number in range(5)] + [going_on(number) for number in range(10, 20)]

    assert remaining(jobs, 140) == pytest.approx(10 * 10)


def test_only_as_many_ends_count_as_jobs_go_on_so_that_a_slow_tail_is_not_forgotten():
    fast = [ended(number, at=100 + number) for number in range(100)]
    slow = [ended(200 + number, at=300 + 60 * number) for number in range(3)]

    assert remaining([*fast, *slow, going_on(300)], 420) == pytest.approx(60)


def test_the_forecast_grows_while_nothing_ends():
    jobs = [ended(number, at=100 + number) for number in range(10)] + [going_on(20), going_on(21)]

    assert remaining(jobs, 600) > remaining(jobs, 300) > remaining(jobs, 110)


def test_a_job_that_was_started_a_moment_ago_takes_as_long_as_half_of_the_others_did():
    jobs = [ended(number, at=600 + number) for number in range(9)] + [going_on(20, began=610)]

    assert remaining(jobs, 620) == pytest.approx(604 - 10)


def test_failed_jobs_end_but_do_not_say_how_long_a_backup_takes():
    quick = [ended(number, at=1 + number, state=FAILED) for number in range(3)]
    jobs = [*quick, *(ended(10 + number, at=600) for number in range(3)), going_on(20, began=590)]

    assert remaining(jobs, 600) == pytest.approx(600 - 10)


@given(
    st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), max_size=20),
    st.lists(st.floats(0, 1e5), max_size=20),
    st.floats(-300, 2e5),
)
def test_a_forecast_is_none_or_positive_whatever_the_clocks_say(over, young, now):
    jobs = [ended(number, began=began, at=began + took) for number, (began, took) in enumerate(over)]
    jobs += [going_on(100 + number, began=began) for number, began in enumerate(young)]

    seconds = remaining(jobs, now)

    assert seconds is None or seconds > 0


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "about 5 s left"),
        (41, "about 45 s left"),
        (55, "about 1 min left"),
        (61, "about 2 min left"),
        (99 * 60, "about 99 min left"),
        (100 * 60, "about 2 h left"),
        (3.2 * 3600, "about 3.5 h left"),
    ],
)
def test_a_forecast_is_said_as_coarsely_as_it_is_known(seconds, words):
    assert to_words(seconds) == words
