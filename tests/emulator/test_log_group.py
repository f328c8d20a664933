"""A trail that delivers to a log group, and FilterLogEvents over what it delivered."""

import json

import boto3
import pytest

from sandbox.clock import CLOCK
from tests.emulator.callers import refusal, statement, user

GROUP, DELIVERY = "trail", 301
STARTS = '{ ($.eventSource = "backup.amazonaws.com") && ($.eventName = "StartBackupJob") }'


@pytest.fixture
def trail(aws):
    """A trail that somebody made with nothing but AWS's own calls."""
    aws.client("s3").create_bucket(Bucket="trail-archive")
    aws.client("logs").create_log_group(logGroupName=GROUP)
    group = aws.client("logs").describe_log_groups(logGroupNamePrefix=GROUP)["logGroups"][0]["arn"]
    cloudtrail = aws.client("cloudtrail")
    cloudtrail.create_trail(
        Name="management",
        S3BucketName="trail-archive",
        IsMultiRegionTrail=True,
        CloudWatchLogsLogGroupArn=group,
        CloudWatchLogsRoleArn="arn:aws:iam::123456789012:role/CloudTrail",
    )
    cloudtrail.start_logging(Name="management")
    return cloudtrail


def filtered(aws, **parameters):
    found = {"logGroupName": GROUP} if "logGroupIdentifier" not in parameters else {}
    return aws.client("logs").filter_log_events(**found, **parameters)


def records(answer):
    return [json.loads(event["message"]) for event in answer["events"]]


@pytest.mark.usefixtures("trail")
def test_a_trail_delivers_a_call_to_its_log_group_five_minutes_later(aws):
    job_id = aws.start(aws.web)
    CLOCK.advance(DELIVERY - 10)
    early = filtered(aws)["events"]
    CLOCK.advance(10)

    (event,) = filtered(aws, filterPattern=STARTS)["events"]
    record = json.loads(event["message"])

    assert early == []
    assert record["responseElements"]["backupJobId"] == job_id
    assert event["logStreamName"] == "123456789012_CloudTrail_us-east-1"
    assert event["timestamp"] >= CLOCK.now().timestamp() * 1000 - 60_000  # the time of delivery, not that of the call


def test_what_came_before_the_trail_or_while_it_did_not_log_is_not_in_its_group(aws, trail):
    aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    assert len(filtered(aws, filterPattern=STARTS)["events"]) == 1
    trail.stop_logging(Name="management")
    aws.start(aws.database)
    CLOCK.advance(DELIVERY)

    assert len(filtered(aws, filterPattern=STARTS)["events"]) == 1


@pytest.mark.parametrize(
    ("selectors", "events"),
    [
        ({"EventSelectors": [{"ReadWriteType": "WriteOnly"}]}, 1),
        ({"EventSelectors": [{"ReadWriteType": "ReadOnly"}]}, 0),
        ({"EventSelectors": [{"ReadWriteType": "All", "IncludeManagementEvents": False}]}, 0),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Management"]}]}]}, 1),
        ({"AdvancedEventSelectors": [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]}, 0),
    ],
)
def test_a_trail_delivers_what_its_selectors_let_through_and_says_that_it_has_some(aws, trail, selectors, events):
    whole = trail.describe_trails()["trailList"][0]["HasCustomEventSelectors"]
    trail.put_event_selectors(TrailName="management", **selectors)
    aws.start(aws.web)
    CLOCK.advance(DELIVERY)

    assert len(filtered(aws, filterPattern=STARTS)["events"]) == events
    assert (whole, trail.describe_trails()["trailList"][0]["HasCustomEventSelectors"]) == (False, True)


@pytest.mark.usefixtures("trail")
def test_a_trail_of_all_regions_has_one_group_in_its_home_region(aws):
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    far = {"region_name": "eu-west-1", "endpoint_url": aws.sandbox.url, **keys}
    boto3.client("backup", **far).create_backup_vault(BackupVaultName="Far")
    instance = boto3.client("ec2", **far).run_instances(ImageId="ami-12c6146b", MinCount=1, MaxCount=1)["Instances"][0]
    boto3.client("backup", **far).start_backup_job(
        BackupVaultName="Far",
        ResourceArn=f"arn:aws:ec2:eu-west-1:123456789012:instance/{instance['InstanceId']}",
        IamRoleArn=aws.role,
    )
    aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    here = STARTS.replace(" }", ' && ($.awsRegion = "us-east-1") }')

    assert {one["awsRegion"] for one in records(filtered(aws, filterPattern=STARTS))} == {"us-east-1", "eu-west-1"}
    assert {one["awsRegion"] for one in records(filtered(aws, filterPattern=here))} == {"us-east-1"}
    assert boto3.client("logs", **far).describe_log_groups()["logGroups"] == []


