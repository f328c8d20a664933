"""Who calls, what the policies allow, and what SimulatePrincipalPolicy says of it beforehand."""

import json

import pytest
from botocore.exceptions import ClientError

from sandbox.clock import CLOCK

OPERATOR = "arn:aws:iam::123456789012:role/BackupOperator"
VAULT_ARN = "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"


def refusal(call, **parameters):
    with pytest.raises(ClientError) as refused:
        call(**parameters)
    error = refused.value.response["Error"]
    return error["Code"], error["Message"], refused.value.response["ResponseMetadata"]["HTTPStatusCode"]


def statement(effect, action, resource="*", **more):
    return {"Effect": effect, "Action": action, "Resource": resource, **more}


HARMLESS = statement("Allow", "sts:GetSessionToken")


@pytest.fixture
def user(aws):
    """Return a function that makes an IAM user with a policy, and returns its credentials for `aws.client`."""

    def make(*statements, name="narrow"):
        iam = aws.client("iam")
        iam.create_user(UserName=name)
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements) or [HARMLESS]})
        iam.put_user_policy(UserName=name, PolicyName="only", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        return {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}

    return make


@pytest.fixture
def session(aws):
    """Return a function that assumes a new role with a policy, and returns the session's credentials."""

    def assume(*statements, seconds=900):
        trust = statement("Allow", "sts:AssumeRole")
        document = json.dumps({"Version": "2012-10-17", "Statement": list(statements) or [HARMLESS]})
        iam = aws.client("iam")
        role = iam.create_role(RoleName="Watcher", AssumeRolePolicyDocument=json.dumps({"Statement": [trust]}))["Role"]
        iam.put_role_policy(RoleName="Watcher", PolicyName="only", PolicyDocument=document)
        made = aws.client("sts").assume_role(RoleArn=role["Arn"], RoleSessionName="night", DurationSeconds=seconds)
        names = {"AccessKeyId": "aws_access_key_id", "SecretAccessKey": "aws_secret_access_key"}
        names["SessionToken"] = "aws_session_token"
        return {theirs: made["Credentials"][ours] for ours, theirs in names.items()}

    return assume


def test_the_default_caller_is_a_session_of_a_role_that_exists(aws):
    """Checklist 40."""
    caller = aws.client("sts").get_caller_identity()

    assert caller["Account"] == "123456789012"
    assert caller["Arn"] == "arn:aws:sts::123456789012:assumed-role/BackupOperator/sandbox"
    assert caller["UserId"].split(":")[0] == aws.client("iam").get_role(RoleName="BackupOperator")["Role"]["RoleId"]


def test_a_user_and_a_session_are_who_they_are(aws, user, session):
    """Checklist 40."""
    narrow = aws.client("sts", **user()).get_caller_identity()
    watcher = aws.client("sts", **session()).get_caller_identity()

    assert narrow["Arn"] == "arn:aws:iam::123456789012:user/narrow"
    assert watcher["Arn"] == "arn:aws:sts::123456789012:assumed-role/Watcher/night"


def test_what_no_policy_allows_is_refused_in_the_words_of_iam(aws, user):
    """Checklist 15."""
    narrow = user(statement("Allow", "ec2:DescribeInstances"))

    code, said, status = refusal(aws.client("backup", **narrow).describe_backup_vault, BackupVaultName=aws.vault)

    assert (code, status) == ("AccessDeniedException", 403)
    assert said == (
        "User: arn:aws:iam::123456789012:user/narrow is not authorized to perform: backup:DescribeBackupVault"
        f" on resource: {VAULT_ARN} because no identity-based policy allows the backup:DescribeBackupVault action"
    )


def test_an_explicit_deny_wins_and_is_named(aws, user):
    narrow = user(statement("Allow", "backup:*"), statement("Deny", "backup:List*"))

    code, said, _ = refusal(aws.client("backup", **narrow).list_backup_jobs)

    assert code == "AccessDeniedException"
    assert said.endswith("with an explicit deny in an identity-based policy")


def test_ec2_calls_a_denial_by_its_own_name(aws, user):
    code, said, status = refusal(aws.client("ec2", **user(statement("Allow", "backup:*"))).describe_instances)

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
def test_every_service_denies_with_its_own_code(aws, user, service, operation, parameters, code):
    found, said, _ = refusal(getattr(aws.client(service, **user()), operation), **parameters)

    assert found == code
    assert "is not authorized to perform: " in said


def test_a_policy_may_allow_exactly_one_vault(aws, user):
    narrow = user(statement("Allow", "backup:DescribeBackupVault", VAULT_ARN))
    aws.backup.create_backup_vault(BackupVaultName="Other")
    backup = aws.client("backup", **narrow)

    assert backup.describe_backup_vault(BackupVaultName=aws.vault)["BackupVaultName"] == aws.vault
    assert refusal(backup.describe_backup_vault, BackupVaultName="Other")[0] == "AccessDeniedException"


def test_starting_a_backup_needs_the_role_to_be_passed(aws, user):
    """Checklist 15."""
    narrow = user(statement("Allow", "backup:StartBackupJob"))
    start = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}

    code, said, _ = refusal(aws.client("backup", **narrow).start_backup_job, **start)

    assert code == "AccessDeniedException"
    assert f"is not authorized to perform: iam:PassRole on resource: {aws.role}" in said


