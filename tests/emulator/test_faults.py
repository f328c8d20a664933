"""Calls that go wrong on purpose, as a client of AWS meets them."""

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from tests.emulator.callers import refusal

DROPPED = (ConnectionClosedError, EndpointConnectionError)


def test_an_error_strikes_as_often_as_it_was_asked_to_and_nothing_happens(aws):
    aws.sandbox.control.fault(
        "backup:StartBackupJob", "error", code="ServiceUnavailableException", message="Try later.", times=2
    )
    start = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}
    found = [refusal(aws.backup.start_backup_job, **start) for _ in range(2)]

    assert found == [("ServiceUnavailableException", "Try later.", 500)] * 2
    assert aws.sandbox.control.jobs() == []
    assert aws.start(aws.web)


@pytest.mark.parametrize(
    ("service", "operation", "code", "status"),
    [
        ("backup", "list_backup_jobs", "ThrottlingException", 400),
        ("ec2", "describe_instances", "RequestLimitExceeded", 503),
        ("sts", "get_caller_identity", "Throttling", 400),
        ("iam", "list_roles", "Throttling", 400),
        ("kms", "list_keys", "ThrottlingException", 400),
        ("cloudtrail", "lookup_events", "ThrottlingException", 400),
        ("cloudwatch", "list_metrics", "Throttling", 400),
        ("s3", "list_buckets", "SlowDown", 503),
    ],
)
def test_every_service_throttles_in_its_own_words(aws, service, operation, code, status):
    aws.sandbox.control.fault(f"{service}:*", "throttle", times=1)
    call = getattr(aws.client(service), operation)

    assert refusal(call)[::2] == (code, status)
    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("backup", "list_backup_jobs", "ExpiredTokenException"),
        ("ec2", "describe_instances", "RequestExpired"),
        ("sts", "get_caller_identity", "ExpiredToken"),
        ("s3", "list_buckets", "ExpiredToken"),
    ],
)
def test_credentials_may_expire_for_all_services_until_they_are_renewed(aws, service, operation, code):
    """Checklist 40."""
    aws.sandbox.control.fault("*", "expired")
    call = getattr(aws.client(service), operation)

    assert refusal(call)[0] == refusal(call)[0] == code
    aws.sandbox.control.clear_faults()
    assert call()["ResponseMetadata"]["HTTPStatusCode"] == 200


def test_credentials_may_expire_in_the_middle_of_a_run(aws):
    aws.sandbox.control.fault("*", "expired", skip=2, times=1)

    assert [aws.backup.list_backup_jobs()["BackupJobs"] for _ in range(2)] == [[], []]
    assert refusal(aws.backup.list_backup_jobs)[0] == "ExpiredTokenException"
    assert aws.backup.list_backup_jobs()["BackupJobs"] == []


def test_a_connection_that_is_reset_leaves_nothing_behind(aws):
    aws.sandbox.control.fault("StartBackupJob", "reset", times=1)

    with pytest.raises(DROPPED):
        aws.start(aws.web)
    assert aws.sandbox.control.jobs() == []


def test_a_lost_answer_leaves_a_job_behind_that_the_token_finds_again(aws):
    aws.sandbox.control.fault("StartBackupJob", "lost", times=1)
    with pytest.raises(DROPPED):
        aws.start(aws.web, IdempotencyToken="run-1")
    (job,) = aws.sandbox.control.jobs()

    assert aws.start(aws.web, IdempotencyToken="run-1") == job["id"]
    assert len(aws.sandbox.control.jobs()) == 1


def test_a_fault_may_be_meant_for_one_instance_only(aws):
    aws.sandbox.control.fault("StartBackupJob", "throttle", contains=aws.web)

    assert aws.start(aws.database)
    with pytest.raises(ClientError, match="Rate exceeded"):
        aws.start(aws.web)


def test_a_fault_of_an_operation_leaves_others_alone(aws):
    aws.sandbox.control.fault("DescribeInstances", "error", code="InternalError", status=500)

    assert refusal(aws.ec2.describe_instances)[::2] == ("InternalError", 500)
    assert aws.ec2.describe_volumes()["Volumes"]


def test_a_truncated_answer_says_200_and_lacks_what_was_asked_for(aws):
    aws.start(aws.web)
    aws.sandbox.control.fault("ListBackupJobs", "truncate", times=1)

    answer = aws.backup.list_backup_jobs()

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "BackupJobs" not in answer
    assert len(aws.backup.list_backup_jobs()["BackupJobs"]) == 1


def test_a_corrupt_answer_is_not_even_text(aws):
    aws.sandbox.control.fault("ListBackupJobs", "corrupt", times=1)

    with pytest.raises(UnicodeDecodeError):
        aws.backup.list_backup_jobs()


def test_a_delayed_answer_comes_after_others_that_were_asked_for_later(aws):
    aws.sandbox.control.fault("ListBackupJobs", "delay", seconds=0.3, times=1)
    order = []
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(lambda: (aws.backup.list_backup_jobs(), order.append("slow")))
        while not aws.sandbox.control.faults()[0]["struck"]:
            pass
        aws.backup.list_backup_vaults()
        order.append("quick")
        slow.result()

    assert order == ["quick", "slow"]


def test_a_server_that_hangs_runs_into_the_timeout_of_the_client(aws):
    aws.sandbox.control.fault("GetCallerIdentity", "delay", seconds=1.0, times=1)
    config = Config(read_timeout=0.2, retries={"total_max_attempts": 1})
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    impatient = boto3.client("sts", region_name="us-east-1", endpoint_url=aws.sandbox.url, config=config, **keys)

    with pytest.raises(ReadTimeoutError):
        impatient.get_caller_identity()


def test_a_fault_that_does_not_exist_is_refused(aws):
    with pytest.raises(ValueError, match="kind must be one of"):
        aws.sandbox.control.fault("*", "explode")
    with pytest.raises(ValueError, match="unknown: often"):
        aws.sandbox.control.fault("*", "reset", often=True)
