"""The folder deployments/iam: its policies are what the program calls, in each of the forms that they come in."""

import json
import re
from string import Template
from typing import Any

import pytest

from ec2_backup.model import Caller
from ec2_backup.permissions import BACKUP_SERVICE
from ec2_backup.setup.ground import CONSOLE_PATH, KEY_ALIAS, KEY_DESCRIPTION, ROLE_POLICIES
from ec2_backup.setup.policy import to_caller_policy
from ec2_backup.setup.request import DEFAULT_POLICY, SetupRequest
from tests.docs.markdown import PROJECT, blocks
from tests.docs.program import aws_calls
from tests.docs.template import read_template, resolved

IAM = PROJECT / "deployments" / "iam"
ACCOUNT, REGION = "123456789012", "eu-central-1"
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:ops"
ASKED = {"csv": "s3://lists/nightly.csv", "report_to": "s3://reports/nightly", "notify_topic": TOPIC}
STACK = {"Csv": "lists/nightly.csv", "ReportTo": "reports/nightly", "NotifyTopic": TOPIC}
# AWS asks these of whoever creates a vault with a key, beside backup:CreateBackupVault (AWS Backup developer guide).
ASKED_BY_THE_VAULT = {"backup-storage:MountCapsule", "kms:CreateGrant", "kms:Decrypt", "kms:GenerateDataKey",
                      "kms:RetireGrant"}  # fmt: skip
TERRAFORM = {path.name: path.read_text(encoding="utf-8") for path in sorted(IAM.glob("*.tf"))}
PLACEHOLDER = re.compile(r"\$\{(\w+)\}")


def text_of(name: str) -> str:
    return (IAM / name).read_text(encoding="utf-8")


def listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def as_sets(document: Any) -> list[dict[str, Any]]:
    """Return the statements of a policy with their actions and resources as sets."""
    return [
        {**statement, "Action": set(listed(statement["Action"])), "Resource": set(listed(statement["Resource"]))}
        for statement in document["Statement"]
    ]


def caller_policy(**asked: str) -> dict[str, Any]:
    """Return the caller's policy as the setup fills it in."""
    request = SetupRequest(regions=(REGION,), **asked)
    return to_caller_policy(text_of("caller-policy.json"), request, Caller(ACCOUNT, "arn:aws:iam::1:root"), ROLE_ARN)


def stack(**parameters: str) -> Any:
    """Return the resources of the CloudFormation template as a stack in the account would have them."""
    return resolved(text_of("template.yaml"), ACCOUNT, REGION, parameters)


@pytest.mark.parametrize("name", sorted(path.name for path in IAM.glob("*.json")))
def test_every_document_is_a_policy_whose_statements_allow_and_say_what_they_are_for(name):
    document = json.loads(text_of(name))

    assert document["Version"] == "2012-10-17"
    assert {statement["Effect"] for statement in document["Statement"]} == {"Allow"}
    assert len({statement["Sid"] for statement in document["Statement"]}) == len(document["Statement"])


def test_the_setups_policy_allows_what_a_setup_calls_and_what_aws_backup_asks_for_a_vault():
    statements = json.loads(text_of("setup-policy.json"))["Statement"]
    actions = {action for statement in statements for action in listed(statement["Action"])}

    assert actions == aws_calls("setup") | ASKED_BY_THE_VAULT
    assert json.loads(blocks(PROJECT / "docs" / "setup.md", "json")[0])["Statement"] == statements


def allowed_by(name):
    return {action for statement in json.loads(text_of(name))["Statement"] for action in listed(statement["Action"])}


def test_the_policy_for_restores_allows_what_a_restore_calls_and_nothing_else():
    of_backups_too = {"backup:DescribeBackupVault", "backup:DescribeRecoveryPoint", "ec2:DescribeVolumes",
                      "ec2:DescribeInstanceTypes", "iam:GetRole", "iam:ListAttachedRolePolicies",
                      "iam:SimulatePrincipalPolicy", "s3:GetObject"}  # fmt: skip

    assert of_backups_too <= aws_calls()
    assert allowed_by("restore-policy.json") == aws_calls("restore") | of_backups_too | {"iam:PassRole"}


def test_the_policies_for_copies_allow_what_copies_call_and_nothing_else():
    looks = {"backup:DescribeBackupVault", "backup:ListRecoveryPointsByBackupVault", "backup:DescribeRecoveryPoint"}
    there = {"ec2:DescribeImages", "ec2:DescribeSnapshots", "backup:ListBackupVaults", "kms:DescribeKey"}
    more = {"backup:GetBackupVaultAccessPolicy", "kms:ListAliases"}

    assert looks | there <= aws_calls()
    assert allowed_by("copies-policy.json") == aws_calls("copies") | looks
    assert allowed_by("copies-account-policy.json") == looks | there | more
    assert allowed_by("copies-vault-policy.json") == {"backup:CopyIntoBackupVault"}


def test_the_policy_for_drills_allows_what_a_drill_calls_and_ends_only_what_a_drill_made():
    statements = json.loads(text_of("drill-policy.json"))["Statement"]
    (ending,) = (one for one in statements if "ec2:TerminateInstances" in listed(one["Action"]))

    assert allowed_by("drill-policy.json") == allowed_by("restore-policy.json") | aws_calls("drill")
    assert ending["Condition"] == {"StringLike": {"ec2:ResourceTag/DrillRunId": "?*"}}


