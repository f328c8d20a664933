"""Ends of jobs that a script asks for, and ends that the state of the account brings about."""

import pytest

from sandbox.backup.causes import STATUS_MESSAGES, Cause
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES, Outcome


def test_a_completed_job_is_a_success(aws):
    """Checklist 28."""
    job = aws.finished()

    assert (job["State"], job["MessageCategory"]) == ("COMPLETED", "SUCCESS")
    assert "StatusMessage" not in job


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        ("network-interfaces", "unable to persist NetworkInterfaces metadata"),
        ("vss-fallback", "Windows VSS Backup Job"),
    ],
)
def test_a_job_can_complete_with_issues(aws, cause, said):
    """Checklist 28."""
    OUTCOMES.script(aws.web, Outcome(cause=cause))
    job = aws.finished(BackupOptions={"WindowsVSS": "enabled"})

    assert job["State"] == "COMPLETED"
    assert said in job["StatusMessage"]
    assert job["MessageCategory"] != "SUCCESS"
    assert ("BackupType" in job) is (cause != "vss-fallback")


@pytest.mark.parametrize("cause", list(Cause))
def test_a_job_can_fail_for_every_documented_cause(aws, cause):
    """Checklist 29."""
    OUTCOMES.script(aws.web, Outcome(state="FAILED", cause=cause))
    job = aws.finished()

    assert job["State"] == "FAILED"
    assert job["StatusMessage"].split("{")[0].startswith(STATUS_MESSAGES[cause][0].split("{")[0])
    assert "{" not in job["StatusMessage"]
    assert "RecoveryPointArn" not in job


def test_a_message_of_ones_own_goes_before_that_of_the_cause(aws):
    """Checklist 29."""
    OUTCOMES.script(aws.web, Outcome(state="FAILED", message="Something new.", category="New"))
    job = aws.finished()

    assert (job["StatusMessage"], job["MessageCategory"]) == ("Something new.", "New")


@pytest.mark.parametrize("state", ["EXPIRED", "ABORTED", "PARTIAL"])
def test_a_job_can_end_in_every_state(aws, state):
    OUTCOMES.script(aws.web, Outcome(state=state))
    job = aws.finished()

    assert job["State"] == state
    assert job["CompletionDate"]


def test_an_outcome_for_any_instance_holds_where_none_is_scripted(aws):
    OUTCOMES.script("*", Outcome(state="FAILED"))
    OUTCOMES.script(aws.web, Outcome())

    assert aws.finished(aws.web)["State"] == "COMPLETED"
    assert aws.finished(aws.database)["State"] == "FAILED"


def test_a_disabled_key_of_a_volume_fails_the_job(aws):
    """Checklist 29, without a script."""
    kms = aws.client("kms")
    key = kms.create_key()["KeyMetadata"]["Arn"]
    volume = aws.ec2.create_volume(Size=1, AvailabilityZone="us-east-1a", Encrypted=True, KmsKeyId=key)["VolumeId"]
    aws.ec2.attach_volume(VolumeId=volume, InstanceId=aws.web, Device="/dev/sdz")
    kms.disable_key(KeyId=key.rsplit("/", 1)[1])

    assert aws.finished()["StatusMessage"] == STATUS_MESSAGES[Cause.KMS_DISABLED][0]


def test_more_than_fifty_tags_fail_the_job(aws):
    """Checklist 29, without a script."""
    tags = {f"tag-{number}": "1" for number in range(50)}

    assert aws.finished(RecoveryPointTags=tags)["StatusMessage"] == STATUS_MESSAGES[Cause.TAGS_OVER_50][0]


def test_a_vault_that_is_deleted_fails_the_jobs_into_it(aws):
    """Checklist 29, without a script."""
    aws.backup.create_backup_vault(BackupVaultName="short-lived")
    early, late = aws.start(aws.database, BackupVaultName="short-lived"), None
    CLOCK.advance(120)
    late = aws.start(aws.web, BackupVaultName="short-lived")
    aws.backup.delete_backup_vault(BackupVaultName="short-lived")
    CLOCK.advance(7200)

    for job in (aws.job(early), aws.job(late)):
        assert job["State"] == "FAILED"
        assert job["StatusMessage"].endswith("backup-vault:short-lived does not exist.")


def test_an_outcome_comes_from_json_and_goes_back_to_it():
    outcome = Outcome.from_dict({"state": "FAILED", "cause": "kms-disabled", "times": 2})

    assert Outcome.from_dict(outcome.to_dict()) == outcome


@pytest.mark.parametrize("values", [{"state": "DONE"}, {"cause": "bad luck"}, {"colour": "red"}, {"image": "blue"}])
def test_an_outcome_that_cannot_be_meant_is_refused(values):
    with pytest.raises(ValueError, match=r"must be one of|unknown"):
        Outcome.from_dict(values)


@pytest.mark.parametrize("values", [{"role_trust": "later"}, {"colour": "red"}])
def test_a_switch_that_cannot_be_meant_is_refused(values):
    with pytest.raises(ValueError, match=r"sync or async|no switch"):
        OUTCOMES.switch(**values)
