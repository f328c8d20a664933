"""Which recovery point a row is restored from: the newest that is whole, or the one that was asked for."""

from collections.abc import Iterable, Iterator
from datetime import datetime

from ec2_backup.restore.model import ChosenPoint, RestoreFailure, RestoreRow, StoredPoint
from ec2_backup.verdict import GOOD_STATUS

LOOKED_AT = 5  # points of an instance, the newest: if none of so many is whole, a person should choose

_SEE = "See its recovery points in the AWS Backup console, and name one of them by its ARN."


def to_candidates(row: RestoreRow, points: Iterable[StoredPoint]) -> list[StoredPoint]:
    """Return the points that the row may be restored from, the newest first, at most five of an instance.

    Of an instance these are the ones that AWS calls COMPLETED or AVAILABLE, no younger than the row wants them; a point
    that is asked for by its ARN is taken whatever its status.
    """
    if row.recovery_point_arn:
        return [point for point in points if point.arn == row.recovery_point_arn][:1]
    fitting = [point for point in points if point.status in GOOD_STATUS and _is_in_time(point, row.before)]
    return sorted(fitting, key=lambda point: point.created_at, reverse=True)[:LOOKED_AT]


def choose(
    row: RestoreRow, found: Iterable[StoredPoint], candidates: Iterable[StoredPoint]
) -> ChosenPoint | RestoreFailure:
    """Return the newest candidate that is whole, with a remark on each newer one that is not; or why none is.

    Args:
        row: What is wanted back.
        found: All recovery points of it that AWS has.
        candidates: What `to_candidates` gave of these, by now with their images.
    """
    passed_over: list[str] = []
    for point in candidates:
        flaws = list(flaws_of(point))
        if not flaws:
            return ChosenPoint(row, point, (*passed_over, *_remarks(point)))
        passed_over.append(f"{point.image_id} of {_date(point.created_at)} passed over: {'; '.join(flaws)}")
    return RestoreFailure(row.line, *_why_none(row, list(found), passed_over))


def flaws_of(point: StoredPoint) -> Iterator[str]:
    """Yield what keeps a recovery point from being restored whole."""
    if point.status not in GOOD_STATUS | {"EXPIRED"}:
        said = f" ({point.status_message})" if point.status_message else ""
        yield f"the recovery point is {point.status}{said}"
    if point.image_state is None:
        yield "its image does not exist"
    elif point.image_state != "available":
        yield f"its image is {point.image_state}"
    elif not point.disks:
        yield "its image has no EBS volume"
    for disk in point.disks:
        if disk.state != "completed":
            yield f"snapshot {disk.snapshot_id} of {disk.device} is {disk.state}"


def _is_in_time(point: StoredPoint, before: datetime | None) -> bool:
    return before is None or point.created_at <= before


def _remarks(point: StoredPoint) -> list[str]:
    if point.status == "EXPIRED":
        return ["its retention is over and AWS could not delete it: it may vanish at any time"]
    return []


def _why_none(row: RestoreRow, found: list[StoredPoint], passed_over: list[str]) -> tuple[str, str]:
    if passed_over:
        return f"no recovery point can be restored: {'; '.join(passed_over)}", _SEE
    if row.recovery_point_arn:
        return (
            f"AWS Backup has no recovery point {row.recovery_point_arn} in any vault that was looked at",
            "Check the ARN, the account and the Region; its vault can be named with --vault.",
        )
    if not found:
        return (
            f"AWS Backup has no recovery point of {row.instance_id}",
            "Check the id, the account and the Region. Was it backed up there?",
        )
    good = sorted(point.created_at for point in found if point.status in GOOD_STATUS)
    if not good:
        states = ", ".join(sorted({point.status for point in found}))
        return f"none of its {len(found)} recovery points is COMPLETED: they are {states}", _SEE
    return (
        f"its oldest recovery point is of {_date(good[0])}, after {_date(row.before or good[0])}",
        "Ask for a later time, or for that point.",
    )


def _date(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"