def test_pages_hold_a_megabyte_at_most_and_come_in_order(aws):
    logs, stamp = aws.client("logs"), int(CLOCK.now().timestamp() * 1000)
    logs.create_log_group(logGroupName=GROUP)
    for name, first in (("odd", 1), ("even", 0)):
        logs.create_log_stream(logGroupName=GROUP, logStreamName=name)
        texts = [
            {"timestamp": stamp + number, "message": f"{number:04} ".ljust(40_000, "x")}
            for number in range(first, 60, 2)
        ]
        for some in (texts[:15], texts[15:]):
            logs.put_log_events(logGroupName=GROUP, logStreamName=name, logEvents=some)
    pages = list(logs.get_paginator("filter_log_events").paginate(logGroupName=GROUP))
    numbers = [int(event["message"][:4]) for page in pages for event in page["events"]]

    assert [len(page["events"]) for page in pages] == [26, 26, 8]
    assert numbers == list(range(60))


@pytest.mark.usefixtures("trail")
def test_some_pages_are_empty_though_there_are_more(aws):
    aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    aws.sandbox.control.switch(empty_log_pages=2)

    first = filtered(aws, filterPattern=STARTS)
    pages = list(aws.client("logs").get_paginator("filter_log_events").paginate(logGroupName=GROUP))

    assert first["events"] == []
    assert first["nextToken"]
    assert [bool(page["events"]) for page in pages] == [False, False, True]


@pytest.mark.usefixtures("trail")
def test_limits_times_and_streams_narrow_the_search(aws):
    for _ in range(3):
        aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    (first, *_, last) = stamps = [event["timestamp"] for event in filtered(aws, filterPattern=STARTS)["events"]]

    assert stamps == sorted(stamps)
    assert len(filtered(aws, filterPattern=STARTS, limit=2)["events"]) == 2
    assert len(filtered(aws, filterPattern=STARTS, startTime=first, endTime=last)["events"]) == 3
    assert filtered(aws, filterPattern=STARTS, endTime=first - 1)["events"] == []
    assert filtered(aws, filterPattern=STARTS, startTime=last + 1)["events"] == []
    assert filtered(aws, logStreamNamePrefix="210987654321")["events"] == []
    assert filtered(aws, logStreamNames=["absent"])["events"] == []


@pytest.mark.usefixtures("trail")
def test_a_group_may_be_named_by_its_arn(aws):
    arn = f"arn:aws:logs:us-east-1:123456789012:log-group:{GROUP}"
    aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    logs = aws.client("logs")

    assert len(filtered(aws, logGroupIdentifier=arn, filterPattern=STARTS)["events"]) == 1
    assert refusal(logs.filter_log_events, logGroupIdentifier=f"{arn}:*")[0] == "InvalidParameterException"
    assert refusal(logs.filter_log_events, logGroupIdentifier=arn, logGroupName=GROUP)[0] == "InvalidParameterException"


def test_a_group_that_is_not_there_is_said_to_be_absent(aws):
    code, said, status = refusal(aws.client("logs").filter_log_events, logGroupName="absent")

    assert (code, said, status) == ("ResourceNotFoundException", "The specified log group does not exist.", 400)


@pytest.mark.usefixtures("trail")
def test_a_token_is_good_for_the_same_parameters_only(aws):
    for _ in range(3):
        aws.start(aws.web)
    CLOCK.advance(DELIVERY)
    token = filtered(aws, filterPattern=STARTS, limit=2)["nextToken"]
    logs = aws.client("logs")

    assert len(filtered(aws, filterPattern=STARTS, limit=2, nextToken=token)["events"]) == 1
    assert refusal(logs.filter_log_events, logGroupName=GROUP, nextToken=token)[0] == "InvalidParameterException"
    assert refusal(logs.filter_log_events, logGroupName=GROUP, nextToken="bm8=")[0] == "InvalidParameterException"


@pytest.mark.usefixtures("trail")
def test_reading_a_group_needs_to_be_allowed_on_it_as_aws_writes_its_arn(aws):
    arn = f"arn:aws:logs:*:123456789012:log-group:{GROUP}:*"
    logs = aws.client("logs", **user(aws, statement("Allow", "logs:FilterLogEvents", arn)))
    aws.client("logs").create_log_group(logGroupName="payroll")
    code, said, status = refusal(logs.filter_log_events, logGroupName="payroll")

    assert logs.filter_log_events(logGroupName=GROUP)["events"] == []
    assert (code, status) == ("AccessDeniedException", 400)
    assert "logs:FilterLogEvents on resource: arn:aws:logs:us-east-1:123456789012:log-group:payroll:*" in said
