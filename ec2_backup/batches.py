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
AUDITED = 100_000  # LookupEvents gives all events of a Region, whichever of them are wanted
TASKS = 1000  # a task for each instance is quick to find in Prefect; beyond these its server falls behind


def targets_of(rows: Iterable[InventoryRow]) -> list[Target]:
    """Return each Region that the rows name, once, in alphabetical order."""
    return [Target(region) for region in sorted({row.region for row in rows if row.region})]


def by_target(items: Iterable[Batched], size: int) -> list[tuple[Target, list[Batched]]]:
    """Return the items in batches of at most `size`, none of which spans two Regions; their order stays within one."""
    by_region = groupby(sorted(items, key=_region), key=_region)
    return [(Target(region), group) for region, members in by_region for group in in_groups(list(members), size)]


def in_groups(items: Sequence[Item], size: int) -> list[list[Item]]:
    """Return the items in groups of `size`, the last of which may be smaller."""
    return [list(items[start : start + size]) for start in range(0, len(items), size)]


def started_size(instances: int) -> int:
    """Return how many instances one start task takes: one, until there would be more than 1,000 tasks."""
    return max(1, ceil(instances / TASKS))


def _region(item: InventoryRow | Instance | BackupJob | tuple[PlannedBackup, BackupJob]) -> str:
    return (item[1].region if isinstance(item, tuple) else item.region) or ""
