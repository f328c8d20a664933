"""Vaults: their locks, their policies, their recovery points, and their end."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.backup.causes import STATUS_MESSAGES, Cause
from sandbox.clock import CLOCK

DAY = 24 * 3600


def policy(**statement):
    whole = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartBackupJob", "Resource": "*"} | statement
    return json.dumps({"Version": "2012-10-17", "Statement": [whole]})


def delete_role(aws):
    iam, name = aws.client("iam"), aws.role.rsplit("/", 1)[1]
    for attached in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=name, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=name)


@pytest.mark.parametrize("days", [1, 36500, None])
def test_a_retention_outside_the_lock_fails_the_job_and_not_the_call(aws, days):
    """Checklist 35: kept for ever is longer than any maximum."""
    aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, MinRetentionDays=7, MaxRetentionDays=90)
    job = aws.finished(Lifecycle={"DeleteAfterDays": days} if days else {})

    assert (job["State"], job["StatusMessage"]) == ("FAILED", STATUS_MESSAGES[Cause.LOCK_RANGE][0])


def test_a_retention_within_the_lock_works_and_the_vault_shows_its_range(aws):
    """Checklist 35."""
    aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, MinRetentionDays=7, MaxRetentionDays=90)
    vault = aws.backup.describe_backup_vault(BackupVaultName=aws.vault)

    assert (vault["Locked"], vault["MinRetentionDays"], vault["MaxRetentionDays"]) == (True, 7, 90)
    assert aws.finished(Lifecycle={"DeleteAfterDays": 30})["State"] == "COMPLETED"


def test_the_number_of_recovery_points_counts_those_that_are_there_for_good(aws):
    """Checklist 35."""
    count = lambda: aws.backup.describe_backup_vault(BackupVaultName=aws.vault)["NumberOfRecoveryPoints"]  # noqa: E731 - read as a word below
    aws.start()
    CLOCK.advance(120)
    while_running = count()
    CLOCK.advance(7200)

    assert (while_running, count()) == (0, 1)


def test_a_locked_vault_keeps_its_recovery_points(aws):
    job = aws.finished()
    aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, MinRetentionDays=7)

    with pytest.raises(ClientError) as refused:
        aws.backup.delete_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert refused.value.response["Error"]["Code"] == "InvalidRequestException"


def test_a_lock_in_compliance_mode_cannot_be_taken_away_after_its_grace_time(aws):
    aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, MinRetentionDays=1, ChangeableForDays=3)
    CLOCK.advance(3 * DAY + 1)

    with pytest.raises(ClientError, match="immutable"):
        aws.backup.delete_backup_vault_lock_configuration(BackupVaultName=aws.vault)


def test_a_lock_in_governance_mode_can_be_taken_away(aws):
    aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, MinRetentionDays=1)
    aws.backup.delete_backup_vault_lock_configuration(BackupVaultName=aws.vault)

    assert aws.backup.describe_backup_vault(BackupVaultName=aws.vault)["Locked"] is False


@pytest.mark.parametrize(
    "lock",
    [
        {"MinRetentionDays": 0},
        {"MaxRetentionDays": 36501},
        {"MinRetentionDays": 9, "MaxRetentionDays": 8},
        {"ChangeableForDays": 2},
    ],
)
def test_an_impossible_lock_is_refused(aws, lock):
    with pytest.raises(ClientError) as refused:
        aws.backup.put_backup_vault_lock_configuration(BackupVaultName=aws.vault, **lock)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_policy_is_read_back_and_taken_away(aws):
    text = policy()
    aws.backup.put_backup_vault_access_policy(BackupVaultName=aws.vault, Policy=text)
    read = aws.backup.get_backup_vault_access_policy(BackupVaultName=aws.vault)["Policy"]
    aws.backup.delete_backup_vault_access_policy(BackupVaultName=aws.vault)

    assert read == text
    with pytest.raises(ClientError) as refused:
        aws.backup.get_backup_vault_access_policy(BackupVaultName=aws.vault)
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    assert aws.start()


@pytest.mark.parametrize(
    "bad",
    [
        "not json",
        "[]",
        json.dumps({"Statement": "Deny"}),
        policy(Action="backup:*"),
        policy(Effect="Allow", Principal={"AWS": "arn:aws:iam::210987654321:root"}, Action="backup:StartBackupJob"),
        policy(Condition={"Bool": {"aws:SecureTransport": "false"}}),
    ],
)
def test_a_policy_that_aws_would_not_take_is_refused(aws, bad):
    with pytest.raises(ClientError) as refused:
        aws.backup.put_backup_vault_access_policy(BackupVaultName=aws.vault, Policy=bad)

    assert refused.value.response["Error"]["Code"] == "InvalidParameterValueException"


def test_a_denial_for_others_or_of_something_else_does_not_hinder_a_start(aws):
    for statement in (
        {"Principal": {"AWS": "arn:aws:iam::123456789012:user/somebody"}},
        {"Action": ["backup:DeleteRecoveryPoint"]},
        {"Condition": {"ArnNotLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:*"}}},
    ):
        aws.backup.put_backup_vault_access_policy(BackupVaultName=aws.vault, Policy=policy(**statement))
        assert aws.start()


def test_an_empty_vault_can_be_deleted_and_is_gone(aws):
    aws.backup.create_backup_vault(BackupVaultName="empty")
    aws.backup.delete_backup_vault(BackupVaultName="empty")

    names = [vault["BackupVaultName"] for vault in aws.backup.list_backup_vaults()["BackupVaultList"]]
    assert names == [aws.vault]


def test_a_vault_without_a_key_of_its_own_gets_that_of_aws(aws):
    aws.backup.create_backup_vault(BackupVaultName="plain")
    key = aws.backup.describe_backup_vault(BackupVaultName="plain")["EncryptionKeyArn"]

    assert aws.client("kms").describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    assert aws.client("kms").describe_key(KeyId="alias/aws/backup")["KeyMetadata"]["Arn"] == key


def test_a_recovery_point_is_deleted_some_hours_after_its_retention(aws):
    aws.finished(Lifecycle={"DeleteAfterDays": 1})
    CLOCK.advance(DAY + 9 * 3600)

    assert aws.backup.list_recovery_points_by_backup_vault(BackupVaultName=aws.vault)["RecoveryPoints"] == []
    assert aws.ec2.describe_images(Owners=["self"])["Images"] == []


def test_without_its_role_a_recovery_point_expires_instead(aws):
    job = aws.finished(Lifecycle={"DeleteAfterDays": 1})
    delete_role(aws)
    CLOCK.advance(DAY + 9 * 3600)
    point = aws.backup.describe_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=job["RecoveryPointArn"])

    assert point["Status"] == "EXPIRED"
    assert "cannot be assumed by AWS Backup" in point["StatusMessage"]


def test_a_deletion_without_the_role_answers_well_and_deletes_nothing(aws):
    job = aws.finished()
    delete_role(aws)
    names = {"BackupVaultName": aws.vault, "RecoveryPointArn": job["RecoveryPointArn"]}

    answer = aws.backup.delete_recovery_point(**names)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert aws.backup.describe_recovery_point(**names)["Status"] == "EXPIRED"
