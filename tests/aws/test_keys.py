"""Step 9: the keys that backups depend on, and what KMS says of them."""

import pytest

from ec2_backup.aws.kms import check_keys, describe_key
from ec2_backup.aws.vault import describe_backup_vault
from ec2_backup.encryption import judge_keys
from ec2_backup.errors import AuthenticationError, VaultError
from ec2_backup.model import Key
from sandbox.fleet import Fleet
from sandbox.machines import Disk
from tests.aws.backups import ACCOUNT, HERE, VAULT, client, found, instance_id

PLAIN, ENCRYPTED, LOCKED_OUT = (instance_id(number) for number in (1, 2, 3))


@pytest.fixture(scope="module")
def fleet():
    fleet = Fleet().with_disks(PLAIN, Disk("/dev/xvda", 8)).with_disks(ENCRYPTED, Disk("/dev/xvda", 8, key="fleet"))
    return fleet.with_disks(LOCKED_OUT, Disk("/dev/xvda", 8, key="fleet"), Disk("/dev/sdf", 9, key="disabled"))


@pytest.fixture
def kms():
    return client("kms")


def test_the_vaults_key_and_the_volumes_keys_are_looked_at_once_each(sandbox):
    keys = check_keys(describe_backup_vault(VAULT, HERE), found(PLAIN, ENCRYPTED, ENCRYPTED))

    assert len(keys) == 2
    assert {key.state for key in keys} == {"Enabled"}
    assert {key.manager for key in keys} == {"CUSTOMER"}
    assert sandbox.control.calls()["kms:DescribeKey"]["accepted"] == 2


def test_a_volume_under_a_disabled_key_fails_its_instance_alone():
    fleet = found(PLAIN, ENCRYPTED, LOCKED_OUT)

    keys = {key.arn: key for key in check_keys(describe_backup_vault(VAULT, HERE), fleet)}

    assert [judge_keys(instance, keys) is None for instance in fleet] == [True, True, False]
    failure = judge_keys(fleet[2], keys)
    assert failure
    assert "/dev/sdf" in failure.reason
    assert "Disabled" in failure.reason


def test_a_key_that_is_to_be_deleted_says_so(kms):
    arn = kms.create_key()["KeyMetadata"]["Arn"]
    kms.schedule_key_deletion(KeyId=arn.rpartition("/")[2])

    assert describe_key(arn, HERE) == Key(arn, "PendingDeletion", "CUSTOMER")


def test_a_key_that_does_not_exist_is_not_found():
    arn = f"arn:aws:kms:us-east-1:{ACCOUNT}:key/00000000-0000-0000-0000-000000000000"

    assert describe_key(arn, HERE) == Key(arn, "NotFound")


def test_a_key_that_we_may_not_look_at_is_of_unknown_state(sandbox):
    sandbox.control.fault(operation="kms:DescribeKey", code="AccessDeniedException", message="not authorized")

    key = describe_key("arn:aws:kms:us-east-1:999999999999:key/theirs", HERE)

    assert key.state is None
    assert key.is_usable


def test_expired_credentials_are_no_unknown_state(sandbox):
    sandbox.control.fault(operation="kms:DescribeKey", kind="expired")

    with pytest.raises(AuthenticationError):
        describe_key("arn:aws:kms:us-east-1:999999999999:key/theirs", HERE)


def test_a_disabled_key_of_the_vault_ends_the_run(kms):
    vault = describe_backup_vault(VAULT, HERE)
    key = (vault.encryption_key_arn or "").rpartition("/")[2]
    kms.disable_key(KeyId=key)
    try:
        with pytest.raises(VaultError, match=f"of vault {VAULT} is Disabled") as caught:
            check_keys(vault, [])
    finally:
        kms.enable_key(KeyId=key)
    assert caught.value.exit_code == 12
    assert "aws kms enable-key" in caught.value.hint
