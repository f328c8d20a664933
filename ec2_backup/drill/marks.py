"""The tags by which a drill is known to others: on what it made, on the image it restores from, and as its proof.

AWS is the memory: a drill that dies leaves tags behind which tell the next one, on any machine, what is its own to
remove and when it may.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from ec2_backup.drill.request import DrillRequest
from ec2_backup.drilled import Restored
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.settings import DRILL_TAG, PROVEN_TAG, UNTIL_TAG

REMOVAL = timedelta(minutes=15)
"""How long what is told to terminate may take for it; EC2 takes a minute or two."""

SLACK = timedelta(minutes=30)
_UNSEEN = "-"
_TIME = "%Y-%m-%dT%H:%M:%SZ"


@dataclass(frozen=True, slots=True)
class Mark:
    """Whose something is: a drill's, into which subnet it restores, and until when it may still be at work.

    `until` is None, and `subnet` empty, where no tag says so.
    """

    drill_key: str
    until: datetime | None = None
    subnet: str = ""

    def is_over(self, now: datetime) -> bool:
        """Return whether the drill has ended or died by now, for it cannot still be at work."""
        return self.until is not None and self.until <= now


def longest(request: DrillRequest) -> timedelta:
    """Return how long the drill of one instance may take at the most, from its restore's start to its removal.

    The time for a check command counts only where there is one.
    """
    options = request.options
    minutes = options.deadline_minutes + options.checks_minutes + (options.check_minutes if request.check else 0)
    return timedelta(minutes=minutes) + REMOVAL + SLACK


def to_mark_tags(mark: Mark) -> dict[str, str]:
    """Return the tags that say whose something is, until when, and in which subnet."""
    until = f"{mark.until.astimezone(UTC):{_TIME}} {mark.subnet}" if mark.until else ""
    return {DRILL_TAG: mark.drill_key, UNTIL_TAG: until.rstrip()}


def to_mark(tags: Mapping[str, str]) -> Mark | None:
    """Return whose these tags say that something is, None where they say nothing of a drill."""
    key = tags.get(DRILL_TAG, "")
    until, _, subnet = tags.get(UNTIL_TAG, "").partition(" ")
    return Mark(key, _parsed(until), subnet) if key else None


def marked(plan: PlannedRestore, mark: Mark) -> PlannedRestore:
    """Return the plan of an instance that will bear the mark."""
    return replace(plan, tags={**plan.tags, **to_mark_tags(mark)})


def to_proof_tag(proof: Restored) -> dict[str, str]:
    """Return the tag that says when a recovery point was restored, in how many seconds, and in which drill."""
    took = _UNSEEN if proof.seconds is None else f"{proof.seconds:.0f}"
    return {PROVEN_TAG: f"{proof.at.astimezone(UTC):{_TIME}} {took} {proof.drill_key}".rstrip()}


def to_proof(tags: Mapping[str, str]) -> Restored | None:
    """Return what the tags of an image say of its last drill, None where there was none, or nobody can read it."""
    when, _, rest = tags.get(PROVEN_TAG, "").partition(" ")
    seconds, _, key = rest.partition(" ")
    at = _parsed(when)
    if at is None or not (seconds.isdecimal() or seconds == _UNSEEN):
        return None
    return Restored(at, None if seconds == _UNSEEN else float(seconds), key)


def _parsed(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, _TIME).replace(tzinfo=UTC)
    except ValueError:
        return None
