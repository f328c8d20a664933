"""The coverage as CSV: every instance, what is left over, and the list for the backup of what misses the objective."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from ec2_backup.coverage.model import Coverage, KeptPoint, Leftover, RestoredPoint
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.words import kept_by
from ec2_backup.report.spreadsheet import to_cell

COLUMNS = (
    "instance_id",
    "name",
    "account",
    "region",
    "state",
    "standing",
    "last_proven_at",
    "age_hours",
    "recovery_point_arn",
    "vault",
    "kept_by",
    "delete_at",
    "expires_soon",
    "recovery_points",
    "newest_at",
    "newest_status",
    "size_gib",
    "volumes",
    "uncovered_volumes",
    "last_restored_at",
    "restored_image",
    "recovery_seconds",
    "reason",
    "advice",
)
LEFTOVER_COLUMNS = (
    "why",
    "recovery_point_arn",
    "vault",
    "account",
    "region",
    "instance_id",
    "status",
    "message",
    "created_at",
    "delete_at",
    "size_gib",
)
LIST_COLUMNS = ("instance_id", "Name", "Region", "Account")


def to_csv(report: CoverageReport) -> str:
    """Return every instance as CSV text, the worst standing first; safe to open in a spreadsheet."""
    return _text(COLUMNS, [_row(one) for one in report.coverages])


def to_leftover_csv(report: CoverageReport) -> str:
    """Return the recovery points that are left over as CSV text, the largest first."""
    return _text(LEFTOVER_COLUMNS, [_leftover(one) for one in report.leftovers])


def to_missed_csv(report: CoverageReport) -> str:
    """Return the instances that miss the objective and can be backed up, as the CSV of a run."""
    rows = [
        {
            "instance_id": one.instance.instance_id,
            "Name": one.instance.name,
            "Region": one.instance.region,
            "Account": one.account,
        }
        for one in report.to_back_up
    ]
    return _text(LIST_COLUMNS, rows)


def _row(one: Coverage) -> dict[str, str]:
    instance = one.instance
    return {
        "instance_id": instance.instance_id,
        "name": instance.name,
        "account": one.account,
        "region": instance.region,
        "state": instance.state,
        "standing": one.standing.value,
        "age_hours": "" if one.age_seconds is None else f"{one.age_seconds / 3600:.2f}",
        "kept_by": kept_by(one.origin),
        "expires_soon": "yes" if one.expires_soon else "",
        "recovery_points": str(one.points),
        "size_gib": str(instance.provisioned_gib),
        "volumes": str(len(instance.volumes)),
        "uncovered_volumes": " ".join(volume.volume_id for volume in one.uncovered),
        "reason": one.reason,
        "advice": one.advice,
        **_of_restored(one.restored),
        **_of_last(one.last),
        **_of_newest(one.newest),
    }


def _of_last(kept: KeptPoint | None) -> dict[str, str]:
    if kept is None:
        return {}
    return {
        "last_proven_at": _time(kept.point.created_at),
        "recovery_point_arn": kept.point.arn,
        "vault": kept.vault,
        "delete_at": _time(kept.point.delete_at),
    }


def _of_restored(restored: RestoredPoint | None) -> dict[str, str]:
    if restored is None:
        return {}
    return {
        "last_restored_at": _time(restored.proof.at),
        "restored_image": restored.image_id,
        "recovery_seconds": "" if restored.proof.seconds is None else f"{restored.proof.seconds:.0f}",
    }


def _of_newest(kept: KeptPoint | None) -> dict[str, str]:
    return {"newest_at": _time(kept.point.created_at), "newest_status": kept.point.status} if kept else {}


def _leftover(leftover: Leftover) -> dict[str, str]:
    kept = leftover.kept
    return {
        "why": leftover.why.value,
        "recovery_point_arn": kept.point.arn,
        "vault": kept.vault,
        "account": kept.account,
        "region": kept.region,
        "instance_id": kept.instance_id,
        "status": kept.point.status,
        "message": kept.point.status_message,
        "created_at": _time(kept.point.created_at),
        "delete_at": _time(kept.point.delete_at),
        "size_gib": f"{(kept.point.size_bytes or 0) / 1024**3:.0f}",
    }


def _text(columns: Sequence[str], rows: Sequence[Mapping[str, str]]) -> str:
    import pandas as pd  # noqa: PLC0415 - takes a second, and the front door's help needs no CSV

    cells = [[to_cell(row.get(column, "")) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=list(columns), dtype=str).to_csv(index=False, lineterminator="\n")


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""
