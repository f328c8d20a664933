"""Which recovery points are looked into, and whether one would restore: what step 12 asks, without a plan.

A run knows the volumes that were attached when its job began. Who looks later knows those that are attached now: a
recovery point is proven by what it holds itself, and what is missing of the volumes of today is told beside it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ec2_backup.coverage.model import Keeper, KeptPoint, Origin, SeenInstance
from ec2_backup.model import Instance, RecoveryPoint, Snapshot, Volume
from ec2_backup.settings import INSTANCE_TAG, RUN_TAG
from ec2_backup.verdict import GOOD_STATUS, is_snapshot_of, of_state

ROUNDS = 3  # how many recovery points of an instance are looked into, the newest first, until one is proven
UNDER_WAY = "CREATING"

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)

Looked = Mapping[str, RecoveryPoint]


def to_candidates(points: Iterable[KeptPoint], seen: SeenInstance) -> list[KeptPoint]:
    """Return the points that may be proven, the newest first; of two that are as old, the one beside the instance."""
    home = (seen.account, seen.instance.region)
    good = [one for one in points if one.point.status in GOOD_STATUS]
    return sorted(good, key=lambda one: (taken_at(one), (one.account, one.region) == home), reverse=True)


def to_unlooked(
    instances: Iterable[SeenInstance], points_of: Callable[[str], Sequence[KeptPoint]], looked: Looked
) -> Iterator[KeptPoint]:
    """Yield for each instance the next recovery point to look into, none where one is proven or three are not."""
    for seen in instances:
        candidates = to_candidates(points_of(seen.instance.instance_id), seen)[:ROUNDS]
        known = [one for one in candidates if one.point.arn in looked]
        if not any(is_proven(one, seen.instance, looked) for one in known):
            yield from candidates[len(known) : len(known) + 1]


def is_proven(kept: KeptPoint, instance: Instance, looked: Looked) -> bool:
    """Say whether a recovery point has been looked into and nothing is wrong with it."""
    return kept.point.arn in looked and not any(defects(kept, instance, looked[kept.point.arn]))


def defects(kept: KeptPoint, instance: Instance, point: RecoveryPoint) -> Iterator[str]:
    """Yield what is wrong with a recovery point: its state, its image, its snapshots, their encryption.

    A copy is encrypted anew, with the key of its own vault (AWS Backup developer guide, encryption), and bears the ids
    of no volume.
    """
    yield from of_state(point)
    if point.image_state is not None and not point.snapshots:
        yield f"its image {point.image_id} holds no volume"
    for snapshot in point.snapshots:
        if snapshot.state != "completed":
            yield f"its snapshot {snapshot.snapshot_id} ({snapshot.device}) is {snapshot.state}, not completed"
        if not kept.is_copy:
            yield from _of_encryption(snapshot, instance)


def uncovered(kept: KeptPoint, instance: Instance, point: RecoveryPoint) -> tuple[Volume, ...]:
    """Return the volumes that are attached now and that the recovery point has no snapshot of."""
    devices = {snapshot.device for snapshot in point.snapshots}
    if kept.is_copy:
        return tuple(volume for volume in instance.volumes if volume.device not in devices)
    return tuple(
        volume for volume in instance.volumes if not any(is_snapshot_of(one, volume) for one in point.snapshots)
    )


def grown(instance: Instance, point: RecoveryPoint) -> tuple[Volume, ...]:
    """Return the volumes that have become larger since the recovery point was made."""
    sizes = {snapshot.volume_id: snapshot.size_gib for snapshot in point.snapshots if snapshot.volume_id}
    return tuple(volume for volume in instance.volumes if volume.size_gib > sizes.get(volume.volume_id, 1 << 40))


def taken_at(kept: KeptPoint) -> datetime:
    """Return when a recovery point was made, long ago where AWS does not say it."""
    return kept.point.created_at or _LONG_AGO


def to_origin(kept: KeptPoint, point: RecoveryPoint | None = None) -> Origin | None:
    """Return who made a recovery point: AWS Backup names the plan, a run of this program is in the tags of the image.

    Without its image nobody knows whether a point that no plan made is of such a run: then it is None.
    """
    if kept.plan:
        return Origin(Keeper.PLAN, kept.plan.name or kept.plan.plan_id, kept.plan.rule)
    if point is None or point.image_state is None:
        return None
    if point.tags.get(INSTANCE_TAG) == kept.instance_id and point.tags.get(RUN_TAG):
        return Origin(Keeper.RUN, point.tags[RUN_TAG])
    return Origin(Keeper.HAND)


def _of_encryption(snapshot: Snapshot, instance: Instance) -> Iterator[str]:
    volume = next((one for one in instance.volumes if one.volume_id == snapshot.volume_id), None)
    if volume is None:
        return
    name = f"volume {volume.volume_id} ({volume.device})"
    if volume.encrypted and not snapshot.encrypted:
        yield f"{name} is encrypted, its snapshot {snapshot.snapshot_id} is not"
    elif volume.kms_key_id and snapshot.kms_key_id and volume.kms_key_id != snapshot.kms_key_id:
        yield f"{name} is encrypted with {volume.kms_key_id}, its snapshot with {snapshot.kms_key_id}"
