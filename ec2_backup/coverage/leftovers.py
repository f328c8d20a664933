"""Recovery points that cost money and protect nothing: stuck ones, and those of instances that are gone."""

from collections.abc import Collection, Iterable

from ec2_backup.coverage.model import KeptPoint, Leftover, Why
from ec2_backup.coverage.proof import UNDER_WAY
from ec2_backup.verdict import GOOD_STATUS


def to_leftovers(
    points: Iterable[KeptPoint], existing: Collection[str], looked_at: Collection[tuple[str, str]]
) -> tuple[Leftover, ...]:
    """Return what is left over of these points, the largest first.

    Args:
        points: All recovery points that were found.
        existing: The ids of all instances that exist.
        looked_at: The accounts and Regions of which `existing` has every instance: only of these can one be gone.
    """
    found = [(why, one) for one in points if (why := _why(one, existing, looked_at))]
    found.sort(key=lambda pair: -(pair[1].point.size_bytes or 0))
    return tuple(Leftover(why, one) for why, one in found)


def _why(kept: KeptPoint, existing: Collection[str], looked_at: Collection[tuple[str, str]]) -> Why | None:
    if kept.point.status == "EXPIRED":
        return Why.EXPIRED
    if kept.point.status not in GOOD_STATUS | {UNDER_WAY}:
        return Why.UNFINISHED
    return Why.ORPHANED if kept.home in looked_at and kept.instance_id not in existing else None
