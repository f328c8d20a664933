"""The proof of a restore as a tag: written, read again, and told from what others write."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.restore.mark import RestoreProof, newest_of_each, parse_mark, to_mark
from ec2_backup.settings import raise_for_tag

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - they get one
SECONDS = st.floats(0, 10**7)


@given(MOMENTS, SECONDS)
def test_what_is_written_is_read_again_to_the_second(moment: datetime, seconds: float) -> None:
    read = parse_mark(to_mark(moment, seconds))

    assert read is not None
    assert abs(read[0] - moment) < timedelta(seconds=1)
    assert abs(read[1] - seconds) <= 0.5


@given(MOMENTS, SECONDS)
def test_the_mark_is_a_value_that_ec2_takes(moment: datetime, seconds: float) -> None:
    raise_for_tag("DrillProven", to_mark(moment, seconds))


@given(st.text() | st.from_regex(r"2[0-9]{3}-[0-9]{1,2}-[0-9]{1,2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z [0-9.]{1,4}"))
def test_what_somebody_else_has_written_is_no_proof(text: str) -> None:
    read = parse_mark(text)

    assert read is None or to_mark(*read).split() == [text[:20], str(int(text[21:]))]


def test_a_time_of_another_zone_is_written_in_utc() -> None:
    local = datetime(2026, 11, 22, 4, 10, tzinfo=timezone(timedelta(hours=1)))

    assert to_mark(local, 312.4) == "2026-11-22T03:10:00Z 312"


@pytest.mark.parametrize("text", ["2026-11-22T03:10:00Z inf", "2026-11-22T03:10:00Z -1", "2026-13-22T03:10:00Z 5"])
def test_what_is_no_time_is_no_proof(text: str) -> None:
    assert parse_mark(text) is None


def test_of_several_proofs_of_an_instance_the_newest_counts() -> None:
    day = timedelta(days=1)
    first = datetime(2026, 11, 20, tzinfo=UTC)
    proofs = [RestoreProof("i-1", f"ami-{number}", first + number * day, 60) for number in (1, 3, 2)]
    other = RestoreProof("i-2", "ami-9", first, 60)

    assert newest_of_each([*proofs, other]) == {"i-1": proofs[1], "i-2": other}
