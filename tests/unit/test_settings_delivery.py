"""Where a run's report goes and who is told of it: what could never arrive is refused before the run."""

import pytest
from pydantic import ValidationError

from ec2_backup.report.command import to_flags
from ec2_backup.settings import BackupOptions, BackupRequest


@pytest.mark.parametrize(
    "place", ["s3://reports", "s3://reports/", "s3://my.reports-2/nightly/eu", "s3://reports/team=web/a_b!(1)*'"]
)
def test_a_bucket_with_any_prefix_of_safe_characters_takes_reports(place):
    assert BackupOptions(report_to=place).report_to == place


@pytest.mark.parametrize(
    "place",
    ["", "reports", "s3://", "s3://b", "s3:///nightly", "s3://Reports/x", "s3://reports/a b", "https://reports"],
)
def test_what_is_no_bucket_and_prefix_is_refused(place):
    with pytest.raises(ValidationError):
        BackupOptions(report_to=place)


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-central-1:123456789012:ops",
        "arn:aws-us-gov:sns:us-gov-west-1:123456789012:Backup_Alarms-1",
        "arn:aws-cn:sns:cn-north-1:123456789012:ops",
    ],
)
def test_a_topic_of_any_partition_can_be_told(arn):
    assert BackupOptions(notify_topic=arn).notify_topic == arn


@pytest.mark.parametrize(
    "arn",
    [
        "ops",
        "arn:aws:sqs:eu-central-1:123456789012:ops",
        "arn:aws:sns:eu-central-1:1234:ops",
        "arn:aws:sns:eu-central-1:123456789012:ops.fifo",
        "arn:aws:sns:eu-central-1:123456789012:ops:5be8f6ad-subscription",
    ],
)
def test_what_is_no_standard_topic_is_refused(arn):
    with pytest.raises(ValidationError):
        BackupOptions(notify_topic=arn)


def test_always_without_a_topic_is_refused_since_nobody_would_hear_of_it():
    with pytest.raises(ValidationError, match="name the topic with notify_topic"):
        BackupOptions(notify="always")


def test_a_run_that_is_repeated_tells_and_uploads_as_before():
    topic = "arn:aws:sns:eu-central-1:123456789012:ops"
    request = BackupRequest(options={"report_to": "s3://reports/x", "notify_topic": topic, "notify": "always"})

    assert to_flags(request) == ["--report-to", "s3://reports/x", "--notify-topic", topic, "--notify", "always"]
