"""Which instances a drill takes: all, or some at random, the same ones however often the drill is taken up."""

from collections.abc import Iterable, Mapping, Sequence
from random import Random
from types import MappingProxyType

from ec2_backup.model import InventoryRow
from ec2_backup.restore.model import Changes, RestoreRow

ALL = "all"
NO_POINTS: Mapping[str, str] = MappingProxyType({})


def to_sample(instance_ids: Iterable[str], wanted: str, run_key: str) -> list[str]:
    """Return the ids to drill, sorted: all of them, or as many as `wanted` says, chosen by the run's key alone."""
    ids = sorted(set(instance_ids))
    if wanted == ALL or int(wanted) >= len(ids):
        return ids
    return sorted(Random(run_key).sample(ids, int(wanted)))  # noqa: S311 - fairness is wanted, not secrecy


def divide(
    rows: Sequence[InventoryRow], account: str, region: str
) -> tuple[list[InventoryRow], list[tuple[InventoryRow, str]]]:
    """Return the rows that can be drilled in a Region of the caller's account, and the others with the reason."""
    here: list[InventoryRow] = []
    elsewhere: list[tuple[InventoryRow, str]] = []
    for row in rows:
        if row.account not in {None, "", account}:
            elsewhere.append((row, f"it is in account {row.account}, and the drill in {account}"))
        elif row.region not in {None, "", region}:
            elsewhere.append((row, f"it is in {row.region}, and the drill's subnet in {region}"))
        else:
            here.append(row)
    return here, elsewhere


def to_restore_rows(
    ids: Sequence[str], changes: Changes, region: str, points: Mapping[str, str] = NO_POINTS
) -> tuple[RestoreRow, ...]:
    """Return what is restored of each, under the name `drill-<id>`: its recovery point of these, or its newest one."""
    return tuple(
        RestoreRow(
            line=line,
            instance_id=instance_id,
            recovery_point_arn=points.get(instance_id, ""),
            region=region,
            changes=Changes(
                subnet=changes.subnet,
                security_groups=changes.security_groups,
                instance_type=changes.instance_type,
                profile=changes.profile,
                name=f"drill-{instance_id}",
            ),
        )
        for line, instance_id in enumerate(ids, 1)
    )
