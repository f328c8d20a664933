"""How long a watch pauses between two looks: close at first and near the end, calm between."""

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.states import BackupJobState
from ec2_backup.watch import Patience, pause_seconds
from tests.unit.backups import BEGAN, a_job, instance_id
from tests.unit.skies import Sky, Time, watched

CREATED, COMPLETED = BackupJobState.CREATED, BackupJobState.COMPLETED
PATIENCE = Patience(timedelta(hours=12), 60)
SHOWN = (0.0, frozenset[str]())


def test_pauses_grow_with_the_age_of_the_jobs_from_a_second_to_the_longest():
    assert pause_seconds(0, PATIENCE) == 1
    assert pause_seconds(-30, PATIENCE) == 1
    assert pause_seconds(100, PATIENCE) == 25
    assert pause_seconds(6000, PATIENCE) == 60


def test_pauses_shrink_when_the_last_jobs_may_end_soon_and_are_a_little_longer_than_that():
    assert pause_seconds(300, PATIENCE, 1, 25) == pytest.approx(27.5)
    assert pause_seconds(300, PATIENCE, 1, 5) == 10
    assert pause_seconds(200, PATIENCE, 1, 500) == 50
    assert pause_seconds(10, PATIENCE, 1, 0.1) == 1


def test_the_more_jobs_go_on_the_calmer_they_are_watched_up_to_the_longest_pause():
    patience = Patience(timedelta(hours=12), 300)

    assert [pause_seconds(100, patience, jobs) for jobs in (1, 250, 500, 1000, 50_000)] == [25, 25, 50, 100, 100]
    assert pause_seconds(0, patience, 1000) == 1
    assert pause_seconds(400, patience, 1000) == 300


def alike(number: int) -> float:
    return number / 5 + 3600


def one_after_another(number: int) -> float:
    return 600 + 3 * number


def with_a_long_tail(number: int) -> float:
    return number / 5 + (600 if number < 990 else 3600)


@pytest.mark.parametrize(("ends_at", "looks"), [(alike, 16), (one_after_another, 16), (with_a_long_tail, 20)])
def test_an_hour_of_a_thousand_jobs_takes_few_looks_and_its_last_end_is_seen_within_two_minutes(ends_at, looks):
    started_in = timedelta(seconds=200)  # at AWS's five a second
    jobs = [a_job(instance_id(number), CREATED, hours=number / 18_000) for number in range(1000)]
    ends = {job.job_id: (ends_at(number), COMPLETED) for number, job in enumerate(jobs)}
    sky = Sky(Time(BEGAN + started_in), ends, [SHOWN])

    watched(jobs, sky.look, sky.describe, Patience(timedelta(hours=12), 300), sky.time.clock)

    last = BEGAN + timedelta(seconds=max(seconds for seconds, _ in ends.values()))
    assert sky.seen <= looks
    assert sky.time.now() - last < timedelta(minutes=2)


@settings(deadline=None)
@given(st.floats(0, 90_000), st.integers(1, 20_000), st.none() | st.floats(0, 90_000), st.floats(60, 600))
def test_no_pause_is_longer_than_the_longest_nor_than_the_jobs_have_been_going(age, jobs, ends_in, longest):
    pause = pause_seconds(age, Patience(timedelta(hours=12), longest), jobs, ends_in)

    assert 1 <= pause <= min(longest, max(1, age))
