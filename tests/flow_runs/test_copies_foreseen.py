"""What stands in the way of a copy is said before anything is started, and costs no backup."""

import json
from typing import Any

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD
from tests.flow_runs.copying import ELSEWHERE, PAYMENTS, VAULTED, a_vault, copies_of, elsewhere, verdicts
from tests.flow_runs.front_door import FrontDoor


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD,))


def on_the_service_key(aws: Sandbox) -> None:
    elsewhere(aws, "backup").create_backup_vault(BackupVaultName="EC2-Backup-Copy")


def with_a_disabled_key(aws: Sandbox) -> None:
    kms = elsewhere(aws, "kms")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    elsewhere(aws, "backup").create_backup_vault(BackupVaultName="EC2-Backup-Copy", EncryptionKeyArn=key["Arn"])


def locked(aws: Sandbox) -> None:
    key = elsewhere(aws, "kms").create_key()["KeyMetadata"]["Arn"]
    backup = elsewhere(aws, "backup")
    backup.create_backup_vault(BackupVaultName="EC2-Backup-Copy", EncryptionKeyArn=key)
    backup.put_backup_vault_lock_configuration(BackupVaultName="EC2-Backup-Copy", MinRetentionDays=30)


def absent(_: Sandbox) -> None:
    """Make no vault."""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (absent, "there is no vault EC2-Backup-Copy in eu-west-1"),
        (on_the_service_key, "is encrypted with aws/backup, into which no EC2 backup can be copied"),
        (with_a_disabled_key, "of account 123456789012 is Disabled"),
        (locked, "the lock of vault EC2-Backup-Copy allows at least 30 days, not 7 days"),
    ],
)
def test_a_vault_that_takes_no_copy_is_told_of_first_and_the_backups_go_on(
    door: FrontDoor, aws: Sandbox, make: Any, said: str
) -> None:
    make(aws)
    door.write_csv(GOOD)

    planned = door.run("--copy-to", ELSEWHERE, "--dry-run", "--output", "planned")
    ended = door.run("--copy-to", ELSEWHERE)

    assert (planned.code, ended.code) == (3, 3), planned.output + ended.output
    assert said in planned.output
    assert "The plan covers 1 of 1 instance and 2 volumes, 0 of 1 copy; nothing was started" in planned.output
    assert ended.log.index(said) < ended.log.index("1 job under way")
    assert "1 of 1 instance has a proven recovery point, 2 of 2 volumes; 0 of 1 copy are proven" in ended.output
    assert verdicts(ended.outcome_of(GOOD)) == ["failed"]
    assert copies_of(aws) == {}


def test_copies_into_another_account_are_proven_through_the_role_there(door: FrontDoor, fleet: Fleet) -> None:
    a_vault(fleet, VAULTED)
    door.write_csv(GOOD)

    ended = door.run("--copy-to", f"{VAULTED}=365")

    assert ended.code == 0, ended.output
    (copy,) = ended.outcome_of(GOOD)["copies"]
    assert (copy["verdict"], copy["recovery_point"]["retention_days"]) == ("proven", 365)
    assert f"Vaulted in us-east-1 of account {PAYMENTS}: 1 proven; kept 365 days" in ended.output


def test_copies_where_nobody_may_look_are_made_and_do_not_count(door: FrontDoor, aws: Sandbox, fleet: Fleet) -> None:
    a_vault(fleet, VAULTED)
    door.write_csv(GOOD)

    planned = door.run("--copy-to", VAULTED, "--account-role", "Nobody", "--dry-run", "--output", "planned")
    ended = door.run("--copy-to", VAULTED, "--account-role", "Nobody")

    assert (planned.code, ended.code) == (3, 3), planned.output + ended.output
    said = (
        f"copies into Vaulted in us-east-1 of account {PAYMENTS} are made, and cannot be verified nor count as proven"
    )
    assert said in ended.log
    assert "the copy would be made and could not be verified: sts:AssumeRole" in planned.output
    assert copies_of(aws) == {(GOOD, VAULTED): 1}
    assert "the copy job is COMPLETED, and the copy cannot be verified: sts:AssumeRole" in ended.output


def test_a_key_that_is_not_shared_is_warned_of_and_the_copy_is_tried(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet, VAULTED)
    kms = client_of(aws, "kms")
    mine = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}, "Action": "kms:*"}
    for key in kms.list_keys()["Keys"]:
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps({"Statement": [mine]}))
    door.write_csv(GOOD)

    ended = door.run("--copy-to", VAULTED)

    assert ended.code == 3, ended.output
    assert f"will fail unless a grant lets account {PAYMENTS} use 1 key of volumes in us-east-1" in ended.output
    assert "Given key ID is not accessible" in ended.output
    assert "let that one use the volumes' keys" in ended.output
