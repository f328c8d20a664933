"""Restore jobs: their start, their life on virtual time, and the lists that show them."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES
from tests.emulator.backups import backed_up, metadata_of, restored, start_restore, usual
from tests.emulator.callers import refusal


@pytest.fixture
def point(aws):
    return backed_up(aws)


def describe(aws, job_id):
    return aws.backup.describe_restore_job(RestoreJobId=job_id)


def test_a_start_answers_with_the_id_of_the_job_alone(aws, point):
    answer = aws.backup.start_restore_job(RecoveryPointArn=point, Metadata=usual(aws, point), IamRoleArn=aws.role)
    answer.pop("ResponseMetadata")

    assert answer.keys() == {"RestoreJobId"}


def test_a_job_is_pending_then_runs_then_is_completed(aws, point):
    job_id = start_restore(aws, point)
    seen = []
    for _ in range(40):
        job = describe(aws, job_id)
        seen.append((job["Status"], job["PercentDone"]))
        CLOCK.advance(5)

    assert list(dict.fromkeys(seen)) == [("PENDING", "0.00%"), ("RUNNING", "0.00%"), ("COMPLETED", "100.00%")]


def test_a_completed_job_says_what_it_made_of_what(aws, point):
    """Checklist 36."""
    job = restored(aws, point)
    described = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=point)

    assert (job["Status"], job["PercentDone"], job["ResourceType"]) == ("COMPLETED", "100.00%", "EC2")
    assert job["CreatedResourceArn"].startswith("arn:aws:ec2:us-east-1:123456789012:instance/i-")
    assert job["CreatedResourceArn"] != job["SourceResourceArn"] == aws.arn(aws.web)
    assert job["RecoveryPointCreationDate"] == described["CreationDate"]
    assert job["BackupSizeInBytes"] == described["BackupSizeInBytes"]
    assert timedelta(minutes=1) < job["CompletionDate"] - job["CreationDate"] < timedelta(minutes=10)
    assert described["LastRestoreTime"] >= job["CreationDate"]


def test_what_is_made_shows_only_when_the_job_is_over(aws, point):
    job_id = start_restore(aws, point)
    CLOCK.advance(30)

    assert "CreatedResourceArn" not in describe(aws, job_id)


def test_a_large_backup_takes_longer(aws):
    volume = aws.ec2.create_volume(Size=500, AvailabilityZone="us-east-1a")["VolumeId"]
    aws.ec2.attach_volume(VolumeId=volume, InstanceId=aws.database, Device="/dev/sdz")
    small, large = restored(aws, backed_up(aws)), restored(aws, backed_up(aws, aws.database))

    assert large["CompletionDate"] - large["CreationDate"] > small["CompletionDate"] - small["CreationDate"]


def test_a_second_start_with_the_same_token_returns_the_same_job(aws, point):
    first = start_restore(aws, point, IdempotencyToken="drill-1")
    CLOCK.advance(3500)
    again = start_restore(aws, point, IdempotencyToken="drill-1")
    CLOCK.advance(200)

    assert first == again != start_restore(aws, point, IdempotencyToken="drill-1")
    assert len(aws.sandbox.control.restores()) == 2


def test_the_metadata_of_a_job_are_those_that_it_was_started_with(aws, point):
    metadata = usual(aws, point, InstanceInitiatedShutdownBehavior="terminate")
    said = aws.backup.get_restore_job_metadata(RestoreJobId=start_restore(aws, point, metadata))

    assert said["Metadata"] == metadata


def test_the_metadata_of_a_recovery_point_have_the_form_that_a_real_account_showed(aws, point):
    """Checklist 36."""
    metadata = metadata_of(aws, point)

    assert metadata["Placement"] == '{"AvailabilityZone":"us-east-1a","GroupName":"","Tenancy":"default"}'
    assert metadata["Monitoring"] == '{"State":"disabled"}'
    assert metadata["EbsOptimized"] == "false"
    assert '"NetworkInterfaceId":"eni-' in metadata["NetworkInterfaces"]


def test_a_list_shows_jobs_by_status_and_date_in_pages(aws, point):
    made = [start_restore(aws, point) for _ in range(3)]
    CLOCK.advance(600)
    since = describe(aws, made[-1])["CompletionDate"]
    late = start_restore(aws, point)

    pages = list(aws.backup.get_paginator("list_restore_jobs").paginate(PaginationConfig={"PageSize": 2}))
    assert [[job["RestoreJobId"] for job in page["RestoreJobs"]] for page in pages] == [[late, made[2]], made[1::-1]]
    assert ids(aws, ByStatus="PENDING") == ids(aws, ByCreatedAfter=since) == [late]
    assert ids(aws, ByCompleteBefore=since) == made[::-1]
    assert ids(aws, ByResourceType="EBS") == ids(aws, ByAccountId="210987654321") == []


def ids(aws, **wanted):
    return [job["RestoreJobId"] for job in aws.backup.list_restore_jobs(**wanted)["RestoreJobs"]]


def test_jobs_are_found_by_the_instance_that_was_backed_up(aws, point):
    job_id = start_restore(aws, point)
    other = backed_up(aws, aws.database)
    start_restore(aws, other)
    said = aws.backup.list_restore_jobs_by_protected_resource(ResourceArn=aws.arn(aws.web), ByStatus="COMPLETED")

    assert [job["RestoreJobId"] for job in said["RestoreJobs"]] == [job_id]
    with pytest.raises(ClientError, match="Unsupported resource type"):
        aws.backup.list_restore_jobs_by_protected_resource(ResourceArn=other)


def test_a_new_job_may_be_missing_from_lists_for_a_while(aws, point):
    OUTCOMES.switch(list_lag_seconds=30.0)
    job_id = start_restore(aws, point)

    assert ids(aws) == []
    CLOCK.advance(31)
    assert ids(aws) == [job_id]


def test_what_is_not_there_cannot_be_described_or_restored(aws, point):
    gone = "arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0"

    assert refusal(aws.backup.describe_restore_job, RestoreJobId="none")[0] == "ResourceNotFoundException"
    assert refusal(start_restore, aws=aws, arn=gone, metadata={})[:2] == (
        "ResourceNotFoundException",
        "Cannot find recovery point",
    )
    assert refusal(start_restore, aws=aws, arn=point, ResourceType="EBS")[0] == "InvalidParameterValueException"


def test_a_recovery_point_in_the_making_cannot_be_restored(aws, point):
    metadata = usual(aws, point)
    job_id = aws.start(aws.web)
    CLOCK.advance(120)
    arn = aws.job(job_id)["RecoveryPointArn"]

    assert refusal(start_restore, aws=aws, arn=arn, metadata=metadata)[0] == "InvalidRequestException"


def test_a_role_that_aws_backup_cannot_assume_is_refused_or_fails_the_job(aws, point):
    role = "arn:aws:iam::123456789012:role/AWSBackupDefaultServiceRole"
    code, said, _ = refusal(start_restore, aws=aws, arn=point, IamRoleArn=role)
    OUTCOMES.switch(role_trust="async")
    job = restored(aws, point, IamRoleArn=role)

    assert (code, said) == ("InvalidParameterValueException", f"IAM Role {role} cannot be assumed by AWS Backup")
    assert (job["Status"], job["StatusMessage"]) == ("FAILED", said)


def test_restores_are_not_kept_from_running_by_a_backup_of_the_same_instance(aws, point):
    aws.start(aws.web)
    CLOCK.advance(60)

    assert restored(aws, point)["Status"] == "COMPLETED"
