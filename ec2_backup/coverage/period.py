"""Periods of time as people write them: `90m`, `24h`, `7d`, `2w`."""

import re
from datetime import timedelta

_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1), "w": timedelta(weeks=1)}
PATTERN = r"^\s*[0-9]{1,6}\s*[mhdwMHDW]\s*$"
_FORM = re.compile(r"([0-9]{1,6})\s*([mhdw])")
LONGEST = timedelta(days=36500)  # the longest retention of a recovery point (AWS Backup developer guide, Lifecycle)


def parse_period(text: str) -> timedelta:
    """Return the period that a text names, of a minute at least; raise ValueError with how it is written."""
    match = _FORM.fullmatch(text.strip().lower())
    period = int(match[1]) * _UNITS[match[2]] if match else timedelta()
    if not timedelta() < period <= LONGEST:
        raise ValueError(f"{text!r} is not a period: write it as 90m, 24h, 7d or 2w, of at most 100 years")
    return period


def to_period(period: timedelta) -> str:
    """Return a period of whole minutes in the largest unit that it is whole in: `90 min`, `24 h`, `7 d`."""
    minutes = round(period.total_seconds() / 60)
    if minutes % 60:
        return f"{minutes:,} min"
    hours = minutes // 60
    return f"{hours:,} h" if hours % 24 or hours <= 48 else f"{hours // 24:,} d"
