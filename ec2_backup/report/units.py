"""Sizes, durations, counts and rates, as a person reads them."""

from ec2_backup.model import GIB

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400


def size(size_bytes: float) -> str:
    """Return bytes in GiB or TiB, as EBS counts them: `184 GiB`, `1.5 TiB`."""
    gib = size_bytes / GIB
    if 0 < gib < 0.1:
        return "less than 0.1 GiB"
    return f"{_short(gib)} GiB" if gib < 1024 else f"{_short(gib / 1024)} TiB"


def duration(seconds: float) -> str:
    """Return a time in its two largest units: `4.2 s`, `2 min 05 s`, `1 h 02 min`, `3 d 04 h`."""
    if seconds < 9.95:
        return f"{_short(max(seconds, 0.0))} s"
    whole = round(seconds)
    for unit, name, smaller, smaller_name in (
        (_DAY, "d", _HOUR, "h"),
        (_HOUR, "h", _MINUTE, "min"),
        (_MINUTE, "min", 1, "s"),
    ):
        if whole >= unit:
            return f"{whole // unit} {name} {whole % unit // smaller:02} {smaller_name}"
    return f"{whole} s"


def count(number: int, noun: str, plural: str = "") -> str:
    """Return a number with its noun in the singular or plural: `1 instance`, `1,000 instances`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def percentage(fraction: float) -> str:
    """Return a rate with one decimal, never rounded to 0 % or 100 % where it is neither."""
    if 0 < fraction < 0.001:
        return "under 0.1 %"
    if 0.999 < fraction < 1:
        return "over 99.9 %"
    return f"{_short(fraction * 100)} %"


def _short(number: float) -> str:
    return f"{number:,.1f}".removesuffix(".0")
