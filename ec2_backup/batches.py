"""How a fleet is cut into the pieces that one task, or one AWS call, takes."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from math import ceil
from typing import TypeVar

from ec2_backup.model import BackupJob, Instance, InventoryRow, PlannedBackup, Target

Batched = TypeVar("Batched", InventoryRow, Instance, BackupJob, tuple[PlannedBackup, BackupJob])
Item = TypeVar("Item")

DESCRIBED = 10_000  # such a task's calls, of 1,000 ids each, go one after another: side by side each would be slow
VERIFIED = 10_000  # each such task lists the vault, whichever points are wanted
AUDITED = 100_000  # CloudTrail gives all events of a Region, whichever of them are wanted
TASKS = 1000  # a task for each instance is quick to find in Prefect; beyond these its server falls behind


def targets_of(rows: Iterable[InventoryRow]) -> list[Target]:
    """Return each account and Region that the rows name, once: the caller's own account first, Regions by alphabet."""
    return sorted({target_of(row) for row in rows if row.region}, key=_order)


def doors_of(rows: Iterable[InventoryRow]) -> list[Target]:
    """Return one target for each account that the rows name: what is asked once an account is asked there."""
    return list({target.role_arn: target for target in reversed(targets_of(rows))}.values())[::-1]


def home_of(rows: Iterable[InventoryRow], regions: Sequence[str] = ()) -> Target:
    """Return where the caller itself is asked who it is: the first of the rows' Regions, or else of these."""
    return Target(min([row.region for row in rows if row.region] or regions))


def target_of(row: InventoryRow) -> Target:
    """Return where the calls about a row's instance go."""
    return Target(row.region or "", row.role_arn or "")


def by_target(items: Iterable[Batched], size: int) -> list[tuple[Target, list[Batched]]]:
    """Return the items in batches of at most `size`, none of which spans two targets; their order stays within one."""
    grouped = groupby(sorted(items, key=lambda item: _order(_target(item))), key=_target)
    return [(target, group) for target, members in grouped for group in in_groups(list(members), size)]


def in_groups(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Return the items in groups of `size`, the last of which may be smaller."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def started_size(instances: int) -> int:
    """Return how many instances one start task takes: one, until there would be more than 1,000 tasks."""
    return max(1, ceil(instances / TASKS))


def _target(item: InventoryRow | Instance | BackupJob | tuple[PlannedBackup, BackupJob]) -> Target:
    if isinstance(item, InventoryRow):
        return target_of(item)
    return item[1].target if isinstance(item, tuple) else item.target


def _order(target: Target) -> tuple[str, str]:
    return target.role_arn, target.region
