"""A run's key says when it began, on every machine."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.runkey import to_began_at, to_run_key
from ec2_backup.settings import BackupRequest

MOMENTS = st.integers(1_577_836_800_000, 4_070_908_800_000).map(lambda ms: datetime.fromtimestamp(ms / 1000, UTC))


@given(MOMENTS, st.text())
def test_the_key_gives_back_the_second_in_which_the_run_began(moment, seed):
    assert to_began_at(to_run_key(moment, seed)) == moment.replace(microsecond=0)


@given(MOMENTS, st.text())
def test_every_key_is_one_that_a_request_takes(moment, seed):
    key = to_run_key(moment, seed)

    assert BackupRequest(run_key=key).run_key == key


def test_a_key_is_in_utc_wherever_the_machine_is():
    moment = datetime(2026, 3, 1, 4, 30, tzinfo=timezone(timedelta(hours=2)))

    assert to_run_key(moment, "0c6a3a5e-9f1b-4d3e") == "20260301T023000Z-0c6a3a5e"


def test_seeds_set_runs_of_the_same_second_apart():
    moment = datetime(2026, 3, 1, tzinfo=UTC)

    assert to_run_key(moment, "aaaa") != to_run_key(moment, "bbbb")
    assert to_run_key(moment, "") == "20260301T000000Z-00000000"


@pytest.mark.parametrize(
    "key", ["nightly", "", "20260301T023000Z", "20260301T023000Z-xyz", "x20260301T023000Z-0c6a3a5e"]
)
def test_a_freely_chosen_key_tells_no_time(key):
    assert to_began_at(key) is None


@pytest.mark.parametrize("key", ["20261301T023000Z-0c6a3a5e", "99999999T999999Z-00000000"])
def test_a_key_of_the_right_form_with_an_impossible_time_tells_no_time(key):
    assert to_began_at(key) is None
