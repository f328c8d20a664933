"""The trend's geometry: a bar for each run, in its place, and nothing that went wrong too small to be seen."""

from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.history.trend import LEAST_SEEN, Trend, to_trend
from ec2_backup.states import RunStatus
from tests.unit.past_runs import FAILED, PROVEN, a_past_run


def trend_of(*runs: object) -> Trend:
    trend = to_trend(runs)  # type: ignore[arg-type]
    assert trend
    return trend


def test_one_run_is_no_trend():
    assert to_trend([]) is None
    assert to_trend([a_past_run(1, a=PROVEN)]) is None


def test_a_bar_shows_what_is_proven_and_what_is_not():
    good, half, early = trend_of(
        a_past_run(1, a=PROVEN), a_past_run(2, a=PROVEN, b=FAILED), a_past_run(3, RunStatus.ABORTED)
    ).bars

    assert [(bar.proven, bar.rest) for bar in (good, half, early)] == [(100, 0), (50, 50), (0, 100)]


@pytest.mark.parametrize(
    ("status", "fill"),
    [(RunStatus.INCOMPLETE, "failed"), (RunStatus.ABORTED, "failed"), (RunStatus.INTERRUPTED, "running")],
)
def test_what_is_not_proven_looks_like_how_the_run_ended(status, fill):
    assert trend_of(a_past_run(1, a=PROVEN), a_past_run(2, status, a=FAILED)).bars[-1].fill == fill


def test_one_failure_of_a_thousand_is_seen_and_so_is_one_success():
    almost = a_past_run(1, **{f"n{number}": FAILED if number == 7 else PROVEN for number in range(1000)})
    hardly = a_past_run(2, **{f"n{number}": PROVEN if number == 7 else FAILED for number in range(1000)})

    first, second = trend_of(almost, hardly).bars
    assert first.rest == LEAST_SEEN
    assert second.proven == LEAST_SEEN


def test_a_duration_is_as_high_as_it_is_long_beside_the_longest():
    runs = [a_past_run(day, seconds=seconds) for day, seconds in enumerate((100, 400, 200, 0))]
    trend = trend_of(*runs)

    assert [bar.duration for bar in trend.bars] == [25, 100, 50, LEAST_SEEN]
    assert trend.longest == runs[1].seconds
    assert trend.latest is runs[-1]


def test_runs_without_any_duration_can_be_drawn():
    assert [bar.duration for bar in trend_of(a_past_run(1, seconds=0), a_past_run(2, seconds=0)).bars] == [
        LEAST_SEEN
    ] * 2


def test_labels_are_days_where_the_runs_span_days_and_else_times():
    nightly = trend_of(*(a_past_run(day) for day in range(30)))
    hourly = trend_of(*(a_past_run(0, key=f"run-{number}") for number in range(3)))

    assert nightly.bars[-1].label == "30 Mar"
    assert 2 < len([bar for bar in nightly.bars if bar.label]) <= 4
    assert hourly.bars[-1].label == "02:30"


@given(st.integers(2, 60))
def test_the_bars_stand_side_by_side_within_the_picture(number):
    bars = trend_of(*(a_past_run(day, a=PROVEN) for day in range(number))).bars

    assert all(one.left + one.width < other.left for one, other in pairwise(bars))
    assert bars[0].left >= 0
    assert bars[-1].left + bars[-1].width <= 100
    assert all(bar.proven + bar.rest == pytest.approx(100) for bar in bars)


def test_a_run_of_which_nobody_knows_how_long_it_took_has_no_bar_for_it():
    trend = trend_of(a_past_run(1, a=PROVEN), replace(a_past_run(2, a=FAILED), seconds=None))

    assert [bar.duration for bar in trend.bars] == [100, 0]
    assert trend.longest == 1200


def test_where_no_time_is_known_none_is_the_longest():
    trend = trend_of(*(replace(a_past_run(day, a=FAILED), seconds=None) for day in (1, 2)))

    assert trend.longest is None
    assert [bar.duration for bar in trend.bars] == [0, 0]
