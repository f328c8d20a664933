"""Where an instance stands: its recovery points, those of them that were looked into, and the objective. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from ec2_backup.coverage.advice import advise
from ec2_backup.coverage.model import Coverage, KeptPoint, SeenInstance, Standing
from ec2_backup.coverage.period import to_period
from ec2_backup.coverage.proof import (
    UNDER_WAY,
    Looked,
    defects,
    grown,
    is_proven,
    taken_at,
    to_candidates,
    to_origin,
    uncovered,
)
from ec2_backup.model import Volume
from ec2_backup.report.units import count, duration

_ENDED = "the look ended before that"  # as nothing else keeps it from looking where all could be read
_MAY_BE_BETTER = frozenset({Standing.LATE, Standing.UNPROVEN, Standing.PARTLY})


@dataclass(frozen=True, slots=True)
class Yardstick:
    """What instances are held against: the objective, when a deletion is soon, and the time by AWS's clock.

    `blind` says by account and Region what could not be read there: any instance may have more than was seen, since a
    copy of its recovery points may be in whatever Region or account.
    """

    objective: timedelta
    warning: timedelta
    now: datetime
    blind: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def blind_for(self, account: str, region: str) -> str:
        """Return what could not be read, best of where an instance is, or else of any other place; "" for nothing."""
        return self.blind.get((account, region)) or next(iter(self.blind.values()), "")


def assess(seen: SeenInstance, points: Sequence[KeptPoint], looked: Looked, by: Yardstick) -> Coverage:
    """Return where an instance stands, from all its recovery points and what was looked into of them."""
    candidates = to_candidates(points, seen)
    proven = next((one for one in candidates if is_proven(one, seen.instance, looked)), None)
    found = Coverage(
        instance=seen.instance,
        account=seen.account,
        standing=Standing.COVERED,
        points=len(points),
        newest=_with_image(max(points, key=taken_at), looked) if points else None,
    )
    if proven is None:
        return _advised(_unproven(found, seen, points, candidates, looked, by), by)
    return _advised(_proven(found, seen, proven, candidates, looked, by), by)


def _proven(
    found: Coverage,
    seen: SeenInstance,
    proven: KeptPoint,
    candidates: Sequence[KeptPoint],
    looked: Looked,
    by: Yardstick,
) -> Coverage:
    point = looked[proven.point.arn]
    age = max(by.now - taken_at(proven), timedelta())
    missing = uncovered(proven, seen.instance, point)
    newer = candidates[: candidates.index(proven)]
    delete_at = proven.point.delete_at
    whole = replace(
        found,
        last=replace(proven, point=point),
        age_seconds=age.total_seconds(),
        origin=to_origin(proven, point),
        uncovered=missing,
        expires_soon=delete_at is not None and delete_at <= by.now + by.warning,
        notes=_notes(seen, proven, newer, looked),
    )
    without = _missing(seen, missing, proven)
    if age > by.objective:
        old = f"the last proven recovery point is {duration(age.total_seconds())} old, allowed are {_allowed(by)}"
        since = [f"newer ones are not proven: {_why(newer[0], seen, looked)}"] if newer else []
        return replace(whole, standing=Standing.LATE, reason="; ".join([old, *since, *without]))
    if missing:
        return replace(whole, standing=Standing.PARTLY, reason="; ".join(without))
    return whole


def _unproven(
    found: Coverage,
    seen: SeenInstance,
    points: Sequence[KeptPoint],
    candidates: Sequence[KeptPoint],
    looked: Looked,
    by: Yardstick,
) -> Coverage:
    blind = by.blind_for(seen.account, seen.instance.region)
    known = [one for one in candidates if one.point.arn in looked]
    if candidates and not known:
        denied = by.blind_for(candidates[0].account, candidates[0].region) or _ENDED
        return replace(
            found, standing=Standing.UNKNOWN, reason=f"its recovery points could not be looked into: {denied}"
        )
    origin = to_origin(found.newest, looked.get(found.newest.point.arn)) if found.newest else None
    if known:
        some = (
            "" if len(known) == len(points) else f"{len(known)} of {count(len(points), 'recovery point')} looked into: "
        )
        why = f"{some}none is proven, the newest of {_date(known[0])}: {_why(known[0], seen, looked)}"
    elif points:
        why = _unfinished(points)
    elif blind:
        return replace(found, standing=Standing.UNKNOWN, reason=f"no recovery point in what could be read: {blind}")
    else:
        return replace(found, standing=Standing.NEVER, reason="no vault has a recovery point of it")
    return replace(found, standing=Standing.UNPROVEN, origin=origin, reason=why)


def _unfinished(points: Sequence[KeptPoint]) -> str:
    """Return what is said of recovery points none of which is complete."""
    newest = max(points, key=taken_at)
    if newest.point.status == UNDER_WAY:
        return f"its first recovery point is being made since {_date(newest)}"
    said = f" ({newest.point.status_message})" if newest.point.status_message else ""
    state = f"{newest.point.status}{said}"
    return f"none of {count(len(points), 'recovery point')} is complete, the newest of {_date(newest)} is {state}"


def _notes(seen: SeenInstance, proven: KeptPoint, newer: Sequence[KeptPoint], looked: Looked) -> tuple[str, ...]:
    bigger = grown(seen.instance, looked[proven.point.arn])
    place = f"{proven.region} of account {proven.account}"
    return (
        *(f"the recovery point of {_date(one)} is not proven: {_why(one, seen, looked)}" for one in newer),
        *(f"{_name(volume)} has grown since: what was added is not in it" for volume in bigger),
        *([f"the last proven recovery point is a copy in {place}"] if proven.is_copy else []),
        *(f"not covered by any image: {disk}" for disk in seen.instance.instance_store),
    )


def _missing(seen: SeenInstance, volumes: Sequence[Volume], proven: KeptPoint) -> list[str]:
    return [f"{_name(one)} {_since(seen.attached_at.get(one.volume_id), proven)}" for one in volumes]


def _since(attached_at: datetime | None, proven: KeptPoint) -> str:
    if attached_at and attached_at > taken_at(proven):
        return f"was attached on {_moment(attached_at)}, after the last proven recovery point"
    return "has no snapshot in the last proven recovery point"


def _why(kept: KeptPoint, seen: SeenInstance, looked: Looked) -> str:
    point = looked.get(kept.point.arn)
    return "; ".join(defects(kept, seen.instance, point)) if point else "it was not looked into"


def _with_image(kept: KeptPoint, looked: Looked) -> KeptPoint:
    return replace(kept, point=looked.get(kept.point.arn, kept.point))


def _advised(found: Coverage, by: Yardstick) -> Coverage:
    blind = by.blind_for(found.account, found.instance.region)
    more = (f"there may be newer ones than were seen: {blind}",) if blind and found.standing in _MAY_BE_BETTER else ()
    return replace(found, advice=advise(found), notes=(*found.notes, *more))


def _allowed(by: Yardstick) -> str:
    return to_period(by.objective)


def _name(volume: Volume) -> str:
    return f"volume {volume.volume_id} ({volume.device}, {volume.size_gib:,} GiB)"


def _date(kept: KeptPoint) -> str:
    return _moment(kept.point.created_at) if kept.point.created_at else "an unknown date"


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M}"
