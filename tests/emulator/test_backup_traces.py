"""What backups leave in CloudTrail, in CloudWatch and in the sandbox's own books."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from sandbox.backup import books
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES, Outcome


def events(aws, name):
    attributes = [{"AttributeKey": "EventName", "AttributeValue": name}]
    found = aws.client("cloudtrail").lookup_events(LookupAttributes=attributes)["Events"]
    return [json.loads(event["CloudTrailEvent"]) for event in found]


def test_a_start_is_an_event_with_the_job_in_its_answer(aws):
    """Checklist 39."""
    job_id = aws.start(IdempotencyToken="run-1", StartWindowMinutes=60)
    CLOCK.advance(600)
    (event,) = events(aws, "StartBackupJob")

    assert (event["eventSource"], event["eventType"]) == ("backup.amazonaws.com", "AwsApiCall")
    assert event["requestParameters"]["backupVaultName"] == aws.vault
    assert event["requestParameters"]["resourceArn"] == aws.arn(aws.web)
    assert event["requestParameters"]["startWindowMinutes"] == 60
    assert event["responseElements"]["backupJobId"] == job_id


def test_a_replayed_start_makes_no_second_job_in_the_books(aws):
    aws.start(IdempotencyToken="run-1")
    aws.start(IdempotencyToken="run-1")

    (job,) = books.jobs("123456789012", "us-east-1")
    assert (job["instance"], job["vault"], job["token"], job["state"]) == (aws.web, aws.vault, "run-1", "CREATED")


def test_the_books_hold_jobs_in_the_order_in_which_they_were_made(aws):
    made = [aws.start(aws.database), aws.start(aws.web), aws.start(aws.idle)]
    CLOCK.advance(7200)

    assert [job["id"] for job in books.jobs("123456789012", "us-east-1")] == made
    assert {job["state"] for job in books.jobs("123456789012", "us-east-1")} == {"COMPLETED"}
    assert json.dumps(books.jobs("123456789012", "us-east-1"))


def test_what_aws_backup_does_on_its_own_are_service_events(aws):
    """Checklist 39."""
    job = aws.finished()
    CLOCK.advance(600)

    for name in ("BackupJobStarted", "BackupJobCompleted", "RecoveryPointCreated"):
        (event,) = events(aws, name)
        assert event["eventType"] == "AwsServiceEvent"
        assert event["requestParameters"] is None
        assert event["userIdentity"]["invokedBy"] == "backup.amazonaws.com"
        assert event["serviceEventDetails"]["backupJobId"] == job["BackupJobId"]
        assert event["serviceEventDetails"]["recoveryPointArn"] == job["RecoveryPointArn"]


@pytest.mark.parametrize(("state", "completed", "failed"), [("COMPLETED", 1, 0), ("FAILED", 0, 1)])
def test_counts_are_published_and_a_count_of_nothing_is_not(aws, state, completed, failed):
    """Checklist 39."""
    OUTCOMES.script(aws.web, Outcome(state=state))
    aws.finished()
    now = datetime.now(UTC)

    def total(metric):
        points = aws.client("cloudwatch").get_metric_statistics(
            Namespace="AWS/Backup",
            MetricName=metric,
            Dimensions=[{"Name": "BackupVaultName", "Value": aws.vault}, {"Name": "ResourceType", "Value": "EC2"}],
            StartTime=now - timedelta(hours=1),
            EndTime=now + timedelta(hours=3),
            Period=24 * 3600,
            Statistics=["Sum"],
        )["Datapoints"]
        return sum(point["Sum"] for point in points)

    assert total("NumberOfBackupJobsCreated") == total("NumberOfBackupJobsRunning") == 1
    assert total("NumberOfBackupJobsCompleted") == total("NumberOfRecoveryPointsCompleted") == completed
    assert total("NumberOfBackupJobsFailed") == failed
    names = {
        metric["MetricName"] for metric in aws.client("cloudwatch").list_metrics(Namespace="AWS/Backup")["Metrics"]
    }
    assert "NumberOfBackupJobsExpired" not in names
