"""Restores that come to nothing: metadata, keys, what is not there, scripts, and calls that break."""

import pytest
from botocore.exceptions import ClientError, ConnectionClosedError

from sandbox.aftermath import RestoreOutcome
from sandbox.backup.failures import RESTORE_MESSAGES, RestoreCause
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES
from tests.emulator.backups import backed_up, failed, instance_of, metadata_of, restored, start_restore, usual
from tests.emulator.callers import refusal

INVALID = "Restore metadata is invalid."


@pytest.fixture
def point(aws):
    return backed_up(aws)


def test_metadata_that_make_no_sense_fail_the_job(aws, point):
    """Checklist 36."""
    for changes in (
        {"SecurityGroupIds": "sg-0123"},
        {"SecurityGroupIds": '{"a": 1}'},
        {"DisableApiTermination": "perhaps"},
        {"InstanceInitiatedShutdownBehavior": "hibernate"},
        {"Placement": "[]"},
        {"BlockDeviceMappings": '[{"Ebs": {}}]'},
        {"KeyName": "another-key"},
        {"Colour": "red"},
    ):
        assert failed(aws, point, usual(aws, point, **changes)) == INVALID, changes


def test_metadata_that_make_no_sense_may_be_refused_at_once(aws, point):
    OUTCOMES.switch(restore_metadata="sync")
    metadata = usual(aws, point, SecurityGroupIds="sg-0123")

    assert refusal(start_restore, aws=aws, arn=point, metadata=metadata)[:2] == (
        "InvalidParameterValueException",
        INVALID,
    )


def test_metadata_are_read_in_any_case_of_letters(aws, point):
    metadata = {name[0].lower() + name[1:]: value for name, value in usual(aws, point).items()}

    assert restored(aws, point, metadata)["Status"] == "COMPLETED"


def test_the_metadata_of_a_recovery_point_cannot_be_sent_back_as_they_are(aws, point):
    said = failed(aws, point, metadata_of(aws, point))

    assert said == "Network interfaces and an instance-level subnet ID may not be specified on the same request"


def test_without_any_metadata_ec2_chooses_subnet_and_group(aws, point):
    made = instance_of(aws, restored(aws, point, {}))

    assert made["InstanceType"] == metadata_of(aws, point)["InstanceType"]
    assert made["SecurityGroups"][0]["GroupName"] == "default"


def test_what_is_not_there_is_named_in_the_words_of_ec2(aws, point):
    vpc = aws.ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    foreign = aws.ec2.create_security_group(GroupName="isolated", Description="-", VpcId=vpc)["GroupId"]
    subnet = usual(aws, point)["SubnetId"]

    assert failed(aws, point, usual(aws, point, SubnetId="subnet-1")) == "The subnet ID 'subnet-1' does not exist"
    assert (
        failed(aws, point, usual(aws, point, SecurityGroupIds='["sg-1"]')) == "The security group 'sg-1' does not exist"
    )
    assert (
        failed(aws, point, usual(aws, point, SecurityGroupIds=f'["{foreign}"]'))
        == f"Security group {foreign} and subnet {subnet} belong to different networks."
    )
    assert failed(aws, point, usual(aws, point, InstanceType="x9.huge")) == "Invalid value 'x9.huge' for InstanceType."


def test_an_image_that_somebody_deregistered_cannot_be_restored(aws, point):
    metadata = usual(aws, point)
    image = point.rsplit("/", 1)[1]
    aws.ec2.deregister_image(ImageId=image)

    assert failed(aws, point, metadata) == f"The image id '[{image}]' does not exist"


def test_a_disabled_key_of_a_snapshot_fails_the_job(aws):
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    volume = aws.ec2.create_volume(Size=1, AvailabilityZone="us-east-1a", Encrypted=True, KmsKeyId=key)["VolumeId"]
    aws.ec2.attach_volume(VolumeId=volume, InstanceId=aws.web, Device="/dev/sdz")
    point = backed_up(aws)
    kms.disable_key(KeyId=key.rsplit("/", 1)[1])

    assert failed(aws, point) == RESTORE_MESSAGES[RestoreCause.KMS_DISABLED]


def test_a_script_can_fail_a_restore_for_every_cause(aws, point):
    for cause in RestoreCause:
        OUTCOMES.script(aws.web, RestoreOutcome(state="FAILED", cause=cause))
        said = failed(aws, point)

        assert said.startswith(RESTORE_MESSAGES[cause].split("{")[0])
        assert "{" not in said


def test_a_script_can_hang_or_abort_a_restore(aws, point):
    made = {}
    for state in ("PENDING", "RUNNING", "ABORTED"):
        OUTCOMES.script(aws.web, RestoreOutcome(state=state))
        made[state] = start_restore(aws, point)
    CLOCK.advance(10 * 3600)

    for state, job_id in made.items():
        assert aws.backup.describe_restore_job(RestoreJobId=job_id)["Status"] == state


def test_a_script_may_be_for_the_first_restore_alone(aws, point):
    aws.sandbox.control.script("*", {"state": "FAILED", "message": "Not today.", "times": 1}, job="restore")

    assert [restored(aws, point).get("StatusMessage") for _ in range(2)] == ["Not today.", None]


@pytest.mark.parametrize("values", [{"state": "CREATED"}, {"checks": "good"}, {"colour": "red"}, {"command": "Maybe"}])
def test_an_outcome_that_cannot_be_meant_is_refused(values):
    with pytest.raises(ValueError, match=r"must be one of|unknown"):
        RestoreOutcome.from_dict(values)


def test_there_are_scripts_for_three_kinds_of_job(aws):
    with pytest.raises(ValueError, match="there is no job 'drill'; there are backup, restore, copy"):
        aws.sandbox.control.script(aws.web, {}, job="drill")


def test_a_lost_answer_leaves_one_job_which_the_token_finds_again(aws, point):
    metadata = usual(aws, point)
    aws.sandbox.control.fault("StartRestoreJob", "lost", times=1)
    with pytest.raises(ConnectionClosedError):
        start_restore(aws, point, metadata, IdempotencyToken="drill")
    job_id = start_restore(aws, point, metadata, IdempotencyToken="drill")

    assert [job["id"] for job in aws.sandbox.control.restores()] == [job_id]


def test_calls_on_restores_can_be_throttled_or_broken_by_name(aws, point):
    calls = {
        "StartRestoreJob": lambda: start_restore(aws, point, {}),
        "DescribeRestoreJob": lambda: aws.backup.describe_restore_job(RestoreJobId="none"),
        "ListRestoreJobs": aws.backup.list_restore_jobs,
    }
    for operation, call in calls.items():
        aws.sandbox.control.fault(operation, "throttle", times=1)
        aws.sandbox.control.fault(f"backup:{operation}", times=1)
        for code in ("ThrottlingException", "InternalFailure"):
            with pytest.raises(ClientError, match=code):
                call()
