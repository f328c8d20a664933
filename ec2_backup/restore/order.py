"""How the rows of a restore are put together: by Region to be looked at, by turn to be started."""

from collections.abc import Iterable, Mapping, Sequence

from ec2_backup.model import ServiceRole, Target
from ec2_backup.restore.ground import Ground
from ec2_backup.restore.model import ChosenPoint, PlannedRestore, RestoreFailure, RestoreRow
from ec2_backup.restore.plan import plan_restore


def in_targets(rows: Iterable[RestoreRow]) -> dict[Target, list[RestoreRow]]:
    """Return the rows by the Region that they are in."""
    found: dict[Target, list[RestoreRow]] = {}
    for row in rows:
        found.setdefault(Target(row.region), []).append(row)
    return found


def in_turns(plans: Iterable[PlannedRestore]) -> list[list[PlannedRestore]]:
    """Return the plans in the order of their turns, those of one turn together."""
    found: dict[int, list[PlannedRestore]] = {}
    for plan in sorted(plans, key=lambda one: (one.row.turn, one.row.line)):
        found.setdefault(plan.row.turn, []).append(plan)
    return list(found.values())


def plan_rows(
    found: Sequence[tuple[ChosenPoint, Mapping[str, str]]],
    ground: Ground,
    role: ServiceRole,
    run_key: str,
    *,
    copy_tags: bool,
) -> list[PlannedRestore | RestoreFailure]:
    """Return a plan or a failure for each recovery point and the settings that AWS Backup kept with it.

    Two rows that come to the same restore would be told apart by nothing at AWS: the second is a failure.
    """
    results: list[PlannedRestore | RestoreFailure] = []
    for chosen, kept in found:
        plan = plan_restore(chosen, kept, ground, role, run_key, copy_tags=copy_tags)
        same = next((one for one in results if isinstance(one, PlannedRestore) and _is_same(one, plan)), None)
        results.append(_twice(chosen, same) if same else plan)
    return results


def _is_same(plan: PlannedRestore, other: PlannedRestore | RestoreFailure) -> bool:
    if isinstance(other, RestoreFailure):
        return False
    return (plan.point.arn, plan.metadata) == (other.point.arn, other.metadata)


def _twice(chosen: ChosenPoint, first: PlannedRestore) -> RestoreFailure:
    image = chosen.point.image_id
    return RestoreFailure(
        chosen.row.line,
        f"line {first.row.line} restores {image} with the same settings already, of which a name is none",
        "Remove the line, or restore it in a run of its own.",
    )
