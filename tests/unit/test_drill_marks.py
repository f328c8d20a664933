"""The tags of a drill are read as they were written, and say nothing where somebody else wrote them."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.drill.marks import Mark, longest, to_mark, to_mark_tags, to_proof, to_proof_tag
from ec2_backup.drill.request import DrillOptions
from ec2_backup.drilled import Restored
from ec2_backup.settings import raise_for_tag
from tests.unit.drills import KEY, a_request
from tests.unit.restores import NOW, SUBNET

moments = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0, tzinfo=UTC))  # noqa: DTZ001
keys = st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", fullmatch=True)


@given(keys, moments)
def test_a_mark_is_read_as_it_was_written_and_ec2_takes_its_tags(key: str, until: datetime) -> None:
    mark = Mark(key, until, SUBNET)
    tags = to_mark_tags(mark)

    assert to_mark(tags) == mark
    for name, value in tags.items():
        raise_for_tag(name, value)


@given(keys, moments, st.none() | st.integers(0, 10**6))
def test_a_proof_is_read_as_it_was_written_and_ec2_takes_its_tag(key: str, at: datetime, seconds: int | None) -> None:
    tags = to_proof_tag(Restored(at, seconds, key))

    assert to_proof(tags) == Restored(at, seconds, key)
    for name, value in tags.items():
        raise_for_tag(name, value)


@given(st.text())
def test_what_somebody_else_wrote_is_no_proof_and_gives_no_drill_up_for_dead(text: str) -> None:
    mark = to_mark({"DrillRunId": KEY, "DrillUntil": text})

    assert mark is not None
    assert to_proof({"DrillProven": text}) is None or text[:4].isdigit()
    assert not mark.is_over(NOW) or mark.until is not None


def test_a_drill_is_over_when_its_time_is_and_not_before() -> None:
    mark = Mark(KEY, NOW)

    assert not mark.is_over(NOW - timedelta(seconds=1))
    assert mark.is_over(NOW)
    assert not Mark(KEY).is_over(NOW), "whoever does not say until when may still be at work"


def test_the_longest_time_is_that_of_every_wait_and_some_more() -> None:
    options = DrillOptions(deadline_minutes=100, checks_minutes=20, check_minutes=7)

    assert longest(a_request(check="true", options=options)) == timedelta(minutes=100 + 20 + 7 + 15 + 30)
    assert longest(a_request(options=options)) == timedelta(minutes=100 + 20 + 15 + 30), "nothing waits for a check"


def test_the_longest_time_is_as_the_documentation_says_with_the_defaults() -> None:
    assert longest(a_request(check="true")) == timedelta(hours=5, minutes=45)
    assert longest(a_request()) == timedelta(hours=5, minutes=15)
