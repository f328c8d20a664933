"""StartBackupJob against vaults, roles, instances and policies that are not as they should be."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK
from sandbox.outcomes import OUTCOMES

TRUST = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}


def refusal(aws, instance_id=None, **parameters):
    with pytest.raises(ClientError) as refused:
        aws.start(instance_id or aws.web, **parameters)
    status = refused.value.response["ResponseMetadata"]["HTTPStatusCode"]
    return refused.value.response["Error"]["Code"], status, refused.value.response["Error"]["Message"]


def new_role(aws, name, service="backup.amazonaws.com"):
    policy = {"Version": "2012-10-17", "Statement": [TRUST | {"Principal": {"Service": service}}]}
    return aws.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(policy))["Role"]["Arn"]


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("describe_backup_vault", {}),
        ("get_backup_vault_access_policy", {}),
        ("list_recovery_points_by_backup_vault", {}),
        ("describe_recovery_point", {"RecoveryPointArn": "arn:aws:ec2:us-east-1::image/ami-1"}),
    ],
)
def test_a_vault_that_is_not_there_looks_like_one_that_may_not_be_seen(aws, call, parameters):
    """Checklist 13."""
    with pytest.raises(ClientError) as refused:
        getattr(aws.backup, call)(BackupVaultName="absent", **parameters)

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert refused.value.response["Error"]["Message"] == "Insufficient privileges to perform this action."


def test_a_start_into_a_vault_that_is_not_there_is_denied(aws):
    """Checklist 13."""
    denied = ("AccessDeniedException", 403, "Insufficient privileges to perform this action.")

    assert refusal(aws, BackupVaultName="absent") == denied
    assert refusal(aws, BackupVaultName=aws.vault.lower()) == denied


@pytest.mark.parametrize("path", ["role/Absent", "role/AWSBackupDefaultServiceRole", "user/somebody"])
def test_a_role_that_is_not_under_that_very_arn_cannot_be_assumed(aws, path):
    """Checklist 14: a path left out names another role."""
    role = f"arn:aws:iam::123456789012:{path}"

    said = f"IAM Role {role} cannot be assumed by AWS Backup"
    assert refusal(aws, IamRoleArn=role) == ("InvalidParameterValueException", 400, said)


def test_a_role_that_trusts_somebody_else_cannot_be_assumed(aws):
    """Checklist 14."""
    role = new_role(aws, "AWSBackupForLambda", "lambda.amazonaws.com")

    assert "cannot be assumed by AWS Backup" in refusal(aws, IamRoleArn=role)[2]


def test_a_role_trouble_can_fail_the_job_instead_of_the_call(aws):
    """Checklist 14."""
    OUTCOMES.switch(role_trust="async")
    job = aws.finished(IamRoleArn="arn:aws:iam::123456789012:role/Absent")

    assert job["State"] == "FAILED"
    assert "cannot be assumed by AWS Backup" in job["StatusMessage"]


def test_a_new_role_can_be_assumed_only_when_it_has_spread(aws):
    """Checklist 14."""
    OUTCOMES.switch(propagation_seconds=60.0)
    CLOCK.advance(1000)
    role = new_role(aws, "AWSBackupFresh")

    assert "cannot be assumed" in refusal(aws, IamRoleArn=role)[2]
    CLOCK.advance(61)
    assert aws.start(IamRoleArn=role)


def test_the_policy_of_a_vault_can_deny_the_start(aws):
    """Checklist 15."""
    statement = {"Effect": "Deny", "Principal": "*", "Action": "backup:StartBackupJob", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    aws.backup.put_backup_vault_access_policy(BackupVaultName=aws.vault, Policy=policy)

    code, status, said = refusal(aws)

    assert (code, status) == ("AccessDeniedException", 403)
    assert "is not authorized to perform: backup:StartBackupJob on resource: arn:aws:backup:" in said
    assert said.endswith("with an explicit deny in a resource-based policy")


def test_a_caller_who_may_not_pass_the_role_is_denied(aws):
    """Checklist 15."""
    iam = aws.client("iam")
    iam.create_user(UserName="operator")
    statement = {"Effect": "Allow", "Action": "backup:*", "Resource": "*"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_user_policy(UserName="operator", PolicyName="only-backup", PolicyDocument=policy)
    key = iam.create_access_key(UserName="operator")["AccessKey"]
    backup = aws.client("backup", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"])

    with pytest.raises(ClientError, match="iam:PassRole") as refused:
        backup.start_backup_job(BackupVaultName=aws.vault, ResourceArn=aws.arn(aws.web), IamRoleArn=aws.role)

    assert refused.value.response["Error"]["Code"] == "AccessDeniedException"
    assert aws.role in refused.value.response["Error"]["Message"]


@pytest.mark.parametrize("arn", ["arn:aws:s3:::bucket", "i-0aaaaaaaaaaaaaaa1", "arn:aws:ec2:us-east-1::image/ami-1"])
def test_what_is_no_instance_is_an_unsupported_resource_type(aws, arn):
    """Checklist 16."""
    assert refusal(aws, ResourceArn=arn) == ("InvalidParameterValueException", 400, f"Unsupported resource type: {arn}")


@pytest.mark.parametrize("place", ["us-east-1:210987654321", "eu-west-1:123456789012", "us-east-1:"])
def test_an_instance_of_another_account_or_region_is_refused(aws, place):
    """Checklist 17."""
    assert refusal(aws, ResourceArn=f"arn:aws:ec2:{place}:instance/{aws.web}")[0] == "InvalidParameterValueException"


def test_an_absent_instance_fails_the_job_or_the_call(aws):
    """Checklist 18."""
    absent = "i-0fffffffffffffff9"
    job = aws.finished(absent)
    OUTCOMES.switch(absent_instance="sync")

    assert (job["State"], job["StatusMessage"]) == ("FAILED", f"The instance ID '{absent}' does not exist")
    assert refusal(aws, absent)[0] == "ResourceNotFoundException"


def test_a_terminated_instance_fails_the_job_or_the_call(aws):
    """Checklist 18."""
    aws.ec2.terminate_instances(InstanceIds=[aws.web])
    job = aws.finished()
    OUTCOMES.switch(absent_instance="sync")

    assert job["State"] == "FAILED"
    assert job["StatusMessage"].startswith("Instance is not in state")
    assert refusal(aws)[0] == "ResourceNotFoundException"


def test_an_instance_without_ebs_fails_the_job(aws):
    """Checklist 34: what is on an instance store is in no AMI."""
    job = aws.finished(aws.diskless)

    assert (job["State"], job["StatusMessage"]) == ("FAILED", f"Unsupported resource type: {aws.arn(aws.diskless)}")


def test_ec2_that_is_opted_out_is_refused(aws):
    aws.backup.update_region_settings(ResourceTypeOptInPreference={"EC2": False})

    assert aws.backup.describe_region_settings()["ResourceTypeOptInPreference"]["EC2"] is False
    assert refusal(aws)[0] == "InvalidRequestException"
