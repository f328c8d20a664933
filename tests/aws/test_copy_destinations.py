"""A vault that copies go into is looked at from its own account, and what may not be seen is told and not guessed."""

import json

import pytest

from ec2_backup.aws.copies.destinations import look_at_destination, read_key_policies
from ec2_backup.aws.session import call
from ec2_backup.aws.vault import describe_backup_vault
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Key, Target
from sandbox.copyvaults import seed_copy_vault
from tests.aws.backups import HERE, VAULT
from tests.aws.copying import ARN, THERE, a_destination

OTHER = "210987654321"
VAULTED = f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:Vaulted"
ROLE = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
DENIED = {"code": "AccessDeniedException", "status": 403, "message": "Insufficient privileges to perform this action."}


@pytest.fixture(scope="module", autouse=True)
def _vaults(sandbox, fleet):  # noqa: ARG001 - there has to be one
    for arn in (ARN, VAULTED):
        seed_copy_vault(a_destination(arn), fleet)


def named(name: str):
    return a_destination(ARN.replace("EC2-Backup-Copy", name))


def test_a_vault_is_seen_with_its_key():
    seen = look_at_destination(a_destination(), THERE)

    assert seen.is_visible
    assert seen.vault
    assert seen.key
    assert (seen.vault.arn, seen.key.state, seen.key.manager) == (ARN, "Enabled", "CUSTOMER")
    assert (seen.is_service_key, seen.is_absent, seen.unseen) == (False, False, "")


def test_a_vault_of_another_account_is_seen_through_the_role_there():
    seen = look_at_destination(a_destination(VAULTED), Target("us-east-1", ROLE))

    assert seen.vault
    assert (seen.vault.arn, seen.target) == (VAULTED, Target("us-east-1", ROLE))


def test_whether_a_vault_lets_copies_of_another_account_in_is_in_its_policy(sandbox):
    there = Target("us-east-1", ROLE)
    call("backup", "create_backup_vault", there, BackupVaultName="Closed")
    closed = look_at_destination(a_destination(VAULTED.replace("Vaulted", "Closed")), there, across=True)
    open_ = look_at_destination(a_destination(VAULTED), there, across=True)
    sandbox.control.fault("GetBackupVaultAccessPolicy", times=1, **DENIED)
    unknown = look_at_destination(a_destination(VAULTED), there, across=True)

    assert (closed.lets_copies_in, open_.lets_copies_in, unknown.lets_copies_in) == (False, True, None)


def test_a_vault_that_is_not_there_is_absent():
    seen = look_at_destination(named("Nowhere"), THERE)

    assert (seen.is_visible, seen.is_absent) == (False, True)


def test_a_vault_that_may_be_hidden_is_not_called_absent(sandbox):
    sandbox.control.fault("DescribeBackupVault", times=1, **DENIED)
    sandbox.control.fault("ListBackupVaults", times=2, **DENIED)

    seen = look_at_destination(named("Nowhere"), THERE)

    assert (seen.is_visible, seen.is_absent) == (False, False)
    assert "either the vault Nowhere does not exist or the caller may not see it" in seen.unseen.lower().replace(
        "nowhere", "Nowhere"
    )


def test_a_vault_that_is_there_and_denied_is_not_seen(sandbox):
    sandbox.control.fault("DescribeBackupVault", times=1, **DENIED)

    seen = look_at_destination(a_destination(), THERE)

    assert (seen.is_visible, seen.is_absent) == (False, False)
    assert "Insufficient privileges" in seen.unseen


def test_an_account_that_nobody_may_enter_is_not_seen():
    seen = look_at_destination(a_destination(VAULTED), Target("us-east-1", ROLE.replace("EC2", "No")))

    assert not seen.is_visible
    assert seen.unseen.startswith("sts:AssumeRole")


def test_the_key_of_aws_backup_is_known_by_its_alias():
    call("backup", "create_backup_vault", THERE, BackupVaultName="Service")

    assert look_at_destination(named("Service"), THERE).is_service_key is True


def test_without_the_right_to_list_aliases_the_key_is_not_known(sandbox):
    call("backup", "create_backup_vault", THERE, BackupVaultName="Service-2")
    sandbox.control.fault("ListAliases", times=1, code="AccessDeniedException", status=400, message="no")

    seen = look_at_destination(named("Service-2"), THERE)

    assert seen.is_visible
    assert seen.is_service_key is None


def test_expired_credentials_and_trouble_that_passes_are_raised(sandbox):
    sandbox.control.fault("DescribeBackupVault", kind="expired", times=1)
    with pytest.raises(AuthenticationError):
        look_at_destination(a_destination(), THERE)

    sandbox.control.fault("DescribeBackupVault", kind="throttle", times=5)
    with pytest.raises(AwsError, match="ThrottlingException"):
        look_at_destination(a_destination(), THERE)


def test_a_region_that_is_not_enabled_knows_nobody_and_costs_only_its_copies(sandbox):
    said = "The security token included in the request is invalid."
    sandbox.control.fault("DescribeBackupVault", times=1, code="UnrecognizedClientException", status=403, message=said)

    seen = look_at_destination(a_destination(), THERE)

    assert not seen.is_visible
    assert seen.unseen.endswith("Is that Region enabled for the account?")


def test_the_policies_of_keys_are_read_as_far_as_that_is_allowed(sandbox):
    vault = describe_backup_vault(VAULT, HERE)
    key = Key(vault.encryption_key_arn or "", "Enabled", "CUSTOMER")

    read = read_key_policies([key], vault)
    sandbox.control.fault("GetKeyPolicy", times=1, code="AccessDeniedException", status=400, message="no")

    assert json.dumps(read[key.arn]).count(OTHER) == 1
    assert read_key_policies([key], vault) == {}
