"""AWS's request quotas, which are real token buckets in real seconds once they are switched on."""

from concurrent.futures import ThreadPoolExecutor

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError


def tally(call, times):
    """Call at once from many threads; return the error codes with how often each was met, "" for an answer."""

    def code(_):
        try:
            call()
        except ClientError as refused:
            return refused.response["Error"]["Code"], refused.response["ResponseMetadata"]["HTTPStatusCode"]
        return "", 200

    with ThreadPoolExecutor(20) as pool:
        met = list(pool.map(code, range(times)))
    return {one: met.count(one) for one in set(met)}


@pytest.fixture
def limited(aws):
    aws.sandbox.control.switch(quotas=True)
    aws.sandbox.control.clear_calls()
    return aws


def test_without_quotas_nothing_is_throttled(aws):
    assert tally(aws.backup.list_backup_jobs, 80) == {("", 200): 80}


def test_starts_beyond_five_a_second_are_throttled(limited):
    """Checklist 37."""
    met = tally(limited.start, 60)

    assert met.keys() == {("", 200), ("ThrottlingException", 400)}
    assert 5 <= met["", 200] < 30
    assert len(limited.sandbox.control.jobs()) == met["", 200]


def test_all_calls_of_aws_backup_together_have_a_quota_too(limited):
    """Checklist 37."""
    calls = [limited.backup.list_backup_jobs, limited.backup.list_backup_vaults, limited.backup.list_backup_plans]
    calls += [limited.backup.list_recovery_points_by_resource, limited.backup.list_restore_jobs]
    with ThreadPoolExecutor(5) as pool:
        parameters = [{}, {}, {}, {"ResourceArn": limited.arn(limited.web)}, {}]
        met = list(pool.map(lambda pair: tally(lambda: pair[0](**pair[1]), 24), zip(calls, parameters, strict=True)))

    assert sum(one.get(("ThrottlingException", 400), 0) for one in met) > 0


def test_ec2_takes_a_hundred_narrow_calls_at_once(limited):
    """Checklist 37."""
    met = tally(lambda: limited.ec2.describe_volumes(VolumeIds=["vol-1"]), 100)

    assert met == {("InvalidVolumeID.Malformed", 400): 100}


def test_ec2_throttles_unfiltered_calls_sooner(limited):
    """Checklist 37."""
    met = tally(limited.ec2.describe_instances, 200)

    assert met["RequestLimitExceeded", 503] > 0
    assert met["", 200] >= 50


def test_lookups_of_events_are_two_a_second(limited):
    """Checklist 37."""
    met = tally(limited.client("cloudtrail").lookup_events, 30)

    assert met["ThrottlingException", 400] > 0
    assert met["", 200] >= 2


def test_calls_are_counted_by_operation_accepted_and_throttled(limited):
    met = tally(limited.start, 40)
    counted = limited.sandbox.control.calls()["backup:StartBackupJob"]

    assert counted == {"accepted": met["", 200], "throttled": met["ThrottlingException", 400]}


def test_another_region_has_another_bucket(limited):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    config = Config(retries={"total_max_attempts": 1})
    elsewhere = boto3.client("backup", region_name="eu-west-1", endpoint_url=limited.sandbox.url, config=config, **keys)
    here = tally(limited.start, 40)

    assert ("ThrottlingException", 400) in here
    assert [elsewhere.list_backup_jobs()["BackupJobs"] for _ in range(5)] == [[]] * 5
