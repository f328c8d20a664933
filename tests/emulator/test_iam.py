"""Who calls, and what the policies of users and roles allow them."""

import boto3
import pytest

from sandbox.clock import CLOCK
from tests.emulator.callers import refusal, session, statement, user

VAULT_ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"


def test_the_default_caller_is_a_session_of_a_role_that_exists(aws):
    """Checklist 40."""
    caller = aws.client("sts").get_caller_identity()

    assert caller["Account"] == "123456789012"
    assert caller["Arn"] == "arn:aws:sts::123456789012:assumed-role/BackupOperator/sandbox"
    assert caller["UserId"].split(":")[0] == aws.client("iam").get_role(RoleName="BackupOperator")["Role"]["RoleId"]


def test_a_user_and_a_session_are_who_they_are(aws):
    """Checklist 40."""
    narrow = aws.client("sts", **user(aws)).get_caller_identity()
    watcher = aws.client("sts", **session(aws)).get_caller_identity()

    assert narrow["Arn"] == "arn:aws:iam::123456789012:user/narrow"
    assert watcher["Arn"] == "arn:aws:sts::123456789012:assumed-role/Watcher/night"


def test_what_no_policy_allows_is_refused_in_the_words_of_iam(aws):
    """Checklist 15."""
    narrow = user(aws, statement("Allow", "ec2:DescribeInstances"))

    code, said, status = refusal(aws.client("backup", **narrow).describe_backup_vault, BackupVaultName=aws.vault)

    assert (code, status) == ("AccessDeniedException", 403)
    assert said == (
        "User: arn:aws:iam::123456789012:user/narrow is not authorized to perform: backup:DescribeBackupVault"
        f" on resource: {VAULT_ARN} because no identity-based policy allows the backup:DescribeBackupVault action"
    )


def test_an_explicit_deny_wins_and_is_named(aws):
    narrow = user(aws, statement("Allow", "backup:*"), statement("Deny", "backup:List*"))

    code, said, _ = refusal(aws.client("backup", **narrow).list_backup_jobs)

    assert code == "AccessDeniedException"
    assert said.endswith("with an explicit deny in an identity-based policy")


def test_ec2_calls_a_denial_by_its_own_name(aws):
    code, said, status = refusal(aws.client("ec2", **user(aws, statement("Allow", "backup:*"))).describe_instances)

    assert (code, status) == ("UnauthorizedOperation", 403)
    assert said.startswith(
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/narrow"
    )


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "code"),
    [
        ("kms", "describe_key", {"KeyId": "alias/aws/ebs"}, "AccessDeniedException"),
        ("iam", "get_role", {"RoleName": "BackupOperator"}, "AccessDenied"),
        ("cloudtrail", "lookup_events", {}, "AccessDeniedException"),
        ("cloudwatch", "put_metric_data", {"Namespace": "N", "MetricData": []}, "AccessDenied"),
    ],
)
def test_every_service_denies_with_its_own_code(aws, service, operation, parameters, code):
    found, said, _ = refusal(getattr(aws.client(service, **user(aws)), operation), **parameters)

    assert found == code
    assert "is not authorized to perform: " in said


def test_a_policy_may_allow_exactly_one_vault(aws):
    narrow = user(aws, statement("Allow", "backup:DescribeBackupVault", VAULT_ARN))
    aws.backup.create_backup_vault(BackupVaultName="Other")
    backup = aws.client("backup", **narrow)

    assert backup.describe_backup_vault(BackupVaultName=aws.vault)["BackupVaultName"] == aws.vault
    assert refusal(backup.describe_backup_vault, BackupVaultName="Other")[0] == "AccessDeniedException"


def test_starting_a_backup_needs_the_role_to_be_passed(aws):
    """Checklist 15."""
    narrow = user(aws, statement("Allow", "backup:StartBackupJob"))
    start = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}

    code, said, _ = refusal(aws.client("backup", **narrow).start_backup_job, **start)

    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {aws.role}" in said


def test_a_role_passed_to_aws_backup_alone_is_enough(aws):
    only_backup = {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    narrow = user(
        aws,
        statement("Allow", "backup:StartBackupJob", VAULT_ARN),
        statement("Allow", "iam:PassRole", aws.role, Condition=only_backup),
    )
    start = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}

    assert aws.client("backup", **narrow).start_backup_job(**start)["BackupJobId"]


def test_a_session_may_do_what_its_role_may(aws):
    watcher = session(aws, statement("Allow", ["backup:List*", "ec2:Describe*"]))

    assert aws.client("backup", **watcher).list_backup_jobs()["BackupJobs"] == []
    assert refusal(aws.client("iam", **watcher).list_roles)[0] == "AccessDenied"


def test_a_session_ends_when_its_time_is_over(aws):
    """Checklist 40."""
    watcher = session(aws, statement("Allow", "*"))
    backup, ec2 = aws.client("backup", **watcher), aws.client("ec2", **watcher)
    backup.list_backup_jobs()
    CLOCK.advance(901)

    assert refusal(backup.list_backup_jobs)[::2] == ("ExpiredTokenException", 403)
    assert refusal(ec2.describe_instances)[0] == "RequestExpired"


REFUSALS = pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("backup", "list_backup_jobs", "UnrecognizedClientException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_instances", "AuthFailure"),
    ],
)


@REFUSALS
def test_a_region_that_does_not_exist_takes_nobodys_credentials(aws, service, operation, code):
    there = boto3.client(
        service, endpoint_url=aws.sandbox.url, region_name="xx-nowhere-1", aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )  # fmt: skip

    assert refusal(getattr(there, operation))[0] == code


@REFUSALS
def test_strict_credentials_refuse_keys_that_nobody_made(aws, service, operation, code):
    nobody = aws.client(service, aws_access_key_id="AKIANOBODYKNOWSTHIS1")
    getattr(nobody, operation)()
    aws.sandbox.control.switch(strict_credentials=True)

    assert refusal(getattr(nobody, operation))[0] == code
    assert getattr(aws.client(service), operation)()
