"""Step 11: which trail's log group is asked, and what is taken of what it holds."""

import json
from datetime import timedelta

import pytest

from ec2_backup.aws.cloudtrail import find_log_group
from ec2_backup.aws.logs import Span, filter_log_events
from ec2_backup.errors import AwsError
from ec2_backup.model import Target
from ec2_backup.watch import utc_now
from sandbox.running import running
from tests.aws.backups import HERE, client

MINUTE = timedelta(minutes=1)
GROUP = BUCKET = "aws-cloudtrail-logs-123456789012"


@pytest.fixture(scope="module")
def serving(fleet, speed):
    return running(speed=speed, fleet=fleet, trail=True)


@pytest.fixture
def trails():
    return client("cloudtrail")


def test_the_group_of_a_trail_of_all_regions_is_found_from_each_of_them_and_that_of_one_region_only_there(trails):
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"
    assert find_log_group(Target("eu-west-1")) == find_log_group(HERE) == arn

    trails.update_trail(Name="management-events", IsMultiRegionTrail=False)
    try:
        assert find_log_group(Target("eu-west-1")) is None
        assert find_log_group(HERE) == arn
    finally:
        trails.update_trail(Name="management-events", IsMultiRegionTrail=True)


def test_a_trail_of_the_account_itself_that_records_everything_comes_first(trails):
    groups = {name: f"arn:aws:logs:us-east-1:123456789012:log-group:{name}:*" for name in ("of-a-company", "whole")}
    for name, group in groups.items():
        trails.create_trail(Name=name, S3BucketName=BUCKET, IsMultiRegionTrail=True, CloudWatchLogsLogGroupArn=group)
    trails.update_trail(Name="of-a-company", IsOrganizationTrail=True)
    trails.put_event_selectors(TrailName="management-events", EventSelectors=[{"ReadWriteType": "WriteOnly"}])

    assert find_log_group(HERE) == groups["whole"]
    trails.delete_trail(Name="whole")
    assert find_log_group(HERE) == f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}:*"
    trails.delete_trail(Name="management-events")
    assert find_log_group(HERE) == groups["of-a-company"]
    trails.delete_trail(Name="of-a-company")
    assert find_log_group(HERE) is None


def test_the_group_of_another_account_is_not_there_for_the_caller():
    during, arn = Span(utc_now() - MINUTE, utc_now()), "arn:aws:logs:us-east-1:210987654321:log-group:company:*"

    with pytest.raises(AwsError, match="does not exist"):
        list(filter_log_events(arn, "StartBackupJob", during, HERE, 3))


def test_what_else_is_in_a_group_is_passed_over():
    logs, now = client("logs"), utc_now()
    logs.create_log_group(logGroupName="mixed")
    logs.create_log_stream(logGroupName="mixed", logStreamName="one")
    record = {"eventSource": "backup.amazonaws.com", "eventName": "StartBackupJob", "awsRegion": "us-east-1"}
    texts = ["no JSON", json.dumps(record), json.dumps({**record, "awsRegion": "eu-west-1", "eventID": "1"})]
    texts.append(json.dumps({**record, "eventID": "2", "eventTime": "2026-11-23T08:00:00Z", "userIdentity": None}))
    stamp = int(now.timestamp() * 1000)
    logs.put_log_events(
        logGroupName="mixed",
        logStreamName="one",
        logEvents=[{"timestamp": stamp + number, "message": text} for number, text in enumerate(texts)],
    )

    arn = "arn:aws:logs:us-east-1:123456789012:log-group:mixed:*"
    (event,) = filter_log_events(arn, "StartBackupJob", Span(now - MINUTE, now), HERE, 3)

    assert (event["EventId"], event["Username"]) == ("2", "")
    assert event["EventTime"].isoformat() == "2026-11-23T08:00:00+00:00"
