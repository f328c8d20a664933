"""Copies that come to nothing: vaults, policies, keys, roles, and what a script wants."""

import json

import pytest

from sandbox.aftermath import CopyOutcome
from sandbox.backup.failures import CopyCause
from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES
from tests.emulator.backups import backed_up, service_role, start_restore
from tests.emulator.callers import refusal, statement
from tests.emulator.elsewhere import client, copied, describe, failed, message, start_copy, vault_in

FOR_BACKUP = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"


@pytest.fixture
def point(aws):
    return backed_up(aws, Lifecycle={"DeleteAfterDays": 30})


def test_a_vault_under_the_key_of_aws_backup_cannot_take_copies_of_ec2(aws, point):
    made = client(aws, "backup").create_backup_vault(BackupVaultName="Default")

    assert failed(aws, point, made["BackupVaultArn"]) == message(CopyCause.SERVICE_KEY)


def test_a_vault_that_is_not_there_denies_access(aws, point):
    vault = "arn:aws:backup:eu-west-1:123456789012:backup-vault:None"

    assert failed(aws, point, vault) == message(CopyCause.ACCESS_DENIED)


def test_the_lock_of_the_destination_fails_the_job_and_not_the_call(aws, point):
    vault = vault_in(aws)
    client(aws, "backup").put_backup_vault_lock_configuration(BackupVaultName="DR", MinRetentionDays=60)

    assert failed(aws, point, vault) == message(CopyCause.LOCK_RANGE)
    job = copied(aws, point, vault, Lifecycle={"DeleteAfterDays": 60})
    assert (job["State"], job["DestinationVaultLockState"]) == ("COMPLETED", "LOCKED")


def test_a_vault_may_forbid_copies_even_within_an_account(aws, point):
    vault = vault_in(aws)
    deny = statement("Deny", "backup:CopyIntoBackupVault", Principal={"AWS": "*"})
    policy = json.dumps({"Statement": [deny]})
    client(aws, "backup").put_backup_vault_access_policy(BackupVaultName="DR", Policy=policy)

    assert failed(aws, point, vault) == message(CopyCause.ACCESS_DENIED)


def test_the_role_has_to_be_allowed_to_copy_and_to_see_tags(aws, point):
    vault = vault_in(aws)
    into = statement("Allow", "backup:CopyIntoBackupVault", vault)
    roles = [
        service_role(aws, "Nothing"),
        service_role(aws, "Into", into),
        service_role(aws, "Copy", into, statement("Allow", "ec2:CopyImage")),
        service_role(aws, "All", into, statement("Allow", ["ec2:CopyImage", "ec2:DescribeTags"])),
    ]
    causes = [CopyCause.ACCESS_DENIED, CopyCause.NOT_AUTHORIZED, CopyCause.TAGS_DENIED]

    assert [failed(aws, point, vault, IamRoleArn=role) for role in roles[:3]] == [message(cause) for cause in causes]
    assert copied(aws, point, vault, IamRoleArn=roles[3])["State"] == "COMPLETED"


def test_the_managed_policy_for_backups_is_enough(aws, point):
    role = service_role(aws, "AWSBackupCopies")
    aws.client("iam").attach_role_policy(RoleName="AWSBackupCopies", PolicyArn=FOR_BACKUP)

    assert copied(aws, point, vault_in(aws), IamRoleArn=role)["State"] == "COMPLETED"


def test_a_disabled_key_of_the_destination_fails_the_job(aws, point):
    kms = client(aws, "kms")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])

    assert failed(aws, point, vault_in(aws, key=key["Arn"])) == message(CopyCause.KMS_DISABLED)


def test_a_vault_that_is_deleted_takes_the_copy_with_it(aws, point):
    job_id = start_copy(aws, point, vault_in(aws))
    CLOCK.advance(90)
    client(aws, "backup").delete_backup_vault(BackupVaultName="DR")
    CLOCK.advance(6 * 3600)

    assert describe(aws, job_id)["State"] == "FAILED"


def test_a_script_can_fail_a_copy_for_every_cause(aws, point):
    vault = vault_in(aws)
    for cause in CopyCause:
        OUTCOMES.script(aws.web, CopyOutcome(state="FAILED", cause=cause))
        assert failed(aws, point, vault).startswith(message(cause).split("{")[0])

    assert client(aws, "backup").list_recovery_points_by_backup_vault(BackupVaultName="DR")["RecoveryPoints"] == []


@pytest.mark.parametrize("state", ["CREATED", "RUNNING", "PARTIAL"])
def test_a_script_can_hang_a_copy_or_let_it_be_partial(aws, point, state):
    aws.sandbox.control.script(aws.web, {"state": state}, job="copy")

    assert copied(aws, point, vault_in(aws))["State"] == state


def test_a_passing_trouble_keeps_a_copy_created_and_is_retried(aws, point):
    OUTCOMES.script(aws.web, CopyOutcome(retries=3, created_seconds=1.0))
    job_id = start_copy(aws, point, vault_in(aws))
    CLOCK.advance(1500)
    before = describe(aws, job_id)["State"]
    CLOCK.advance(400)

    assert (before, describe(aws, job_id)["State"]) == ("CREATED", "RUNNING")


def test_a_script_can_spoil_what_a_copy_leaves(aws, point):
    device = aws.ec2.describe_images(ImageIds=[point.rsplit("/", 1)[1]])["Images"][0]["RootDeviceName"]
    OUTCOMES.script(aws.web, CopyOutcome(missing_snapshot=device, delete_after_days=3))
    job = copied(aws, point, vault_in(aws))
    copy = client(aws, "backup").describe_recovery_point(
        BackupVaultName="DR", RecoveryPointArn=job["DestinationRecoveryPointArn"]
    )
    image = client(aws, "ec2").describe_images(ImageIds=[copy["RecoveryPointArn"].rsplit("/", 1)[1]])["Images"][0]

    assert device not in {one["DeviceName"] for one in image["BlockDeviceMappings"]}
    assert copy["Lifecycle"] == {"DeleteAfterDays": 3}
    OUTCOMES.script(aws.web, CopyOutcome(point="missing"))
    gone = copied(aws, point, vault_in(aws, name="DR2"))["DestinationRecoveryPointArn"]
    assert refusal(client(aws, "backup").describe_recovery_point, BackupVaultName="DR2", RecoveryPointArn=gone)[:2] == (
        "ResourceNotFoundException",
        "Cannot find recovery point",
    )


def test_a_deleted_recovery_point_is_neither_copied_nor_restored(aws, point):
    vault = vault_in(aws)
    copy, restore = start_copy(aws, point, vault), start_restore(aws, point)
    aws.backup.delete_recovery_point(BackupVaultName=aws.vault, RecoveryPointArn=point)
    CLOCK.advance(3600)

    assert describe(aws, copy)["StatusMessage"] == message(CopyCause.POINT_GONE)
    assert aws.backup.describe_restore_job(RestoreJobId=restore)["StatusMessage"] == message(CopyCause.POINT_GONE)
