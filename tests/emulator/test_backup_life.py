"""The life of a backup job, on virtual time."""

from datetime import timedelta

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES, Outcome

HOUR = 3600


def test_a_job_is_created_then_runs_for_long_at_nought_then_is_completed(aws):
    """Checklist 19 and 25."""
    job_id = aws.start()
    seen = []
    for _ in range(60):
        job = aws.job(job_id)
        seen.append((job["State"], job["PercentDone"]))
        CLOCK.advance(60)

    assert list(dict.fromkeys(seen)) == [("CREATED", "0.0"), ("RUNNING", "0.0"), ("COMPLETED", "100.0")]
    assert seen.count(("RUNNING", "0.0")) > 5


def test_a_large_instance_takes_longer_and_always_the_same_time(aws):
    """Checklist 19: 8 GiB took about 9 minutes at AWS, 120 GiB about 36."""
    volume = aws.ec2.create_volume(Size=2000, AvailabilityZone="us-east-1a")["VolumeId"]
    aws.ec2.attach_volume(VolumeId=volume, InstanceId=aws.database, Device="/dev/sdz")
    small, large = aws.start(aws.web), aws.start(aws.database)
    CLOCK.advance(5 * HOUR)

    first = aws.job(small)["CompletionDate"] - aws.job(small)["CreationDate"]
    again = aws.finished(aws.web)
    assert aws.job(large)["CompletionDate"] - aws.job(large)["CreationDate"] > first
    assert abs(again["CompletionDate"] - again["CreationDate"] - first) < timedelta(milliseconds=5)


def test_time_runs_faster_at_a_higher_speed(aws):
    """Checklist 19."""
    CLOCK.reset(speed=120)
    job_id = aws.start()
    CLOCK.advance(60)

    assert aws.job(job_id)["State"] == "COMPLETED"


def test_the_slot_of_an_instance_holds_one_job_and_the_next_waits_its_turn(aws):
    """Checklist 20."""
    first, second = aws.start(), aws.start()
    CLOCK.advance(120)
    running = (aws.job(first)["State"], aws.job(second)["State"])
    CLOCK.advance(4 * HOUR)

    assert running == ("RUNNING", "CREATED")
    assert (aws.job(first)["State"], aws.job(second)["State"]) == ("COMPLETED", "COMPLETED")
    assert len(aws.backup.list_recovery_points_by_resource(ResourceArn=aws.arn(aws.web))["RecoveryPoints"]) == 2


def test_a_job_that_never_gets_the_slot_expires_soon_after_start_by(aws):
    """Checklist 20."""
    OUTCOMES.script(aws.web, Outcome(duration_seconds=10 * HOUR))
    aws.start()
    second = aws.start(StartWindowMinutes=60)
    CLOCK.advance(2 * HOUR)
    job = aws.job(second)

    assert job["State"] == "EXPIRED"
    assert job["StatusMessage"] == "Backup job failed because there was a running job for the same resource."
    assert timedelta(0) < job["CompletionDate"] - job["StartBy"] < timedelta(minutes=5)


def test_a_job_that_overruns_its_complete_window_expires(aws):
    """Checklist 21."""
    OUTCOMES.script(aws.web, Outcome(duration_seconds=10 * HOUR))
    job_id = aws.start(CompleteWindowMinutes=120)
    CLOCK.advance(2 * HOUR + 1)
    job = aws.job(job_id)

    assert (job["State"], job["StatusMessage"]) == ("EXPIRED", "Backup job expired before completion.")
    assert abs(job["CompletionDate"] - job["CreationDate"] - timedelta(hours=2)) < timedelta(seconds=1)
    assert aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault)["RecoveryPoints"] == []


