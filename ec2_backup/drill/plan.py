"""From recovery points to the restores of a drill: decisions only, no call to AWS."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from ec2_backup.drill.marks import to_mark
from ec2_backup.drill.model import Claim
from ec2_backup.model import ServiceRole
from ec2_backup.restore.ground import Ground
from ec2_backup.restore.model import ChosenPoint, PlannedRestore, RestoreFailure
from ec2_backup.restore.order import plan_rows
from ec2_backup.settings import DRILL_TAG

_PROTECTION = "DisableApiTermination"


def plan_drills(
    found: Sequence[tuple[ChosenPoint, Mapping[str, str]]],
    ground: Ground,
    role: ServiceRole,
    run_key: str,
    now: datetime,
) -> list[PlannedRestore | RestoreFailure]:
    """Return the restore of each recovery point as a drill does it, or why it cannot be drilled.

    The new instance has none of the original's tags, so that nothing which goes by tags takes it for production, and
    can be terminated whatever the original was protected from. A recovery point that another drill is at work on by
    `now` is that one's.
    """
    plans = plan_rows(found, ground, role, run_key, copy_tags=False)
    return [one if isinstance(one, RestoreFailure) else _as_drill(one, run_key, now) for one in plans]


def to_claim(plan: PlannedRestore, run_key: str) -> Claim:
    """Return why what the plan made is the drill's own."""
    return Claim(run_key, plan.point.arn, plan.metadata.get("SubnetId", ""), plan.point.source_id)


def _as_drill(plan: PlannedRestore, run_key: str, now: datetime) -> PlannedRestore | RestoreFailure:
    mark = to_mark(plan.point.tags)
    if mark and mark.drill_key != run_key and not mark.is_over(now):
        until = f" until {mark.until:%Y-%m-%d %H:%M} UTC at the latest" if mark.until else ""
        reason = f"drill {mark.drill_key} is at work on {plan.point.image_id}{until}"
        return RestoreFailure(plan.row.line, reason, f"Wait for it, or take it up: resume {mark.drill_key}.")
    metadata = {key: value for key, value in plan.metadata.items() if key.lower() != _PROTECTION.lower()}
    return replace(plan, metadata=metadata | {_PROTECTION: "false"}, tags={**plan.tags, DRILL_TAG: run_key})
