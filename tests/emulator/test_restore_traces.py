"""What restores and copies leave in CloudTrail and in CloudWatch."""

import json

import pytest

from sandbox.clock import CLOCK
from tests.emulator.backups import backed_up, restored
from tests.emulator.elsewhere import copied, vault_in


@pytest.fixture
def point(aws):
    return backed_up(aws)


def events(aws, name):
    """Return the events of a name that CloudTrail shows an hour later."""
    CLOCK.advance(3600)
    wanted = [{"AttributeKey": "EventName", "AttributeValue": name}]
    found = aws.client("cloudtrail").lookup_events(LookupAttributes=wanted)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_a_start_is_recorded_without_the_metadata(aws, point):
    """Checklist 39."""
    job = restored(aws, point)
    (event,) = events(aws, "StartRestoreJob")

    assert event["responseElements"] == {"restoreJobId": job["RestoreJobId"]}
    assert event["requestParameters"]["recoveryPointArn"] == point
    assert event["requestParameters"]["metadata"] == "HIDDEN_DUE_TO_SECURITY_REASONS"


def test_the_launch_is_recorded_as_that_of_a_session_of_aws_backup(aws, point):
    job = restored(aws, point)
    (event,) = events(aws, "RunInstances")
    (item,) = event["responseElements"]["instancesSet"]["items"]

    assert job["CreatedResourceArn"].endswith(item["instanceId"])
    assert event["userIdentity"]["arn"].endswith("/AWSBackupDefaultServiceRole/AWSBackup-AWSBackupDefaultServiceRole")
    assert event["eventSource"] == "ec2.amazonaws.com"


def test_service_events_tell_of_restores_and_copies(aws, point):
    job, copy = restored(aws, point), copied(aws, point, vault_in(aws))
    details = {
        name: events(aws, name)[0]["serviceEventDetails"]
        for name in ("RestoreStarted", "RestoreCompleted", "CopyJobStarted", "CopyJobCompleted")
    }

    assert details["RestoreStarted"]["status"] == "RUNNING"
    assert details["RestoreCompleted"]["createdResourceArn"] == job["CreatedResourceArn"]
    assert details["CopyJobStarted"]["copyJobId"] == copy["CopyJobId"]
    assert details["CopyJobCompleted"]["destinationRecoveryPointArn"] == copy["DestinationRecoveryPointArn"]
    assert events(aws, "StartCopyJob")[0]["responseElements"]["copyJobId"] == copy["CopyJobId"]


def test_cloudwatch_counts_restores_and_copies_by_state(aws, point):
    restored(aws, point)
    copied(aws, point, vault_in(aws))
    metrics = aws.client("cloudwatch").list_metrics(Namespace="AWS/Backup")["Metrics"]
    names = {metric["MetricName"] for metric in metrics}

    assert {f"NumberOfRestoreJobs{state}" for state in ("Pending", "Running", "Completed")} <= names
    assert {f"NumberOfCopyJobs{state}" for state in ("Created", "Running", "Completed")} <= names
