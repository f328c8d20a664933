"""What a backup leaves in EC2, for everybody to see, and how a script can spoil it."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES, Outcome


@pytest.fixture
def disks(aws):
    """A volume that is encrypted with a key of its own and has a tag, beside those that the instance came with."""
    key = aws.client("kms").create_key()["KeyMetadata"]["Arn"]
    made = aws.ec2.create_volume(Size=20, AvailabilityZone="us-east-1a", Encrypted=True, KmsKeyId=key)["VolumeId"]
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "content", "Value": "data"}])
    aws.ec2.attach_volume(VolumeId=made, InstanceId=aws.web, Device="/dev/sdz")
    return {volume["Attachments"][0]["Device"]: volume for volume in volumes(aws)}


def volumes(aws):
    return aws.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [aws.web]}])["Volumes"]


def image_of(aws, job):
    return aws.ec2.describe_images(ImageIds=[job["RecoveryPointArn"].rsplit("/", 1)[1]])["Images"][0]


def snapshots_of(aws, job):
    """Return device -> snapshot of a job's AMI."""
    by_id = {ebs["Ebs"]["SnapshotId"]: ebs["DeviceName"] for ebs in image_of(aws, job)["BlockDeviceMappings"]}
    found = aws.ec2.describe_snapshots(SnapshotIds=list(by_id))["Snapshots"]
    return {by_id[snapshot["SnapshotId"]]: snapshot for snapshot in found}


def tags_of(resource):
    return {tag["Key"]: tag["Value"] for tag in resource["Tags"]}


def test_the_image_has_the_name_that_aws_gives_and_is_pending_as_long_as_the_job_runs(aws):
    """Checklist 34."""
    job_id = aws.start()
    CLOCK.advance(120)
    pending = image_of(aws, aws.job(job_id))
    CLOCK.advance(7200)
    image = image_of(aws, aws.job(job_id))

    assert image["Name"] == f"AwsBackup_{aws.web}_{job_id}"
    assert (pending["State"], image["State"]) == ("pending", "available")


def test_there_is_one_snapshot_for_each_attached_volume_under_the_same_device(aws, disks):
    """Checklist 34."""
    snapshots = snapshots_of(aws, aws.finished())

    assert {device: volume["VolumeId"] for device, volume in disks.items()} == {
        device: snapshot["VolumeId"] for device, snapshot in snapshots.items()
    }
    assert {snapshot["State"] for snapshot in snapshots.values()} == {"completed"}


def test_snapshots_inherit_encryption_and_key_of_their_volumes(aws, disks):
    """Checklist 34."""
    snapshots = snapshots_of(aws, aws.finished())

    for device, volume in disks.items():
        assert snapshots[device]["Encrypted"] == volume["Encrypted"]
        assert snapshots[device].get("KmsKeyId") == volume.get("KmsKeyId")


@pytest.mark.usefixtures("disks")
def test_tags_are_merged_and_those_given_at_the_start_win(aws):
    """Checklist 34."""
    aws.ec2.create_tags(Resources=[aws.web], Tags=[{"Key": "Team", "Value": "a"}, {"Key": "Name", "Value": "web"}])
    job = aws.finished(RecoveryPointTags={"Team": "b", "run": "1"})
    image = tags_of(image_of(aws, job))

    assert (image["Name"], image["Team"], image["run"]) == ("web", "b", "1")
    assert image["aws:backup:source-resource"] == f"{aws.web}:{job['BackupJobId']}"
    assert tags_of(snapshots_of(aws, job)["/dev/sdz"])["content"] == "data"


def test_images_are_found_by_the_tags_that_the_backup_gave_them(aws):
    """Checklist 34."""
    job = aws.finished(RecoveryPointTags={"run": "42"})
    found = aws.ec2.describe_images(Owners=["self"], Filters=[{"Name": "tag:run", "Values": ["42"]}])["Images"]

    assert [f"arn:aws:ec2:us-east-1::image/{image['ImageId']}" for image in found] == [job["RecoveryPointArn"]]


def test_deleting_a_recovery_point_deletes_image_and_snapshots(aws):
    job = aws.finished()
    snapshots = [snapshot["SnapshotId"] for snapshot in snapshots_of(aws, job).values()]
    aws.backup.delete_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert aws.ec2.describe_images(Owners=["self"])["Images"] == []
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.NotFound"):
        aws.ec2.describe_snapshots(SnapshotIds=snapshots)


def test_restore_metadata_are_texts_most_of_which_are_json(aws):
    """Checklist 36."""
    job = aws.finished()
    answer = aws.backup.get_recovery_point_restore_metadata(
        BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"]
    )
    instance = aws.ec2.describe_instances(InstanceIds=[aws.web])["Reservations"][0]["Instances"][0]
    metadata = answer["RestoreMetadata"]

    assert metadata["InstanceType"] == instance["InstanceType"]
    assert metadata["SubnetId"] == instance["SubnetId"]
    assert json.loads(metadata["SecurityGroupIds"]) == [group["GroupId"] for group in instance["SecurityGroups"]]
    assert json.loads(metadata["Placement"])["AvailabilityZone"] == instance["Placement"]["AvailabilityZone"]
    assert all(isinstance(value, str) for value in metadata.values())


def test_a_script_can_leave_out_the_snapshot_of_a_volume(aws, disks):
    OUTCOMES.script(aws.web, Outcome(missing_snapshot="/dev/sdz"))

    assert snapshots_of(aws, aws.finished()).keys() == disks.keys() - {"/dev/sdz"}


def test_a_script_can_leave_a_snapshot_unencrypted_or_of_another_volume(aws, disks):
    OUTCOMES.script(aws.web, Outcome(unencrypted_snapshot="/dev/sdz", missing_volume_id="/dev/sdz"))
    snapshot = snapshots_of(aws, aws.finished())["/dev/sdz"]

    assert snapshot["Encrypted"] is False
    assert snapshot["VolumeId"] != disks["/dev/sdz"]["VolumeId"]


def test_a_script_can_lose_the_image_or_let_it_fail(aws):
    OUTCOMES.script(aws.web, Outcome(image="absent"))
    OUTCOMES.script(aws.database, Outcome(image="failed"))
    absent, failed = aws.finished(aws.web), aws.finished(aws.database)

    with pytest.raises(ClientError, match=r"InvalidAMIID\.NotFound"):
        image_of(aws, absent)
    assert image_of(aws, failed)["State"] == "failed"
    assert (absent["State"], failed["State"]) == ("COMPLETED", "COMPLETED")


@pytest.mark.parametrize("status", ["EXPIRED", "PARTIAL", "AVAILABLE"])
def test_a_script_can_give_the_recovery_point_another_status(aws, status):
    OUTCOMES.script(aws.web, Outcome(point=status))
    job = aws.finished()
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert (job["State"], point["Status"]) == ("COMPLETED", status)


def test_a_script_can_lose_the_recovery_point_of_a_completed_job(aws):
    OUTCOMES.script(aws.web, Outcome(point="missing"))
    job = aws.finished()

    with pytest.raises(ClientError, match="Cannot find recovery point"):
        aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])


def test_a_script_can_change_the_retention_and_drop_a_tag(aws):
    OUTCOMES.script(aws.web, Outcome(delete_after_days=3, missing_tag="run"))
    job = aws.finished(Lifecycle={"DeleteAfterDays": 7}, RecoveryPointTags={"run": "1"})
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert point["Lifecycle"] == {"DeleteAfterDays": 3}
    assert "run" not in tags_of(image_of(aws, job))
