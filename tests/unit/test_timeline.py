from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.report.timeline import MOST_TICKS, to_timeline
from ec2_backup.results import Outcome
from tests.unit.reports import STARTED, failed, not_started, proven, running

ANY_TIME = st.integers(0, 40 * 86_400)


def ran(number: int, began: float, ended: float | None) -> Outcome:
    """Return an outcome whose job was created and ended at these seconds of the run."""
    outcome = proven(number)
    end = None if ended is None else STARTED + timedelta(seconds=ended)
    job = replace(outcome.job, created_at=STARTED + timedelta(seconds=began), completed_at=end)
    return replace(outcome, job=job)


fleets = st.lists(st.tuples(ANY_TIME, st.none() | ANY_TIME), min_size=1, max_size=30).map(
    lambda times: [ran(number, *pair) for number, pair in enumerate(times)]
)
ends = ANY_TIME.map(lambda seconds: STARTED + timedelta(seconds=seconds))


@given(fleets, ends)
@settings(max_examples=300, deadline=None)
def test_every_bar_lies_inside_the_axis_and_can_be_seen(fleet, until):
    timeline = to_timeline(fleet, until)

    assert len(timeline.bars) == len(fleet)
    assert all(bar.left >= 0 and bar.width > 0 and bar.left + bar.width <= 100 + 1e-9 for bar in timeline.bars)
    assert all(bar.seconds >= 0 for bar in timeline.bars)


@given(fleets, ends)
@settings(max_examples=300, deadline=None)
def test_bars_stand_in_the_order_in_which_the_jobs_were_created(fleet, until):
    timeline = to_timeline(fleet, until)

    assert all(one.started <= next_one.started for one, next_one in pairwise(timeline.bars))
    assert all(one.left <= next_one.left + 0.4 + 1e-9 for one, next_one in pairwise(timeline.bars))


@given(fleets, ends)
@settings(max_examples=300, deadline=None)
def test_the_axis_has_a_few_ticks_in_even_steps(fleet, until):
    places = [tick.left for tick in to_timeline(fleet, until).ticks]
    gaps = [after - before for before, after in pairwise(places)]

    assert len(places) <= MOST_TICKS
    assert all(0 <= place <= 100 for place in places)
    assert gaps == pytest.approx([gaps[0]] * len(gaps) if gaps else [])


def test_two_jobs_share_the_axis_as_they_shared_the_time():
    first, second = to_timeline([ran(1, 0, 600), ran(2, 300, 1200)], STARTED).bars

    assert (first.left, first.width) == (0, 50)
    assert (second.left, second.width) == (25, 75)


def test_ticks_say_the_time_of_day():
    timeline = to_timeline([ran(1, 0, 1200)], STARTED)

    assert [(tick.left, tick.label) for tick in timeline.ticks] == [
        (0, "02:30"), (25, "02:35"), (50, "02:40"), (75, "02:45"), (100, "02:50"),
    ]  # fmt: skip


def test_ticks_say_the_seconds_of_a_short_run_and_the_day_of_a_long_one():
    short, long = (to_timeline([ran(1, 0, seconds)], STARTED).ticks for seconds in (20, 3 * 86_400))

    assert [tick.label for tick in short] == ["02:30:00", "02:30:05", "02:30:10", "02:30:15", "02:30:20"]
    assert long[0].label == "02 Mar 00:00"


def test_a_job_that_goes_on_is_drawn_up_to_the_end_of_the_run():
    until = STARTED + timedelta(minutes=30)
    (bar,) = to_timeline([running(1)], until).bars

    assert (bar.ended, bar.width, bar.seconds) == (None, 100, 1800)


def test_a_job_that_ends_before_it_began_by_another_clock_has_no_length():
    bar, _ = to_timeline([ran(1, 60, 10), ran(2, 70, 100)], STARTED).bars

    assert bar.seconds == 0
    assert bar.width > 0


def test_the_longest_job_is_one_that_has_ended():
    timeline = to_timeline([ran(1, 0, 60), ran(2, 0, 90), ran(3, 0, None)], STARTED + timedelta(hours=1))

    assert timeline.longest.seconds == 90


def test_instances_without_a_job_have_no_bar():
    assert to_timeline([not_started(1)], datetime.now(UTC)) is None
    assert len(to_timeline([not_started(1), failed(2)], STARTED).bars) == 1
