"""The instance that a restore makes, as EC2 shows it to everybody."""

from base64 import b64encode

import pytest
from botocore.exceptions import ClientError

from sandbox.aftermath import RestoreOutcome
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES
from tests.emulator.backups import backed_up, instance_of, restored, start_restore, tags_of, usual, volumes_of


@pytest.fixture
def point(aws):
    """A backup of an instance with a second, encrypted disk that has a tag of its own."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    disk = {"Size": 20, "VolumeType": "io2", "Iops": 500, "Encrypted": True, "KmsKeyId": key}
    made = aws.ec2.create_volume(AvailabilityZone="us-east-1a", **disk)["VolumeId"]
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "content", "Value": "data"}])
    aws.ec2.create_tags(Resources=[aws.web], Tags=[{"Key": "Owner", "Value": "ops"}])
    aws.ec2.attach_volume(VolumeId=made, InstanceId=aws.web, Device="/dev/sdz")
    return backed_up(aws, RecoveryPointTags={"run": "1"})


def shape(volume):
    names = ("Size", "VolumeType", "Encrypted", "KmsKeyId", "Iops")
    return {name: volume.get(name) for name in names}


def status_of(aws, instance_id):
    found = aws.ec2.describe_instance_status(InstanceIds=[instance_id], IncludeAllInstances=True)["InstanceStatuses"][0]
    return found["InstanceState"]["Name"], found["SystemStatus"]["Status"], found["InstanceStatus"]["Status"]


def made_by(aws, job_id):
    return next(job["restored"] for job in aws.sandbox.control.restores() if job["id"] == job_id)


def test_it_has_a_volume_for_each_one_backed_up_of_the_same_shape(aws, point):
    made = instance_of(aws, restored(aws, point))
    volumes, originals = volumes_of(aws, made["InstanceId"]), volumes_of(aws, aws.web)

    assert {device: shape(volume) for device, volume in volumes.items()} == {
        device: shape(volume) for device, volume in originals.items()
    }
    assert {one["VolumeId"] for one in volumes.values()}.isdisjoint(one["VolumeId"] for one in originals.values())
    image = aws.ec2.describe_images(ImageIds=[made["ImageId"]])["Images"][0]
    snapshots = {one["DeviceName"]: one["Ebs"]["SnapshotId"] for one in image["BlockDeviceMappings"]}
    assert {device: volume["SnapshotId"] for device, volume in volumes.items()} == snapshots


def test_it_goes_where_the_metadata_say_and_is_what_they_say(aws, point):
    vpc = aws.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = aws.ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24", AvailabilityZone="us-east-1b")["Subnet"]
    group = aws.ec2.create_security_group(GroupName="isolated", Description="-", VpcId=vpc)["GroupId"]
    changes = {"SubnetId": subnet["SubnetId"], "SecurityGroupIds": f'["{group}"]', "InstanceType": "m5.large"}
    made = instance_of(aws, restored(aws, point, usual(aws, point, **changes, requireImdsV2="true")))

    assert (made["SubnetId"], made["VpcId"], made["InstanceType"]) == (subnet["SubnetId"], vpc, "m5.large")
    assert [one["GroupId"] for one in made["SecurityGroups"]] == [group]
    assert made["Placement"]["AvailabilityZone"] == "us-east-1b"
    assert made["PrivateIpAddress"].startswith("10.9.1.")
    assert made["MetadataOptions"]["HttpTokens"] == "required"


def test_it_starts_and_passes_its_status_checks_in_its_own_time(aws, point):
    job_id = start_restore(aws, point)
    CLOCK.advance(20)
    instance_id = made_by(aws, job_id)
    seen = []
    for _ in range(60):
        seen.append(status_of(aws, instance_id))
        CLOCK.advance(5)

    assert list(dict.fromkeys(seen)) == [
        ("pending", "not-applicable", "not-applicable"),
        ("running", "initializing", "initializing"),
        ("running", "ok", "ok"),
    ]
    assert seen.count(("running", "initializing", "initializing")) > 20


def test_it_has_none_of_the_sources_tags_unless_they_are_asked_for(aws, point):
    made = instance_of(aws, restored(aws, point))

    assert tags_of(made).keys() == {"aws:backup:source-resource"}
    assert all(not tags_of(volume) for volume in volumes_of(aws, made["InstanceId"]).values())


def test_tags_of_the_source_go_to_instance_and_volumes_and_those_of_its_volumes_are_lost(aws, point):
    made = instance_of(aws, restored(aws, point, CopySourceTagsToRestoredResource=True))
    tags = tags_of(made)

    assert tags["Owner"] == "ops"
    assert "run" not in tags
    for volume in volumes_of(aws, made["InstanceId"]).values():
        assert tags_of(volume) == {key: value for key, value in tags.items() if not key.startswith("aws:")}


def test_user_data_and_elastic_address_of_the_original_are_not_restored(aws):
    address = aws.ec2.allocate_address(Domain="vpc")
    aws.ec2.associate_address(AllocationId=address["AllocationId"], InstanceId=aws.web)
    aws.ec2.modify_instance_attribute(InstanceId=aws.web, UserData={"Value": b64encode(b"echo hello")})
    made = instance_of(aws, restored(aws, backed_up(aws)))
    said = aws.ec2.describe_instance_attribute(InstanceId=made["InstanceId"], Attribute="userData")

    assert not said.get("UserData")
    assert made.get("PublicIpAddress") != address["PublicIp"]


def test_terminating_it_deletes_the_volumes_that_are_to_go_with_it(aws, point):
    made = instance_of(aws, restored(aws, point))
    before = volumes_of(aws, made["InstanceId"])
    aws.ec2.terminate_instances(InstanceIds=[made["InstanceId"]])
    root, data = before["/dev/xvda"]["VolumeId"], before["/dev/sdz"]["VolumeId"]

    with pytest.raises(ClientError, match=r"InvalidVolume\.NotFound"):
        aws.ec2.describe_volumes(VolumeIds=[root])
    assert aws.ec2.describe_volumes(VolumeIds=[data])["Volumes"][0]["State"] == "available"
    assert status_of(aws, made["InstanceId"])[0] == "shutting-down"
    CLOCK.advance(60)
    assert status_of(aws, made["InstanceId"])[0] == "terminated"


def test_a_device_that_is_not_there_cannot_be_told_to_go_with_the_instance(aws, point):
    made = instance_of(aws, restored(aws, point))

    with pytest.raises(ClientError, match="InvalidInstanceAttributeValue"):
        aws.ec2.modify_instance_attribute(
            InstanceId=made["InstanceId"],
            BlockDeviceMappings=[{"DeviceName": "/dev/sdq", "Ebs": {"DeleteOnTermination": True}}],
        )


def test_block_device_mappings_change_volumes(aws, point):
    wanted = '[{"DeviceName":"/dev/sdz","Ebs":{"VolumeSize":30,"VolumeType":"gp3","DeleteOnTermination":true}}]'
    made = instance_of(aws, restored(aws, point, usual(aws, point, BlockDeviceMappings=wanted)))
    volume = volumes_of(aws, made["InstanceId"])["/dev/sdz"]

    assert (volume["Size"], volume["VolumeType"]) == (30, "gp3")
    ends = {one["DeviceName"]: one["Ebs"]["DeleteOnTermination"] for one in made["BlockDeviceMappings"]}
    assert (ends["/dev/xvda"], ends["/dev/sdz"]) == (True, True)


def test_termination_protection_is_restored_where_it_is_asked_for(aws, point):
    made = instance_of(aws, restored(aws, point, usual(aws, point, DisableApiTermination="true")))

    with pytest.raises(ClientError, match="OperationNotPermitted"):
        aws.ec2.terminate_instances(InstanceIds=[made["InstanceId"]])


@pytest.mark.parametrize(
    ("spoilt", "differs"),
    [
        ({"wrong_size": "/dev/sdz"}, {"Size"}),
        ({"wrong_type": "/dev/sdz"}, {"VolumeType", "Iops"}),
        ({"unencrypted_volume": "/dev/sdz"}, {"Encrypted", "KmsKeyId"}),
    ],
)
def test_a_script_can_spoil_a_volume(aws, point, spoilt, differs):
    aws.sandbox.control.script(aws.web, spoilt, job="restore")
    made = instance_of(aws, restored(aws, point))
    found, original = (shape(volumes_of(aws, one)["/dev/sdz"]) for one in (made["InstanceId"], aws.web))

    assert {name for name in found if found[name] != original[name]} == differs


def test_a_script_can_leave_out_a_volume(aws, point):
    OUTCOMES.script(aws.web, RestoreOutcome(missing_volume="/dev/sdz"))
    made = instance_of(aws, restored(aws, point))

    assert volumes_of(aws, made["InstanceId"]).keys() == volumes_of(aws, aws.web).keys() - {"/dev/sdz"}


@pytest.mark.parametrize(
    ("outcome", "status"),
    [
        (RestoreOutcome(checks="impaired"), ("running", "ok", "impaired")),
        (RestoreOutcome(checks="initializing"), ("running", "initializing", "initializing")),
        (RestoreOutcome(instance="pending"), ("pending", "not-applicable", "not-applicable")),
        (RestoreOutcome(instance="stopped"), ("stopped", "not-applicable", "not-applicable")),
        (RestoreOutcome(instance="terminated"), ("terminated", "not-applicable", "not-applicable")),
    ],
)
def test_a_script_can_have_the_instance_come_to_nothing(aws, point, outcome, status):
    OUTCOMES.script(aws.web, outcome)
    job = restored(aws, point)

    assert job["Status"] == "COMPLETED"
    assert status_of(aws, job["CreatedResourceArn"].rsplit("/", 1)[1]) == status


def test_statuses_are_told_of_at_most_a_hundred_instances_all_of_which_are_there(aws):
    many = [f"i-0{number:016x}" for number in range(101)]

    with pytest.raises(ClientError, match=r"InvalidInstanceID\.NotFound"):
        aws.ec2.describe_instance_status(InstanceIds=many[:1])
    with pytest.raises(ClientError, match=r"InvalidInstanceID\.Malformed"):
        aws.ec2.terminate_instances(InstanceIds=["i-1"])
