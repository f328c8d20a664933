"""StartBackupJob: what it answers and what it refuses about its parameters."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK


def refusal(aws, **parameters):
    with pytest.raises(ClientError) as refused:
        aws.start(**parameters)
    return refused.value.response["Error"]


def test_a_start_answers_with_three_members_and_no_recovery_point(aws):
    """Checklist 8."""
    answer = aws.backup.start_backup_job(BackupVaultName=aws.vault, ResourceArn=aws.arn(aws.web), IamRoleArn=aws.role)
    answer.pop("ResponseMetadata")

    assert answer.keys() == {"BackupJobId", "CreationDate", "IsParent"}
    assert answer["IsParent"] is False


def test_a_second_start_with_the_same_token_returns_the_same_job(aws):
    """Checklist 9."""
    first = aws.start(IdempotencyToken="run-1")
    CLOCK.advance(3500)

    assert aws.start(IdempotencyToken="run-1") == first
    assert len(aws.sandbox.control.jobs()) == 1


def test_starts_at_the_same_time_with_one_token_make_one_job(aws):
    """Checklist 9."""
    with ThreadPoolExecutor(8) as pool:
        started = set(pool.map(lambda _: aws.start(IdempotencyToken="run-1"), range(24)))

    assert len(started) == len(aws.sandbox.control.jobs()) == 1


def test_a_token_is_forgotten_after_an_hour(aws):
    """Checklist 9."""
    first = aws.start(IdempotencyToken="run-1")
    CLOCK.advance(3601)

    assert aws.start(IdempotencyToken="run-1") != first


def test_another_token_makes_another_job(aws):
    """Checklist 9."""
    assert aws.start(IdempotencyToken="run-1") != aws.start(IdempotencyToken="run-2")


def test_a_token_lives_an_hour_of_its_clients_time_whatever_the_speed(aws):
    CLOCK.reset(speed=60)
    first = aws.start(IdempotencyToken="run-1")
    CLOCK.advance(3590)

    assert aws.start(IdempotencyToken="run-1") == first


@pytest.mark.parametrize("minutes", [59, 0, 52_560_001])
def test_a_start_window_has_a_least_and_a_most(aws, minutes):
    """Checklist 10."""
    error = refusal(aws, StartWindowMinutes=minutes)

    assert error["Code"] == "InvalidParameterValueException"
    assert "StartWindowMinutes" in error["Message"]


def test_start_by_is_the_creation_plus_the_window_whatever_the_speed(aws):
    """Checklist 10."""
    CLOCK.reset(speed=120)
    job = aws.job(aws.start(StartWindowMinutes=60))

    assert job["StartBy"] - job["CreationDate"] == timedelta(hours=1)


@pytest.mark.parametrize(
    ("lifecycle", "said"),
    [
        (
            {"DeleteAfterDays": 36501},
            "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
        ),
        (
            {"DeleteAfterDays": 0},
            "Invalid lifecycle. DeleteAfterDays cannot be less than 1 or more than 36500 days",
        ),
        (
            {"DeleteAfterDays": 100, "MoveToColdStorageAfterDays": 30},
            "Invalid lifecycle. DeleteAfterDays cannot be less than 90 days apart from MoveToColdStorageAfterDays",
        ),
        ({"MoveToColdStorageAfterDays": 0}, "Invalid lifecycle. MoveToColdStorageAfterDays is unavailable"),
        ({"DeleteAfterEvent": "DELETE_AFTER_COPY"}, "Invalid lifecycle. DeleteAfterEvent is not a valid input"),
    ],
)
def test_an_impossible_lifecycle_is_refused_in_the_words_of_aws(aws, lifecycle, said):
    """Checklist 11."""
    error = refusal(aws, Lifecycle=lifecycle)

    assert (error["Code"], error["Message"]) == ("InvalidParameterValueException", said)


def test_cold_storage_is_ignored_for_ec2(aws):
    """Checklist 11."""
    job = aws.finished(Lifecycle={"DeleteAfterDays": 120, "MoveToColdStorageAfterDays": 30})
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert job["RecoveryPointLifecycle"] == point["Lifecycle"] == {"DeleteAfterDays": 120}


@pytest.mark.parametrize("lifecycle", [{}, {"DeleteAfterDays": -1}])
def test_no_lifecycle_keeps_the_recovery_point_for_ever(aws, lifecycle):
    """Checklist 11."""
    job = aws.finished(Lifecycle=lifecycle)
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert "Lifecycle" not in point
    assert "CalculatedLifecycle" not in point


@pytest.mark.parametrize("options", [{"WindowsVSS": "yes"}, {"windowsVSS": "enabled"}, {"bad key!": "enabled"}])
def test_only_windows_vss_enabled_or_disabled_is_an_option(aws, options):
    """Checklist 12."""
    assert refusal(aws, BackupOptions=options)["Code"] == "InvalidParameterValueException"


def test_a_vss_backup_says_so_when_it_worked(aws):
    """Checklist 12."""
    assert aws.finished(BackupOptions={"WindowsVSS": "enabled"})["BackupType"] == "WindowsVSS"
    assert "BackupType" not in aws.finished(aws.database, BackupOptions={"WindowsVSS": "disabled"})


@pytest.mark.parametrize("tags", [{"aws:x": "1"}, {"k" * 129: "1"}, {"key": "v" * 257}])
def test_tags_that_aws_could_not_keep_are_refused(aws, tags):
    assert refusal(aws, RecoveryPointTags=tags)["Code"] == "InvalidParameterValueException"
