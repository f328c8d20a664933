"""An unusable key is found before a job fails for it."""

import pytest

from ec2_backup.encryption import judge_keys, keys_of, raise_for_vault_key
from ec2_backup.errors import VaultError
from ec2_backup.model import Key, Vault
from tests.unit.backups import KEYS, REGION, a_volume, an_instance

OF_VAULT = f"arn:aws:kms:{REGION}:123456789012:key/vault"
VAULT = Vault("Nightly", "arn:aws:backup:x", REGION, encryption_key_arn=OF_VAULT)
MIXED = an_instance(1, a_volume(0, key=None), a_volume(1, key=KEYS[0]), a_volume(2, key=KEYS[1]))


def test_the_vaults_key_and_every_volumes_key_are_looked_at_once():
    assert keys_of(VAULT, [MIXED, MIXED]) == tuple(sorted({OF_VAULT, *KEYS}))


def test_a_fleet_without_encryption_in_a_vault_without_a_key_needs_no_key():
    assert keys_of(Vault("Bare", "arn", REGION), [an_instance(1, a_volume(0, key=None))]) == ()


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion", "PendingImport", "Unavailable", "NotFound"])
def test_a_volume_under_an_unusable_key_fails_its_instance_by_name(state):
    keys = {KEYS[0]: Key(KEYS[0], "Enabled"), KEYS[1]: Key(KEYS[1], state)}

    failure = judge_keys(MIXED, keys)

    assert failure
    assert failure.step == 9
    assert failure.reason == f"vol-00000000000000002 (/dev/sdc) is encrypted with {KEYS[1]}, which is {state}"
    assert "aws kms enable-key" in failure.advice


def test_all_volumes_under_unusable_keys_are_named():
    failure = judge_keys(MIXED, {key: Key(key, "Disabled") for key in KEYS})

    assert failure
    assert "/dev/sdb" in failure.reason
    assert "/dev/sdc" in failure.reason


@pytest.mark.parametrize("state", ["Enabled", None])
def test_a_key_that_is_enabled_or_that_we_may_not_look_at_speaks_against_nothing(state):
    keys = {key: Key(key, state) for key in (*KEYS, OF_VAULT)}

    assert judge_keys(MIXED, keys) is None
    raise_for_vault_key(VAULT, keys)


def test_a_key_that_nobody_looked_at_speaks_against_nothing():
    assert judge_keys(MIXED, {}) is None
    raise_for_vault_key(VAULT, {})


def test_an_unusable_vault_key_ends_the_run():
    with pytest.raises(VaultError) as caught:
        raise_for_vault_key(VAULT, {OF_VAULT: Key(OF_VAULT, "PendingDeletion")})

    assert caught.value.exit_code == 12
    assert f"the key {OF_VAULT} of vault Nightly is PendingDeletion" in str(caught.value)
    assert "cancel-key-deletion" in caught.value.hint
