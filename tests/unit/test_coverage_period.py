"""Periods as people write them."""

from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.coverage.period import LONGEST, parse_period, to_period

UNITS = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800}


@given(st.integers(1, 999_999), st.sampled_from("mhdw"), st.sampled_from(["", " "]), st.booleans())
def test_a_period_is_a_number_and_a_unit_in_any_case_up_to_a_hundred_years(number, unit, space, upper):
    text = f"{number}{space}{unit}"
    meant = timedelta(seconds=number * UNITS[unit])

    if meant > LONGEST:
        with pytest.raises(ValueError, match="at most 100 years"):
            parse_period(text)
    else:
        assert parse_period(text.upper() if upper else text) == meant


@given(st.text(max_size=8))
def test_no_text_at_all_becomes_a_period_out_of_range(text):
    with suppress(ValueError):
        assert timedelta() < parse_period(text) <= LONGEST


@pytest.mark.parametrize("text", ["", "0h", "24", "h", "-1d", "1.5h", "24hours", "１h", "1d12h"])
def test_neither_nothing_nor_half_a_period_is_one(text):
    with pytest.raises(ValueError, match="is not a period: write it as 90m, 24h, 7d or 2w"):
        parse_period(text)


@given(st.integers(1, 52_560_000))
def test_a_period_of_whole_minutes_is_shown_without_loss(minutes):
    number, unit = to_period(timedelta(minutes=minutes)).split(" ")

    assert int(number.replace(",", "")) * {"min": 1, "h": 60, "d": 1440}[unit] == minutes


@pytest.mark.parametrize(("text", "shown"), [("90m", "90 min"), ("24h", "24 h"), ("2d", "48 h"), ("7d", "7 d")])
def test_a_period_is_shown_in_the_unit_that_people_use_for_it(text, shown):
    assert to_period(parse_period(text)) == shown