def test_a_role_passed_to_aws_backup_alone_is_enough(aws, user):
    only_backup = {"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}
    narrow = user(
        statement("Allow", "backup:StartBackupJob", VAULT_ARN),
        statement("Allow", "iam:PassRole", aws.role, Condition=only_backup),
    )
    start = {"BackupVaultName": aws.vault, "ResourceArn": aws.arn(aws.web), "IamRoleArn": aws.role}

    assert aws.client("backup", **narrow).start_backup_job(**start)["BackupJobId"]


def test_a_session_may_do_what_its_role_may(aws, session):
    watcher = session(statement("Allow", ["backup:List*", "ec2:Describe*"]))

    assert aws.client("backup", **watcher).list_backup_jobs()["BackupJobs"] == []
    assert refusal(aws.client("iam", **watcher).list_roles)[0] == "AccessDenied"


def test_a_session_ends_when_its_time_is_over(aws, session):
    """Checklist 40."""
    watcher = session(statement("Allow", "*"))
    backup, ec2 = aws.client("backup", **watcher), aws.client("ec2", **watcher)
    backup.list_backup_jobs()
    CLOCK.advance(901)

    assert refusal(backup.list_backup_jobs)[::2] == ("ExpiredTokenException", 403)
    assert refusal(ec2.describe_instances)[0] == "RequestExpired"


@pytest.mark.parametrize(
    ("service", "operation", "code"),
    [
        ("backup", "list_backup_jobs", "UnrecognizedClientException"),
        ("sts", "get_caller_identity", "InvalidClientTokenId"),
        ("ec2", "describe_instances", "AuthFailure"),
    ],
)
def test_strict_credentials_refuse_keys_that_nobody_made(aws, service, operation, code):
    nobody = aws.client(service, aws_access_key_id="AKIANOBODYKNOWSTHIS1")
    getattr(nobody, operation)()
    aws.sandbox.control.switch(strict_credentials=True)

    assert refusal(getattr(nobody, operation))[0] == code
    assert getattr(aws.client(service), operation)()


def test_a_simulation_says_what_each_action_would_meet(aws, user):
    """Checklist 40."""
    user(
        statement("Allow", "backup:*"),
        statement("Deny", "backup:DeleteRecoveryPoint"),
        statement("Allow", "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}}),
    )
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn="arn:aws:iam::123456789012:user/narrow",
        ActionNames=["backup:StartBackupJob", "backup:DeleteRecoveryPoint", "ec2:DescribeInstances", "iam:PassRole"],
    )
    found = {one["EvalActionName"]: one for one in answer["EvaluationResults"]}

    assert {name: one["EvalDecision"] for name, one in found.items()} == {
        "backup:StartBackupJob": "allowed",
        "backup:DeleteRecoveryPoint": "explicitDeny",
        "ec2:DescribeInstances": "implicitDeny",
        "iam:PassRole": "implicitDeny",
    }
    assert found["iam:PassRole"]["MissingContextValues"] == ["iam:PassedToService"]


def test_a_simulation_takes_the_condition_keys_it_is_given(aws, user):
    user(
        statement("Allow", "iam:PassRole", Condition={"StringEquals": {"iam:PassedToService": "backup.amazonaws.com"}})
    )
    context = {"ContextKeyName": "iam:PassedToService", "ContextKeyType": "string"}

    def decision(service):
        return aws.client("iam").simulate_principal_policy(
            PolicySourceArn="arn:aws:iam::123456789012:user/narrow",
            ActionNames=["iam:PassRole"],
            ResourceArns=[aws.role],
            ContextEntries=[{**context, "ContextKeyValues": [service]}],
        )["EvaluationResults"][0]["EvalDecision"]

    assert decision("backup.amazonaws.com") == "allowed"
    assert decision("ec2.amazonaws.com") == "implicitDeny"


def test_a_simulation_knows_attached_policies_of_aws(aws):
    answer = aws.client("iam").simulate_principal_policy(
        PolicySourceArn=aws.role, ActionNames=["ec2:CreateImage", "ec2:RunInstances", "ec2:TerminateInstances"]
    )

    decisions = [one["EvalDecision"] for one in answer["EvaluationResults"]]

    assert decisions[0] == "allowed"
    assert decisions[2] == "implicitDeny"


def test_a_simulation_refuses_the_arn_that_get_caller_identity_gives(aws):
    """Checklist 40."""
    arn = aws.client("sts").get_caller_identity()["Arn"]
    simulate = aws.client("iam").simulate_principal_policy

    code, _, status = refusal(simulate, PolicySourceArn=arn, ActionNames=["backup:StartBackupJob"])

    assert (code, status) == ("InvalidInput", 400)


def test_a_simulation_for_nobody_has_no_such_entity(aws):
    simulate = aws.client("iam").simulate_principal_policy
    nobody = "arn:aws:iam::123456789012:role/Nobody"

    found = refusal(simulate, PolicySourceArn=nobody, ActionNames=["backup:StartBackupJob"])

    assert found == ("NoSuchEntity", "Unable to retrieve specified IAM entity.", 404)


def test_a_simulation_comes_in_pages(aws):
    actions = [f"backup:Action{number}" for number in range(25)]
    pages = (
        aws.client("iam")
        .get_paginator("simulate_principal_policy")
        .paginate(PolicySourceArn=OPERATOR, ActionNames=actions, PaginationConfig={"PageSize": 10})
    )

    sizes = [len(page["EvaluationResults"]) for page in pages]

    assert sizes == [10, 10, 5]
