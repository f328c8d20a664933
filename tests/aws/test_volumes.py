"""Step 5: every EBS volume of an instance, and the disks that no backup covers."""

import pytest

from ec2_backup import calls
from ec2_backup.aws.ebs import describe_volumes
from ec2_backup.errors import AuthenticationError, AwsError
from sandbox.fleet import Fleet
from sandbox.machines import Disk
from tests.aws.backups import HERE, client, found, instance_id

DATABASE, STORED, BARE, SHARED = (instance_id(number) for number in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def fleet():
    disks = (Disk("/dev/sdg", 100, "io2", iops=4000, key="fleet"), Disk("/dev/xvda", 8), Disk("/dev/sdf", 500, "st1"))
    fleet = Fleet.of_size(250).with_disks(DATABASE, *disks).instance_store_disks(STORED).with_disks(BARE)
    return fleet.with_disks(SHARED, Disk("/dev/xvda", 8))


def test_volumes_come_with_device_size_type_iops_encryption_and_key():
    (instance,) = found(DATABASE)

    data, provisioned, root = instance.volumes
    assert [volume.device for volume in instance.volumes] == ["/dev/sdf", "/dev/sdg", "/dev/xvda"]
    assert (root.size_gib, root.volume_type, root.encrypted, root.kms_key_id) == (8, "gp3", False, None)
    assert (data.size_gib, data.volume_type) == (500, "st1")
    assert (provisioned.volume_type, provisioned.iops, provisioned.encrypted) == ("io2", 4000, True)
    assert provisioned.kms_key_id
    assert provisioned.kms_key_id.startswith("arn:aws:kms:us-east-1:123456789012:key/")
    assert provisioned.volume_id.startswith("vol-")
    assert instance.provisioned_gib == 608


def test_disks_of_the_instance_store_are_named_since_no_image_covers_them():
    (stored, database) = found(STORED, DATABASE)

    assert stored.instance_store == ("1 x 475 GB SSD instance store",)
    assert database.instance_store == ()


def test_an_instance_without_volumes_has_none():
    assert found(BARE)[0].volumes == ()


def test_a_volume_that_is_detached_is_no_longer_the_instances():
    ec2 = client("ec2")
    zone = ec2.describe_instances(InstanceIds=[SHARED])["Reservations"][0]["Instances"][0]["Placement"]
    extra = ec2.create_volume(Size=5, AvailabilityZone=zone["AvailabilityZone"])["VolumeId"]
    ec2.attach_volume(VolumeId=extra, InstanceId=SHARED, Device="/dev/sdz")
    assert [volume.device for volume in found(SHARED)[0].volumes] == ["/dev/sdz", "/dev/xvda"]

    ec2.detach_volume(VolumeId=extra, InstanceId=SHARED)

    assert [volume.device for volume in found(SHARED)[0].volumes] == ["/dev/xvda"]


def test_the_volumes_of_250_instances_cost_one_call_and_their_types_one():
    instances = found(*(instance_id(number) for number in range(5, 251)))
    earlier = calls.made()

    again = describe_volumes(instances, HERE)

    assert again == instances
    assert all(instance.volumes for instance in again)
    assert calls.since(earlier) == {"ec2:DescribeVolumes": 1, "ec2:DescribeInstanceTypes": 1}


@pytest.mark.parametrize("then", ["detached", "deleted"])
def test_a_volume_that_was_exchanged_since_the_look_at_a_large_fleet_is_found(then):
    ec2 = client("ec2")
    instances = found(*(instance_id(number) for number in range(5, 251)))
    one = next(instance for instance in instances if instance.volumes)
    old = one.volumes[0]
    zone = ec2.describe_volumes(VolumeIds=[old.volume_id])["Volumes"][0]["AvailabilityZone"]
    new = ec2.create_volume(Size=7, AvailabilityZone=zone)["VolumeId"]
    ec2.detach_volume(VolumeId=old.volume_id, InstanceId=one.instance_id)
    if then == "deleted":
        ec2.delete_volume(VolumeId=old.volume_id)
    ec2.attach_volume(VolumeId=new, InstanceId=one.instance_id, Device=old.device)
    earlier = calls.made()

    again = {instance.instance_id: instance for instance in describe_volumes(instances, HERE)}

    ids = {volume.volume_id for volume in again.pop(one.instance_id).volumes}
    assert ids == {new, *(volume.volume_id for volume in one.volumes[1:])}
    assert list(again.values()) == [instance for instance in instances if instance.instance_id in again]
    assert calls.since(earlier)["ec2:DescribeVolumes"] == 3


def test_not_being_allowed_to_look_at_types_costs_only_their_disks(sandbox):
    sandbox.control.fault(operation="DescribeInstanceTypes", code="UnauthorizedOperation", message="not authorized")

    (stored,) = found(STORED)

    assert stored.instance_store == ()
    assert stored.volumes


def test_an_expired_session_is_no_missing_permission(sandbox):
    instances = found(STORED)
    sandbox.control.fault(operation="DescribeInstanceTypes", kind="expired")

    with pytest.raises(AuthenticationError):
        describe_volumes(instances, HERE)


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_an_answer_that_cannot_be_understood_never_means_no_volumes(sandbox, kind):
    instances = found(DATABASE)
    sandbox.control.fault(operation="DescribeVolumes", kind=kind)

    with pytest.raises(AwsError) as caught:
        describe_volumes(instances, HERE)
    assert caught.value.code == "UnreadableAnswer"
