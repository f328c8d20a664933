"""Copies into another account: its vault's policy, the keys of the snapshots, and whose the copy is."""

import json

import pytest

from sandbox.backup.access import ORGANIZATION
from sandbox.backup.failures import CopyCause
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.emulator.backups import backed_up
from tests.emulator.callers import statement
from tests.emulator.conftest import DATABASE, WEB, Aws
from tests.emulator.elsewhere import OTHER, administrator, client, copied, failed, message, vault_in


@pytest.fixture
def accounts():
    """Two accounts, and an instance in each."""
    with running(speed=1.0, fleet=Fleet((WEB,)).in_account(OTHER, DATABASE)) as sandbox:
        yield Aws(sandbox)


def share(aws, key_arn):
    """Let the other account use a key."""
    roots = [f"arn:aws:iam::{account}:root" for account in ("123456789012", OTHER)]
    document = {"Version": "2012-10-17", "Statement": [_principal("Allow", "kms:*", roots)]}
    key_id = key_arn.rsplit("/", 1)[1]
    aws.client("kms").put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(document))


def _principal(effect, action, who, **more):
    return statement(effect, action, Principal={"AWS": who}, **more)


def admit(aws, *statements):
    """Give the other account's vault its policy."""
    policy = json.dumps({"Statement": list(statements)})
    backup = client(aws, "backup", "us-east-1", **administrator(aws))
    backup.put_backup_vault_access_policy(BackupVaultName="DR", Policy=policy)


def shared(aws):
    """Return a backup all of whose keys the other account may use."""
    for volume in aws.ec2.describe_volumes()["Volumes"]:
        if volume.get("KmsKeyId") and volume["Attachments"]:
            share(aws, volume["KmsKeyId"])
    return backed_up(aws)


def test_another_account_has_to_let_copies_in(accounts):
    vault = vault_in(accounts, "us-east-1", **administrator(accounts))
    point = shared(accounts)
    before = failed(accounts, point, vault)
    admit(accounts, _principal("Allow", "backup:CopyIntoBackupVault", "arn:aws:iam::123456789012:root"))
    job = copied(accounts, point, vault)

    assert before == message(CopyCause.ACCESS_DENIED)
    assert job["State"] == "COMPLETED"
    there = client(accounts, "backup", "us-east-1", **administrator(accounts))
    arn = job["DestinationRecoveryPointArn"]
    copy = there.describe_recovery_point(BackupVaultName="DR", RecoveryPointArn=arn)
    assert copy["SourceBackupVaultArn"] == job["SourceBackupVaultArn"]
    assert copy["IamRoleArn"].startswith(f"arn:aws:iam::{OTHER}:role/aws-service-role/backup.amazonaws.com/")
    image = client(accounts, "ec2", "us-east-1", **administrator(accounts)).describe_images(Owners=["self"])["Images"]
    assert [(one["ImageId"], one["OwnerId"]) for one in image] == [(arn.rsplit("/", 1)[1], OTHER)]


def test_an_organisation_may_be_let_in_as_a_whole(accounts):
    vault = vault_in(accounts, "us-east-1", **administrator(accounts))
    members = {"StringEquals": {"aws:PrincipalOrgID": [ORGANIZATION]}}
    others = {"StringEquals": {"aws:PrincipalOrgID": ["o-other"]}}
    point = shared(accounts)
    admit(accounts, _principal("Allow", "backup:CopyIntoBackupVault", "*", Condition=others))
    refused = failed(accounts, point, vault)
    admit(accounts, _principal("Allow", "backup:CopyIntoBackupVault", "*", Condition=members))

    assert refused == message(CopyCause.ACCESS_DENIED)
    assert copied(accounts, point, vault)["State"] == "COMPLETED"


def test_keys_of_the_source_have_to_be_shared_with_the_other_account(accounts):
    vault = vault_in(accounts, "us-east-1", **administrator(accounts))
    admit(accounts, _principal("Allow", "backup:CopyIntoBackupVault", "arn:aws:iam::123456789012:root"))
    kms = accounts.client("kms")
    own, managed = kms.create_key()["KeyMetadata"]["Arn"], kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["Arn"]
    made = [
        accounts.ec2.create_volume(Size=1, AvailabilityZone="us-east-1a", Encrypted=True, KmsKeyId=key)["VolumeId"]
        for key in (own, managed)
    ]
    shared(accounts)
    accounts.ec2.attach_volume(VolumeId=made[0], InstanceId=WEB, Device="/dev/sdy")
    not_shared = failed(accounts, backed_up(accounts), vault)
    accounts.ec2.attach_volume(VolumeId=made[1], InstanceId=WEB, Device="/dev/sdz")
    aws_managed = failed(accounts, backed_up(accounts), vault)

    assert not_shared == message(CopyCause.KEY_NOT_SHARED)
    assert aws_managed == message(CopyCause.MANAGED_KEY)
