"""What a cell of a list of restores says, or a flag of the command; a parser raises ValueError with the reason."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, time
from types import MappingProxyType
from typing import Any

from ec2_backup.instance_ids import parse_instance_id, parse_region, to_clean
from ec2_backup.restore.model import NO_PROFILE, Changes, RestoreRow
from ec2_backup.tagrules import raise_for_name

_POINT_ARN = re.compile(r"arn:aws[a-z-]*:ec2:([a-z0-9-]+)::image/ami-(?:[0-9a-f]{8}|[0-9a-f]{17})")
_ID = r"(?:[0-9a-f]{8}|[0-9a-f]{17})"
_SUBNET, _GROUP = re.compile(rf"subnet-{_ID}"), re.compile(rf"sg-{_ID}")
_TYPE = re.compile(r"[a-z][a-z0-9-]*\.[a-z0-9-]+")
_PROFILE = re.compile(r"[\w+=,.@-]{1,128}")  # IAM API reference, InstanceProfileName
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
# Python reads more, such as 20261122 and 2026-W47-7, and takes these for the beginning of the day: an older recovery
# point would be restored than the one that a date means here.
_TIME = re.compile(rf"{_DATE.pattern}(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{{1,6}})?)?(?:[Zz]|[+-]\d\d:?\d\d)?)?", re.ASCII)


def parse_point_arn(cell: str) -> str:
    """Return the ARN of a recovery point of an instance, which is that of an AMI without an account."""
    text = to_clean(cell)
    if _POINT_ARN.fullmatch(text):
        return text
    if text.startswith("ami-"):
        raise ValueError(f"{text} is the id of an AMI; the recovery point is arn:aws:ec2:REGION::image/{text}")
    if ":snapshot/" in text or ":recovery-point:" in text:
        raise ValueError(f"{text[:100]!r} is a recovery point of something other than an EC2 instance")
    raise ValueError(f"{text[:100]!r} is not the ARN of an instance's recovery point: arn:aws:ec2:REGION::image/ami-…")


def region_of(point_arn: str) -> str:
    """Return the Region that the ARN of a recovery point names."""
    return point_arn.split(":")[3]


def parse_at(cell: str) -> datetime:
    """Return a time in UTC, which is what a time without a zone means; a date alone means the end of that day."""
    text = to_clean(cell)
    try:
        if _TIME.fullmatch(text):
            return _to_utc(text.upper())
    except (ValueError, OverflowError):  # no such day, or one that UTC has in no year of ours
        pass
    raise ValueError(f"{text[:40]!r} is not a time such as 2026-11-22T02:00 or 2026-11-22")


def _to_utc(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if _DATE.fullmatch(text):
        return datetime.combine(moment.date(), time.max, UTC)
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


def parse_subnet(cell: str) -> str:
    """Return the id of a subnet."""
    return _matching(_SUBNET, to_clean(cell).lower(), "the id of a subnet, such as subnet-0a1b2c3d4e5f60718")


def parse_groups(cell: str) -> tuple[str, ...]:
    """Return the ids of security groups, between which there are spaces, commas or semicolons."""
    words = [word for word in re.split(r"[\s,;|]+", to_clean(cell).lower()) if word]
    return tuple(
        dict.fromkeys(_matching(_GROUP, word, "the id of a security group, such as sg-0a1b2c3d") for word in words)
    )


def parse_type(cell: str) -> str:
    """Return an instance type."""
    return _matching(_TYPE, to_clean(cell).lower(), "an instance type, such as t3.micro")


def parse_profile(cell: str) -> str:
    """Return the name of an instance profile, or `none`."""
    text = to_clean(cell)
    if text.lower() == NO_PROFILE:
        return NO_PROFILE
    if text.startswith("arn:"):
        text = text.rpartition("/")[2]
    return _matching(_PROFILE, text, "the name of an instance profile")


def parse_name(cell: str) -> str:
    """Return a name that an instance may have as its Name tag."""
    text = " ".join(to_clean(cell).split())
    raise_for_name(text)
    return text


def parse_turn(cell: str) -> int:
    """Return a whole number from 1 on."""
    text = to_clean(cell)
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text) <= 1_000_000:
        raise ValueError(f"{text[:40]!r} is not a place in an order: a whole number from 1 on")
    return int(text)


def _matching(pattern: re.Pattern[str], text: str, what: str) -> str:
    if not pattern.fullmatch(text):
        raise ValueError(f"{text[:60]!r} is not {what}")
    return text


PARSERS: Mapping[str, Callable[[str], Any]] = MappingProxyType(
    {
        "instance": parse_instance_id,
        "recovery_point": parse_point_arn,
        "at": parse_at,
        "order": parse_turn,
        "region": parse_region,
        "subnet": parse_subnet,
        "security_groups": parse_groups,
        "instance_type": parse_type,
        "profile": parse_profile,
        "key_pair": to_clean,
        "name": parse_name,
    }
)
"""The parser of each column, and of the parameter of that name."""


def to_row(line: int, texts: Mapping[str, str], turn: int = 1) -> RestoreRow:
    """Return the row that cells make, by the names of their columns; an empty one is as one that is not there.

    Raises ValueError with the reason why they make none.
    """
    cells = {name: PARSERS[name](text) for name, text in texts.items() if to_clean(text)}
    instance_id, region_of_arn, _ = cells.get("instance", ("", None, None))
    point_arn = cells.get("recovery_point", "")
    if not instance_id and not point_arn:
        raise ValueError("neither an instance nor a recovery point is named")
    if point_arn and "at" in cells:
        raise ValueError("a recovery point has its own time: leave either it or the time out")
    named = {one for one in (cells.get("region"), region_of_arn, region_of(point_arn) if point_arn else "") if one}
    if len(named) > 1:
        raise ValueError(f"more than one Region is named: {' and '.join(sorted(named))}")
    return RestoreRow(
        line=line,
        instance_id=instance_id,
        recovery_point_arn=point_arn,
        before=cells.get("at"),
        turn=cells.get("order", turn),
        region=next(iter(named), ""),
        changes=Changes(
            subnet=cells.get("subnet", ""),
            security_groups=cells.get("security_groups", ()),
            instance_type=cells.get("instance_type", ""),
            profile=cells.get("profile", ""),
            key_pair=cells.get("key_pair", ""),
            name=cells.get("name", ""),
        ),
    )
