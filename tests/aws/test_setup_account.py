"""A setup against AWS: what it makes, that a second one makes nothing, and that one that broke off is finished."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from ec2_backup.aws.iam import get_role
from ec2_backup.aws.setup.creation import create_missing
from ec2_backup.aws.setup.look import look_around
from ec2_backup.aws.vault import describe_backup_vault
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.model import Target
from ec2_backup.setup.ground import KEY_ALIAS, Documents, Kind, Setup
from ec2_backup.setup.plan import plan_setup
from ec2_backup.setup.request import SetupRequest
from sandbox import state
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from sandbox.seeding import seed
from tests.aws.backups import ACCOUNT, BACKUP_TRUST, HERE, REGION, ROLE, client
from tests.docs.markdown import PROJECT

IAM = PROJECT / "deployments" / "iam"
DOCUMENTS = Documents((IAM / "caller-policy.json").read_text(), (IAM / "service-role-trust.json").read_text())
THERE = "eu-west-1"
ASKED = SetupRequest(regions=(REGION, THERE))
WRITING = ("Create", "Put", "Attach", "Enable", "Delete", "Update", "Tag", "Set", "Disable", "Schedule", "Detach")


@pytest.fixture(autouse=True)
def bare(sandbox: Sandbox) -> Iterator[None]:
    """An account in which nothing is set up, for each test."""
    state.reset(1000)
    seed(Fleet.of_size(1), bare=True)
    sandbox.control.clear_calls()
    yield
    state.reset(1000)


def planned(request: SetupRequest = ASKED) -> Setup:
    return plan_setup(request, look_around(request), DOCUMENTS)


def made(request: SetupRequest = ASKED) -> list[str]:
    """Set the account up and return the kinds of what was made."""
    return [str(piece.kind) for piece in create_missing(planned(request), HERE)]


def writes(sandbox: Sandbox) -> set[str]:
    return {name for name in sandbox.control.calls() if name.split(":")[1].startswith(WRITING)}


def test_a_bare_account_gets_a_vault_and_a_key_in_each_region_and_one_role_and_policy():
    assert made() == ["KMS key", "Backup vault"] * 2 + ["IAM role", "IAM policy"]

    for region in (REGION, THERE):
        vault = describe_backup_vault("EC2-Backup", Target(region))
        assert vault.encryption_key_arn
        assert f":kms:{region}:" in vault.encryption_key_arn
    role = get_role(ROLE, HERE)
    assert (role.arn, role.warnings) == (f"arn:aws:iam::{ACCOUNT}:role/service-role/{ROLE}", ())
    key = client("kms").describe_key(KeyId=KEY_ALIAS)["KeyMetadata"]
    assert (key["KeyManager"], key["KeyState"]) == ("CUSTOMER", "Enabled")
    assert client("kms").get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"] is True


def test_looking_changes_nothing(sandbox):
    planned()

    assert writes(sandbox) == set()


def test_a_second_setup_makes_nothing_and_calls_nothing_that_changes_anything(sandbox):
    made()
    sandbox.control.clear_calls()

    assert planned().is_done
    assert made() == []
    assert writes(sandbox) == set()


def test_what_is_there_is_used_as_it_is_and_only_the_rest_is_made(sandbox):
    client("backup").create_backup_vault(BackupVaultName="EC2-Backup")
    client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps(BACKUP_TRUST), Path="/own/")
    key = client("backup").describe_backup_vault(BackupVaultName="EC2-Backup")["EncryptionKeyArn"]
    plan = planned(SetupRequest(regions=(REGION,)))
    sandbox.control.clear_calls()

    assert [str(one.kind) for one in create_missing(plan, HERE)] == ["IAM policy"]
    assert writes(sandbox) == {"iam:CreatePolicy"}
    assert client("backup").describe_backup_vault(BackupVaultName="EC2-Backup")["EncryptionKeyArn"] == key
    assert client("iam").list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"] == []
    assert plan.exit_code == 11, "the role is not ours, and has no policy attached"
    document = look_around(ASKED).policy
    assert f"arn:aws:iam::{ACCOUNT}:role/own/{ROLE}" in json.dumps(document)


@pytest.mark.parametrize("operation", ["disable_key", "schedule_key_deletion"])
def test_a_vault_whose_key_was_made_useless_differs_and_stays_as_it_is(sandbox, operation):
    here = SetupRequest(regions=(REGION,))
    made(here)
    arn = client("backup").describe_backup_vault(BackupVaultName="EC2-Backup")["EncryptionKeyArn"]
    getattr(client("kms"), operation)(KeyId=arn.rpartition("/")[2])
    sandbox.control.clear_calls()

    plan = planned(here)

    assert [(str(one.kind), arn in one.detail) for one in plan.pieces if one.advice] == [("Backup vault", True)]
    assert (plan.is_done, plan.exit_code, writes(sandbox)) == (True, 12, set())


@pytest.mark.parametrize(
    "operation",
    ["kms:EnableKeyRotation", "kms:CreateAlias", "backup:CreateBackupVault", "iam:CreateRole", "iam:AttachRolePolicy",
     "iam:CreatePolicy"],
)  # fmt: skip
def test_a_setup_that_broke_off_anywhere_is_finished_by_the_next_and_makes_nothing_twice(sandbox, operation):
    here = SetupRequest(regions=(REGION,))
    sandbox.control.fault(operation, "error", code="LimitExceededException", message="Too many.", status=400)
    with pytest.raises(AwsError, match=r"Too many\."):
        made(here)
    sandbox.control.clear_faults()

    made(here)

    assert planned(here).is_done
    assert planned(here).exit_code == 0
    keys = client("kms").list_keys()["Keys"]
    described = [client("kms").describe_key(KeyId=key["KeyId"])["KeyMetadata"]["Description"] for key in keys]
    assert len([text for text in described if "EC2 Backup Automation" in text]) == 1
    attached = client("iam").list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]
    assert len(attached) == 2
    key = client("kms").describe_key(KeyId=KEY_ALIAS)["KeyMetadata"]["KeyId"]
    assert client("kms").get_key_rotation_status(KeyId=key)["KeyRotationEnabled"] is True


def test_what_iam_does_not_know_everywhere_yet_is_asked_for_again(sandbox):
    sandbox.control.fault("iam:AttachRolePolicy", code="NoSuchEntity", message="not yet", status=404, times=1)

    assert Kind.ROLE in made()
    assert planned().is_done


def test_a_call_that_is_denied_ends_the_setup_in_the_words_of_aws(env):
    become(env, [{"Sid": "A", "Effect": "Allow", "Action": ["backup:List*", "backup:Describe*"], "Resource": "*"}])

    with pytest.raises(AccessError, match="is not authorized to perform: kms:ListAliases"):
        planned()


def become(env: pytest.MonkeyPatch, statements: list[dict[str, Any]]) -> None:
    iam = client("iam")
    iam.create_user(UserName="jane")
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName="jane", PolicyName="own", PolicyDocument=document)
    key = iam.create_access_key(UserName="jane")["AccessKey"]
    env.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
    env.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])


def test_a_user_with_the_documented_permissions_and_no_others_can_set_an_account_up(env):
    text = (IAM / "setup-policy.json").read_text(encoding="utf-8")
    for name, value in {"REGION": "*", "ACCOUNT": ACCOUNT, "VAULT": "EC2-Backup", "ROLE_NAME": ROLE,
                        "POLICY": "EC2BackupCaller"}.items():  # fmt: skip
        text = text.replace(f"${{{name}}}", value)
    become(env, json.loads(text)["Statement"])

    assert made() == ["KMS key", "Backup vault"] * 2 + ["IAM role", "IAM policy"]
    assert planned().is_done
    with pytest.raises(client("iam").exceptions.ClientError, match="iam:AttachRolePolicy"):
        client("iam").attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
