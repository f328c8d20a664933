"""CloudTrail's LookupEvents: late, newest first, one attribute at a time."""

import json
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK

STARTS = [{"AttributeKey": "EventName", "AttributeValue": "StartBackupJob"}]


def lookup(aws, **parameters):
    return aws.client("cloudtrail").lookup_events(**parameters)["Events"]


def refusal(aws, **parameters):
    with pytest.raises(ClientError) as refused:
        lookup(aws, **parameters)
    return refused.value.response["Error"]["Code"]


def test_an_event_is_visible_five_minutes_after_its_call(aws):
    """Checklist 39."""
    aws.start(aws.web)
    CLOCK.advance(295)
    before = lookup(aws, LookupAttributes=STARTS)
    CLOCK.advance(10)

    assert before == []
    assert [event["EventName"] for event in lookup(aws, LookupAttributes=STARTS)] == ["StartBackupJob"]


def test_the_event_of_a_start_holds_its_job_its_parameters_and_its_caller(aws):
    """Checklist 39."""
    job_id = aws.start(aws.web)
    CLOCK.advance(400)

    event = lookup(aws, LookupAttributes=STARTS)[0]
    document = json.loads(event["CloudTrailEvent"])

    assert document["responseElements"]["backupJobId"] == job_id
    assert document["requestParameters"]["backupVaultName"] == aws.vault
    assert document["requestParameters"]["resourceArn"] == aws.arn(aws.web)
    assert document["eventSource"] == event["EventSource"] == "backup.amazonaws.com"
    assert document["userIdentity"]["arn"] == aws.client("sts").get_caller_identity()["Arn"]
    assert event["ReadOnly"] == "false"


def test_what_aws_backup_does_itself_is_a_service_event(aws):
    """Checklist 39."""
    aws.finished(aws.web)
    CLOCK.advance(600)
    names = {event["EventName"]: json.loads(event["CloudTrailEvent"]) for event in lookup(aws)}

    assert {"BackupJobStarted", "BackupJobCompleted", "RecoveryPointCreated"} <= names.keys()
    completed = names["BackupJobCompleted"]
    assert completed["eventType"] == "AwsServiceEvent"
    assert completed["userIdentity"]["invokedBy"] == "backup.amazonaws.com"
    assert completed["requestParameters"] is None
    assert completed["serviceEventDetails"]["state"] == "COMPLETED"


def test_events_come_newest_first_in_pages_of_fifty(aws):
    """Checklist 39."""
    for _ in range(60):
        aws.start(aws.web)
    CLOCK.advance(400)
    pages = list(aws.client("cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=STARTS))
    times = [event["EventTime"] for page in pages for event in page["Events"]]

    assert [len(page["Events"]) for page in pages] == [50, 10]
    assert times == sorted(times, reverse=True)


def test_a_token_is_good_for_the_same_parameters_only(aws):
    for _ in range(3):
        aws.start(aws.web)
    CLOCK.advance(400)
    cloudtrail = aws.client("cloudtrail")
    token = cloudtrail.lookup_events(LookupAttributes=STARTS, MaxResults=2)["NextToken"]

    assert len(cloudtrail.lookup_events(LookupAttributes=STARTS, MaxResults=2, NextToken=token)["Events"]) == 1
    assert refusal(aws, MaxResults=2, NextToken=token) == "InvalidNextTokenException"


def test_a_time_range_leaves_out_what_is_outside_of_it(aws):
    aws.start(aws.web)
    CLOCK.advance(3600)
    middle = CLOCK.now()
    aws.start(aws.database)
    CLOCK.advance(400)

    early = lookup(aws, LookupAttributes=STARTS, EndTime=middle)
    late = lookup(aws, LookupAttributes=STARTS, StartTime=middle - timedelta(seconds=1))

    assert [len(early), len(late)] == [1, 1]
    assert early[0]["EventId"] != late[0]["EventId"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"LookupAttributes": [*STARTS, {"AttributeKey": "Username", "AttributeValue": "x"}]}, "InvalidLookup"),
        ({"MaxResults": 51}, "InvalidMaxResults"),
        ({"StartTime": 2_000_000_000, "EndTime": 1_000_000_000}, "InvalidTimeRange"),
    ],
)
def test_what_cloudtrail_cannot_answer_it_refuses(aws, parameters, code):
    assert refusal(aws, **parameters).startswith(code)
