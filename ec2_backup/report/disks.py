"""The volumes of a run counted by size, type and encryption, and each of them beside its snapshot."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ec2_backup.model import GIB, Instance, RecoveryPoint, Snapshot, Volume
from ec2_backup.report.units import size
from ec2_backup.verdict import is_snapshot_of

_LIMITS = (8, 32, 128, 512, 2048)


@dataclass(frozen=True, slots=True)
class VolumeGroup:
    """Volumes that have something in common: how many, how many of them are encrypted, and their size in all."""

    label: str
    count: int
    encrypted: int
    size_gib: int


@dataclass(frozen=True, slots=True)
class DiskPair:
    """A volume and the snapshot that was taken of it; either may be missing. `differences` name what is not alike."""

    volume: Volume | None
    snapshot: Snapshot | None
    differences: tuple[str, ...]


def by_size(instances: Sequence[Instance]) -> list[VolumeGroup]:
    """Return the volumes in classes of size, smallest first, without the classes that are empty."""
    labels = [f"up to {size(limit * GIB)}" for limit in _LIMITS] + [f"over {size(_LIMITS[-1] * GIB)}"]
    return _grouped(instances, lambda volume: labels[sum(volume.size_gib > limit for limit in _LIMITS)], labels)


def by_type(instances: Sequence[Instance]) -> list[VolumeGroup]:
    """Return the volumes by type, the most frequent first."""
    counted = Counter(volume.volume_type for instance in instances for volume in instance.volumes)
    return _grouped(instances, lambda volume: volume.volume_type, [label for label, _ in counted.most_common()])


def pair_disks(instance: Instance | None, point: RecoveryPoint | None) -> list[DiskPair]:
    """Return each volume with its snapshot in the recovery point, then the snapshots of volumes not listed."""
    volumes = instance.volumes if instance else ()
    snapshots = list(point.snapshots) if point else []
    pairs = []
    for volume in volumes:
        snapshot = next((one for one in snapshots if is_snapshot_of(one, volume)), None)
        if snapshot:
            snapshots.remove(snapshot)
        pairs.append(DiskPair(volume, snapshot, tuple(_differences(volume, snapshot)) if snapshot else ()))
    return pairs + [DiskPair(None, snapshot, ()) for snapshot in snapshots]


def _grouped(
    instances: Sequence[Instance], label_of: Callable[[Volume], str], labels: Sequence[str]
) -> list[VolumeGroup]:
    members: dict[str, list[Volume]] = {label: [] for label in labels}
    for instance in instances:
        for volume in instance.volumes:
            members[label_of(volume)].append(volume)
    return [
        VolumeGroup(label, len(group), sum(one.encrypted for one in group), sum(one.size_gib for one in group))
        for label, group in members.items()
        if group
    ]


def _differences(volume: Volume, snapshot: Snapshot) -> Iterator[str]:
    if snapshot.state != "completed":
        yield "state"
    if snapshot.device != volume.device:
        yield "device"
    if snapshot.size_gib != volume.size_gib:
        yield "size"
    if snapshot.encrypted != volume.encrypted:
        yield "encryption"
    elif volume.kms_key_id and snapshot.kms_key_id and volume.kms_key_id != snapshot.kms_key_id:
        yield "key"