def test_a_passing_fault_keeps_the_job_created_until_a_later_attempt(aws):
    """Checklist 22."""
    OUTCOMES.script(aws.web, Outcome(retries=2))
    job_id = aws.start()
    states = []
    for _ in range(3):
        CLOCK.advance(550)
        states.append(aws.job(job_id)["State"])
    CLOCK.advance(2 * HOUR)

    assert states == ["CREATED", "CREATED", "RUNNING"]
    assert aws.job(job_id)["State"] == "COMPLETED"


def test_a_job_that_never_starts_expires_with_its_start_window(aws):
    OUTCOMES.script(aws.web, Outcome(state="CREATED"))
    job_id = aws.start(StartWindowMinutes=60)
    CLOCK.advance(HOUR - 60)
    waiting = aws.job(job_id)["State"]
    CLOCK.advance(240)

    assert (waiting, aws.job(job_id)["State"]) == ("CREATED", "EXPIRED")


def test_a_failed_job_stays_failed_and_a_new_start_is_needed(aws):
    """Checklist 23."""
    OUTCOMES.script(aws.web, Outcome(state="FAILED", cause="image-throttled", times=1))
    failed = aws.finished()
    CLOCK.advance(24 * HOUR)

    assert aws.job(failed["BackupJobId"])["State"] == "FAILED"
    assert aws.finished()["State"] == "COMPLETED"


def test_a_stopped_job_aborts_and_leaves_nothing_behind(aws):
    """Checklist 24."""
    job_id = aws.start()
    CLOCK.advance(120)
    aws.backup.stop_backup_job(BackupJobId=job_id)
    stopping = aws.job(job_id)["State"]
    CLOCK.advance(30)
    job = aws.job(job_id)

    assert stopping == "ABORTING"
    assert (job["State"], job["StatusMessage"]) == ("ABORTED", "Backup job was stopped by user.")
    assert job["CompletionDate"]
    assert aws.ec2.describe_images(Owners=["self"])["Images"] == []


def test_a_job_that_is_over_cannot_be_stopped(aws):
    """Checklist 24."""
    job = aws.finished()

    with pytest.raises(ClientError) as refused:
        aws.backup.stop_backup_job(BackupJobId=job["BackupJobId"])

    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


def test_a_stopped_job_gives_its_slot_away(aws):
    first, second = aws.start(), aws.start()
    CLOCK.advance(120)
    aws.backup.stop_backup_job(BackupJobId=first)
    CLOCK.advance(700)

    assert aws.job(second)["State"] == "RUNNING"


def test_the_recovery_point_is_known_from_running_on_in_the_form_of_ec2(aws):
    """Checklist 26."""
    job_id = aws.start()
    created = aws.job(job_id)
    CLOCK.advance(120)
    running = aws.job(job_id)

    assert "RecoveryPointArn" not in created
    assert running["RecoveryPointArn"].startswith("arn:aws:ec2:us-east-1::image/ami-")


def test_the_size_of_a_backup_is_what_is_provisioned(aws):
    """Checklist 27."""
    volumes = aws.ec2.describe_volumes(Filters=[{"Name": "attachment.instance-id", "Values": [aws.web]}])["Volumes"]

    assert aws.finished()["BackupSizeInBytes"] == sum(volume["Size"] for volume in volumes) * 1024**3


def test_a_job_whose_vault_goes_while_it_is_pending_fails(aws):
    OUTCOMES.script(aws.web, Outcome(created_seconds=10, pending_seconds=100))
    job_id = aws.start()
    CLOCK.advance(50)
    aws.backup.delete_backup_vault(BackupVaultName=aws.vault)
    CLOCK.advance(100)

    assert aws.job(job_id)["State"] == "FAILED"


def test_a_job_may_be_pending_before_it_runs(aws):
    OUTCOMES.script(aws.web, Outcome(created_seconds=10, pending_seconds=100))
    job_id = aws.start()
    CLOCK.advance(50)
    pending = aws.job(job_id)["State"]
    CLOCK.advance(100)

    assert (pending, aws.job(job_id)["State"]) == ("PENDING", "RUNNING")
