"""What is new in a run is told by what was known of the same instances before it."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.history.comparison import to_since_last
from ec2_backup.history.past_run import PastRun
from ec2_backup.since import SinceLast
from ec2_backup.states import RunStatus, Verdict
from tests.unit.past_runs import FAILED, NOT_STARTED, PROVEN, RUNNING, a_past_run

GROUPS = ("newly_failing", "newly_fixed", "still_failing", "still_proven", "new", "vanished", "unsettled", "left_out")


def compared(run: PastRun, *others: PastRun) -> SinceLast:
    since = to_since_last(run, others)
    assert since
    return since


def groups_of(since: SinceLast) -> dict[str, tuple[str, ...]]:
    return {group: members for group in GROUPS if (members := getattr(since, group))}


def test_each_instance_is_told_by_what_became_of_it():
    before = a_past_run(1, a=PROVEN, b=PROVEN, c=FAILED, d=FAILED, gone=PROVEN)
    now = a_past_run(2, a=PROVEN, b=FAILED, c=PROVEN, d=FAILED, fresh=FAILED)

    since = compared(now, before)

    assert groups_of(since) == {
        "still_proven": ("a",), "newly_failing": ("b",), "newly_fixed": ("c",), "still_failing": ("d",),
        "new": ("fresh",), "vanished": ("gone",),
    }  # fmt: skip
    assert (since.run_key, since.started_at) == (before.run_key, before.started_at)
    assert since.names == {"gone": "name-of-gone"}


def test_a_first_run_has_nothing_to_be_compared_with():
    assert to_since_last(a_past_run(1, a=PROVEN), []) is None


@pytest.mark.parametrize(
    "other",
    [
        a_past_run(1, a=PROVEN, csv="other.csv"),
        replace(a_past_run(1, a=PROVEN), vault="other"),
        a_past_run(1, a=PROVEN, account="999999999999"),
        a_past_run(1, RunStatus.PLANNED, a=Verdict.PLANNED),
        a_past_run(3, a=PROVEN),
        a_past_run(1, a=PROVEN, key="run-2"),
    ],
    ids=["CSV", "vault", "account", "dry run", "a later run", "the run itself"],
)
def test_a_run_of_something_else_is_not_compared_with(other):
    assert to_since_last(a_past_run(2, a=FAILED), [other]) is None


def test_a_dry_run_is_compared_with_nothing():
    assert to_since_last(a_past_run(2, RunStatus.PLANNED, a=Verdict.PLANNED), [a_past_run(1, a=PROVEN)]) is None


def test_the_last_run_counts_in_whatever_order_the_runs_come():
    earlier = [a_past_run(2, a=PROVEN), a_past_run(1, a=FAILED)]

    assert compared(a_past_run(3, a=FAILED), *earlier).newly_failing == ("a",)
    assert compared(a_past_run(3, a=FAILED), *reversed(earlier)).newly_failing == ("a",)


def test_a_run_over_what_failed_lets_nothing_vanish():
    since = compared(a_past_run(2, is_part=True, b=PROVEN), a_past_run(1, a=PROVEN, b=FAILED))

    assert groups_of(since) == {"newly_fixed": ("b",), "left_out": ("a",)}


def test_after_a_run_over_what_failed_the_rest_of_the_list_is_not_new():
    nightly, repeat = a_past_run(1, a=PROVEN, b=FAILED), a_past_run(2, is_part=True, b=PROVEN)

    since = compared(a_past_run(3, a=PROVEN, b=FAILED), nightly, repeat)

    assert groups_of(since) == {"still_proven": ("a",), "newly_failing": ("b",)}
    assert since.run_key == repeat.run_key


def test_a_part_of_a_list_is_no_list_to_compare_with():
    assert to_since_last(a_past_run(2, a=PROVEN, b=PROVEN), [a_past_run(1, is_part=True, b=FAILED)]) is None


def test_what_an_older_repeat_knew_of_a_vanished_instance_does_not_bring_it_back():
    earlier = [a_past_run(1, a=PROVEN), a_past_run(2, is_part=True, gone=FAILED)]

    assert groups_of(compared(a_past_run(3, a=PROVEN), *earlier)) == {"still_proven": ("a",)}


def test_a_run_that_was_interrupted_says_nothing_of_what_it_did_not_reach():
    before = a_past_run(1, a=PROVEN, b=PROVEN, c=PROVEN)
    cut = a_past_run(2, RunStatus.INTERRUPTED, a=FAILED, b=RUNNING, c=NOT_STARTED)

    assert groups_of(compared(cut, before)) == {"newly_failing": ("a",), "unsettled": ("b", "c")}
    after = compared(a_past_run(3, a=FAILED, b=PROVEN, c=FAILED), before, cut)
    assert groups_of(after) == {"still_failing": ("a",), "still_proven": ("b",), "newly_failing": ("c",)}


def test_a_run_that_ended_before_it_read_its_list_has_nothing_to_say_and_changes_nothing():
    before, early = a_past_run(1, a=PROVEN), a_past_run(2, RunStatus.ABORTED, account="")

    assert to_since_last(early, [before]) is None
    assert groups_of(compared(a_past_run(3, a=FAILED), before, early)) == {"newly_failing": ("a",)}


def test_a_job_that_outlived_its_deadline_has_failed():
    assert compared(a_past_run(2, a=RUNNING), a_past_run(1, a=PROVEN)).newly_failing == ("a",)


names = st.sampled_from("abcdefgh")
verdicts = st.dictionaries(names, st.sampled_from([PROVEN, FAILED, RUNNING, NOT_STARTED]))
statuses = st.sampled_from([None, RunStatus.INTERRUPTED, RunStatus.ABORTED])
runs = st.builds(
    lambda day, status, is_part, seen: a_past_run(day, status, is_part=is_part, **seen),
    st.integers(1, 9), statuses, st.booleans(), verdicts,
)  # fmt: skip


@given(verdicts, statuses, st.booleans(), verdicts.filter(bool))
def test_every_instance_of_two_runs_is_in_exactly_one_group(before, status, is_part, now):
    since = compared(a_past_run(2, status, is_part=is_part, **now), a_past_run(1, **before))

    counted = Counter(name for group in GROUPS for name in getattr(since, group))
    assert counted == Counter(before.keys() | now.keys())


@given(st.lists(runs, max_size=6), runs)
def test_whatever_came_before_no_instance_is_in_two_groups_and_none_of_the_run_is_lost(earlier, run):
    since = to_since_last(run, earlier)

    told = [name for group in GROUPS for name in getattr(since, group)] if since else []
    assert len(told) == len(set(told))
    assert since is None or run.seen.keys() <= set(told)


@given(verdicts.filter(bool))
def test_a_run_that_came_to_the_same_has_no_news(seen):
    assert not compared(a_past_run(2, **seen), a_past_run(1, **seen)).has_news
