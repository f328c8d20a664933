"""Step 8: the vault is there, takes the retention, and AWS Backup takes EC2 in this Region."""

from dataclasses import replace

import pytest

from ec2_backup import calls
from ec2_backup.aws.vault import LARGEST_SUM, check_vault, describe_backup_vault, measure_vault_use
from ec2_backup.errors import AccessError, AwsError, VaultError
from ec2_backup.model import Target
from tests.aws.backups import HERE, VAULT, client, ended, instance_id, planned, started

DENIED = {"code": "AccessDeniedException", "message": "Insufficient privileges to perform this action."}


@pytest.fixture
def backup():
    return client("backup")


def test_a_vault_is_shown_with_its_key_and_without_a_lock():
    vault = check_vault(VAULT, 7, HERE)

    assert vault.arn.endswith(":backup-vault:EC2-Backup")
    assert (vault.name, vault.region, vault.locked) == (VAULT, "us-east-1", False)
    assert vault.encryption_key_arn
    assert vault.encryption_key_arn.startswith("arn:aws:kms:us-east-1:")


def test_a_missing_vault_is_told_from_a_hidden_one_by_the_list_of_vaults():
    with pytest.raises(VaultError, match=r"the vault Absent does not exist\. There are: .*EC2-Backup") as caught:
        check_vault("Absent", 7, HERE)

    assert caught.value.exit_code == 12
    assert "aws backup create-backup-vault --backup-vault-name Absent --region us-east-1" in caught.value.hint
    assert "--vault" in caught.value.hint


def test_a_region_without_any_vault_says_so():
    with pytest.raises(VaultError, match="There is none in this Region"):
        check_vault(VAULT, 7, Target("eu-west-3"))


def test_a_vault_that_is_there_and_may_not_be_looked_at_is_an_access_error(sandbox):
    sandbox.control.fault(operation="DescribeBackupVault", **DENIED)

    with pytest.raises(AccessError, match="Insufficient privileges") as caught:
        check_vault(VAULT, 7, HERE)
    assert caught.value.exit_code == 11


def test_without_the_list_of_vaults_both_possibilities_are_named(sandbox):
    sandbox.control.fault(operation="ListBackupVaults", **DENIED)

    with pytest.raises(VaultError, match="Either the vault Absent does not exist or the caller may not see") as caught:
        check_vault("Absent", 7, HERE)
    assert "create-backup-vault" in caught.value.hint
    assert "allow backup:DescribeBackupVault" in caught.value.hint


def test_a_vault_that_is_not_found_by_its_plain_name_is_absent_too(sandbox):
    sandbox.control.fault(operation="DescribeBackupVault", code="ResourceNotFoundException", message="no vault")

    with pytest.raises(VaultError, match="the vault Absent does not exist"):
        describe_backup_vault("Absent", HERE)


def test_other_trouble_with_the_vault_stays_what_it_is(sandbox):
    sandbox.control.fault(operation="DescribeBackupVault", code="InvalidParameterValueException", message="bad name")

    with pytest.raises(AwsError, match="bad name") as caught:
        describe_backup_vault(VAULT, HERE)
    assert not isinstance(caught.value, (VaultError, AccessError))


def test_a_lock_that_refuses_the_retention_ends_the_run_before_a_job_fails(backup):
    backup.create_backup_vault(BackupVaultName="Locked")
    backup.put_backup_vault_lock_configuration(BackupVaultName="Locked", MinRetentionDays=30, MaxRetentionDays=90)

    assert check_vault("Locked", 30, HERE).min_retention_days == 30
    for days, nearest in ((7, 30), (91, 90)):
        with pytest.raises(VaultError, match="allows 30 to 90 days") as caught:
            check_vault("Locked", days, HERE)
        assert f"--retention-days {nearest}" in caught.value.hint


def test_a_region_in_which_ec2_is_not_opted_in_is_a_vault_error_with_the_command(backup):
    backup.update_region_settings(ResourceTypeOptInPreference={"EC2": False})
    try:
        with pytest.raises(VaultError, match="not switched on for EC2") as caught:
            check_vault(VAULT, 7, HERE)
    finally:
        backup.update_region_settings(ResourceTypeOptInPreference={"EC2": True})
    assert "--resource-type-opt-in-preference EC2=true --region us-east-1" in caught.value.hint


def test_not_being_allowed_to_look_at_the_opt_in_passes(sandbox):
    sandbox.control.fault(operation="DescribeRegionSettings", **DENIED)

    assert check_vault(VAULT, 7, HERE).name == VAULT


def test_the_use_of_a_vault_is_counted_before_and_after_with_its_provisioned_bytes(backup):
    backup.create_backup_vault(BackupVaultName="Counted")
    before = check_vault("Counted", 7, HERE)
    jobs = ended(started(planned(instance_id(1), instance_id(2), vault="Counted")))

    use = measure_vault_use(before, HERE)

    assert (use.points_before, use.points_after) == (0, 2)
    assert use.stored_bytes == sum(job.size_bytes or 0 for job in jobs) > 0


def test_a_vault_whose_points_are_listed_for_their_size_is_not_asked_for_their_number():
    before = check_vault(VAULT, 7, HERE)
    earlier = calls.made()

    measure_vault_use(before, HERE)

    assert calls.since(earlier) == {"backup:ListRecoveryPointsByBackupVault": 1}


def test_a_vault_with_more_points_than_are_summed_up_says_their_number_itself():
    before = replace(check_vault(VAULT, 7, HERE), recovery_points=LARGEST_SUM + 1)
    earlier = calls.made()

    use = measure_vault_use(before, HERE)

    assert (use.points_before, use.stored_bytes) == (LARGEST_SUM + 1, None)
    assert use.points_after == check_vault(VAULT, 7, HERE).recovery_points
    assert calls.since(earlier)["backup:DescribeBackupVault"] == 2


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_an_answer_that_cannot_be_understood_is_never_a_vault(sandbox, kind):
    sandbox.control.fault(operation="DescribeBackupVault", kind=kind)

    with pytest.raises(AwsError) as caught:
        describe_backup_vault(VAULT, HERE)
    assert (caught.value.code, caught.value.retryable) == ("UnreadableAnswer", True)
