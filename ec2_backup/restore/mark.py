"""The proof of a restore, kept as a tag on the image of its recovery point: whoever looks later finds it there."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

PROVEN_TAG = "DrillProven"
_FORM = "%Y-%m-%dT%H:%M:%SZ"
_MARK = re.compile(r"(2[0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z) ([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class RestoreProof:
    """That the recovery point which is this image was restored, when the new instance was proven, and how long it took.

    `recovery_seconds` is the time from the restore job's creation to both status checks.
    """

    instance_id: str
    image_id: str
    proven_at: datetime
    recovery_seconds: float


def to_mark(proven_at: datetime, recovery_seconds: float) -> str:
    """Return the value of the tag: `2026-11-22T03:10:00Z 312`."""
    return f"{proven_at.astimezone(UTC):{_FORM}} {recovery_seconds:.0f}"


def parse_mark(text: str) -> tuple[datetime, float] | None:
    """Return what `to_mark` was given, None for a text that somebody else has written."""
    written = _MARK.fullmatch(text)
    try:
        return (datetime.strptime(written[1], _FORM).replace(tzinfo=UTC), float(written[2])) if written else None
    except ValueError:  # digits that are no date
        return None


def newest_of_each(proofs: Iterable[RestoreProof]) -> dict[str, RestoreProof]:
    """Return the newest proof of each instance, by its id."""
    return {one.instance_id: one for one in sorted(proofs, key=lambda one: one.proven_at)}
