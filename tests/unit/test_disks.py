from dataclasses import replace

import pytest

from ec2_backup.model import RecoveryPoint, Snapshot, Volume
from ec2_backup.report.disks import VolumeGroup, by_size, by_type, pair_disks
from tests.unit.reports import a_recovery_point, an_instance

KEY = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"


def a_volume(size: int, kind: str = "gp3", *, encrypted: bool = True) -> Volume:
    return Volume(f"vol-{size}", "/dev/sda", size, kind, encrypted)


def a_point_with(change: dict[str, object]) -> tuple[Volume, RecoveryPoint]:
    instance = an_instance(1, volumes=1)
    point = a_recovery_point(instance)
    return instance.volumes[0], replace(point, snapshots=(replace(point.snapshots[0], **change),))


def test_volumes_are_counted_by_size_and_encryption():
    sizes = (8, 9, 100, 3000)
    instance = replace(an_instance(1), volumes=tuple(a_volume(size, encrypted=size != 9) for size in sizes))

    assert by_size([instance]) == [
        VolumeGroup("up to 8 GiB", 1, 1, 8),
        VolumeGroup("up to 32 GiB", 1, 0, 9),
        VolumeGroup("up to 128 GiB", 1, 1, 100),
        VolumeGroup("over 2 TiB", 1, 1, 3000),
    ]


def test_volumes_are_counted_by_type_the_most_frequent_first():
    instance = replace(an_instance(1), volumes=(a_volume(8, "io2"), a_volume(9), a_volume(10)))

    assert by_type([instance]) == [VolumeGroup("gp3", 2, 2, 19), VolumeGroup("io2", 1, 1, 8)]


def test_a_fleet_without_volumes_has_no_groups():
    assert by_size([]) == by_type([an_instance(1, volumes=0)]) == []


def test_each_volume_stands_beside_the_snapshot_of_it_whatever_their_order():
    instance = an_instance(1)
    point = a_recovery_point(instance)
    turned = replace(point, snapshots=tuple(reversed(point.snapshots)))

    assert [(pair.volume.device, pair.snapshot.device) for pair in pair_disks(instance, turned)] == [
        ("/dev/sda", "/dev/sda"),
        ("/dev/sdb", "/dev/sdb"),
    ]


def test_a_volume_without_a_snapshot_and_a_snapshot_without_a_volume_stand_alone():
    instance = an_instance(1, volumes=1)
    late = Snapshot("snap-9", "/dev/sdz", 8, "completed", encrypted=True, volume_id="vol-9")
    missing, extra = pair_disks(instance, replace(a_recovery_point(instance), snapshots=(late,)))

    assert (missing.volume, missing.snapshot) == (instance.volumes[0], None)
    assert (extra.volume, extra.snapshot) == (None, late)


@pytest.mark.parametrize(
    ("change", "differences"),
    [
        ({}, ()),
        ({"size_gib": 49}, ("size",)),
        ({"state": "pending"}, ("state",)),
        ({"encrypted": False}, ("encryption",)),
        ({"volume_id": "vol-0000000100000000" + "0", "device": "/dev/sdq"}, ("device",)),
    ],
)
def test_what_is_not_alike_is_named(change, differences):
    volume, point = a_point_with(change)

    (pair,) = pair_disks(replace(an_instance(1), volumes=(volume,)), point)

    assert pair.differences == differences


def test_another_key_is_a_difference_and_an_unknown_one_is_not():
    _, point = a_point_with({"kms_key_id": KEY})
    volumes = [replace(an_instance(1).volumes[0], kms_key_id=key) for key in (KEY, KEY.replace("1111", "9999"), None)]
    pairs = [pair_disks(replace(an_instance(1), volumes=(volume,)), point)[0] for volume in volumes]

    assert [pair.differences for pair in pairs] == [(), ("key",), ()]


def test_an_instance_that_was_not_seen_has_no_disks():
    assert pair_disks(None, None) == []