def test_the_template_has_the_policy_that_the_setup_makes():
    for parameters, wanted in (({}, caller_policy()), (STACK, caller_policy(**ASKED))):
        made = stack(**parameters)["CallerPolicy"]["PolicyDocument"]
        assert as_sets(made) == as_sets(wanted)


def test_the_template_has_the_policy_for_copies_where_they_go_somewhere():
    vault = f"arn:aws:backup:eu-west-1:{ACCOUNT}:backup-vault:EC2-Backup-Copy"
    wanted = json.loads(text_of("copies-policy.json").replace("${COPY_VAULT_ARN}", vault))
    caller = {"TrustedCaller": "arn:aws:iam::210987654321:role/BackupRunner", "ExternalId": "agreed-4711"}

    assert "CopiesPolicy" not in stack()
    assert as_sets(stack(CopyTo=vault)["CopiesPolicy"]["PolicyDocument"]) == as_sets(wanted)
    assert stack(CopyTo=vault, **caller)["CrossAccountRole"]["ManagedPolicyArns"] == ["CallerPolicy", "CopiesPolicy"]


def test_the_policy_of_the_template_can_be_for_every_region():
    (back_up,) = [
        one for one in stack(PolicyRegion="*")["CallerPolicy"]["PolicyDocument"]["Statement"] if one["Sid"] == "BackUp"
    ]

    assert back_up["Resource"][0] == f"arn:aws:backup:*:{ACCOUNT}:backup-vault:EC2-Backup"


def test_the_template_makes_what_the_setup_makes():
    made = stack()

    assert made["VaultKeyAlias"]["AliasName"] == KEY_ALIAS
    assert (made["VaultKey"]["Description"], made["VaultKey"]["EnableKeyRotation"]) == (KEY_DESCRIPTION, True)
    assert made["BackupVault"]["BackupVaultName"] == SetupRequest(regions=(REGION,)).vault
    assert (made["ServiceRole"]["RoleName"], made["ServiceRole"]["Path"]) == (
        "AWSBackupDefaultServiceRole",
        CONSOLE_PATH,
    )
    assert made["ServiceRole"]["AssumeRolePolicyDocument"] == json.loads(text_of("service-role-trust.json"))
    assert [arn.rsplit("/", 1)[1] for arn in made["ServiceRole"]["ManagedPolicyArns"]] == list(ROLE_POLICIES)
    assert made["CallerPolicy"]["ManagedPolicyName"] == DEFAULT_POLICY


def test_the_role_for_another_account_is_there_only_where_somebody_is_trusted():
    caller, secret = "arn:aws:iam::210987654321:role/BackupRunner", "agreed-4711"
    trust = Template(text_of("cross-account-role-trust.json")).substitute(CALLER=caller, EXTERNAL_ID=secret)

    assert "CrossAccountRole" not in stack()
    made = stack(TrustedCaller=caller, ExternalId=secret)["CrossAccountRole"]
    assert made["AssumeRolePolicyDocument"] == json.loads(trust)
    assert made["ManagedPolicyArns"] == ["CallerPolicy"]


def test_aws_backup_alone_may_assume_the_service_role():
    (statement,) = json.loads(text_of("service-role-trust.json"))["Statement"]

    assert statement["Principal"] == {"Service": BACKUP_SERVICE}


def test_terraform_fills_in_every_placeholder_of_the_documents_that_it_reads():
    text = "".join(TERRAFORM.values())
    read = re.findall(r'(file|templatefile)\("\$\{path\.module\}/([\w-]+\.json)"(?:, \{(.*?)\})?\)', text, re.DOTALL)

    assert {name for _, name, _ in read} == {
        "caller-policy.json",
        "copies-policy.json",
        "service-role-trust.json",
        "cross-account-role-trust.json",
    }
    for _, name, values in read:
        assert set(re.findall(r"^\s+(\w+)\s+=", values, re.MULTILINE)) == set(PLACEHOLDER.findall(text_of(name)))


def test_terraform_names_only_what_it_declares_and_declares_nothing_in_vain():
    text = "".join(TERRAFORM.values())
    resources = {f"{kind}.{name}" for kind, name in re.findall(r'^resource "(\w+)" "(\w+)"', text, re.MULTILINE)}
    locals_ = set(re.findall(r"^  (\w+)\s+= ", "".join(re.findall(r"^locals \{.*?^\}", text, re.M | re.S)), re.M))

    assert set(re.findall(r"\bvar\.(\w+)", text)) == set(re.findall(r'^variable "(\w+)"', text, re.MULTILINE))
    assert set(re.findall(r"\blocal\.(\w+)", text)) == locals_
    assert set(re.findall(r"(?<![\w.\"])(aws_\w+\.\w+)", text)) - {"aws_iam_role_policy_attachment"} <= resources
    assert all(text.count(one) == text.count(other) for one, other in ("{}", "[]", "()"))


def test_terraform_and_the_template_have_the_same_defaults():
    variables = re.findall(r'^variable "(\w+)" \{(.*?)^\}', TERRAFORM["variables.tf"], re.M | re.S)
    defaults = {name: hit[1] for name, body in variables if (hit := re.search(r'default += "(.*?)"', body))}
    parameters = {name: one["Default"] for name, one in read_template(text_of("template.yaml"))["Parameters"].items()}

    assert {name.replace("_", ""): value for name, value in defaults.items()} == {
        name.lower().removesuffix("name"): value for name, value in parameters.items() if name != "PolicyRegion"
    }
    assert defaults["vault"] == SetupRequest(regions=(REGION,)).vault
