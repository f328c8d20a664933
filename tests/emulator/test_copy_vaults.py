"""A vault that copies go into can be there from the beginning, with all that AWS wants of it, in any account."""

import subprocess
import sys

from ec2_backup.copies.destination import parse_destination
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.emulator.backups import backed_up
from tests.emulator.conftest import WEB, Aws
from tests.emulator.elsewhere import OTHER, administrator, client, copied

NEAR = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup-Copy"
VAULTED = f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:Vaulted"


def served(*arns, fleet=None):
    vaults = [parse_destination(arn) for arn in arns]
    return running(speed=1.0, fleet=fleet or Fleet((WEB,)), copy_vaults=vaults)


def test_a_copy_into_another_region_works_at_once():
    with served(f"{NEAR}=30") as sandbox:
        aws = Aws(sandbox)
        job = copied(aws, backed_up(aws), NEAR)
        vault = client(aws, "backup").describe_backup_vault(BackupVaultName="EC2-Backup-Copy")
        key = client(aws, "kms").describe_key(KeyId=vault["EncryptionKeyArn"])["KeyMetadata"]

    assert job["State"] == "COMPLETED"
    assert key["KeyManager"] == "CUSTOMER"


def test_a_copy_into_an_account_without_instances_works_at_once_and_it_can_be_entered():
    with served(VAULTED) as sandbox:
        aws = Aws(sandbox)
        job = copied(aws, backed_up(aws), VAULTED)
        there = client(aws, "backup", "us-east-1", **administrator(aws))
        points = there.list_recovery_points_by_backup_vault(BackupVaultName="Vaulted")["RecoveryPoints"]

    assert job["State"] == "COMPLETED"
    assert [point["RecoveryPointArn"] for point in points] == [job["DestinationRecoveryPointArn"]]


def test_a_vault_that_is_there_stays_the_only_one():
    with served("arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup") as sandbox:
        vaults = Aws(sandbox).backup.list_backup_vaults()["BackupVaultList"]

    assert [vault["BackupVaultName"] for vault in vaults] == ["EC2-Backup"]


def test_what_is_no_vault_is_a_wrong_flag():
    command = [sys.executable, "-m", "sandbox", "--copy-to", "EC2-Backup-Copy"]

    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert ended.returncode == 2
    assert "--copy-to" in ended.stderr
