"""Who may restore: the role of the restore, the profile of the instance, the caller, and the policy of the vault."""

import json

import pytest

from tests.emulator.backups import backed_up, failed, instance_of, profile, restored, service_role, start_restore, usual
from tests.emulator.callers import refusal, statement, user

NEW_PROFILE = "AWS Backup does not permit attaching a new instance profile to an EC2 instance."
NOT_AUTHORIZED = "You are not authorized to perform this operation. Please consult the permissions"
FOR_RESTORES = "AWSBackupServiceRolePolicyForRestores"


@pytest.fixture
def point(aws):
    return backed_up(aws)


def test_an_instance_may_have_the_profile_that_was_backed_up_or_none_but_no_other(aws):
    profile(aws)
    aws.client("iam").create_instance_profile(InstanceProfileName="other")
    point = backed_up(aws)
    kept = instance_of(aws, restored(aws, point, usual(aws, point, IamInstanceProfileName="UseBackedUpValue")))
    named = instance_of(aws, restored(aws, point, usual(aws, point, IamInstanceProfileName="web-server")))
    bare = instance_of(aws, restored(aws, point))

    assert kept["IamInstanceProfile"]["Arn"] == named["IamInstanceProfile"]["Arn"]
    assert kept["IamInstanceProfile"]["Arn"].endswith("instance-profile/web-server")
    assert "IamInstanceProfile" not in bare
    assert failed(aws, point, usual(aws, point, IamInstanceProfileName="other")).startswith(NEW_PROFILE)


def test_a_role_without_the_policy_for_restores_fails_the_job_with_an_encoded_message(aws, point):
    role = service_role(aws, "BackupsOnly", statement("Allow", "ec2:Describe*"))

    said = failed(aws, point, IamRoleArn=role)
    assert said.startswith(NOT_AUTHORIZED)
    assert "Encoded authorization failure message: " in said


def test_the_managed_policy_for_restores_is_enough(aws, point):
    profile(aws)
    role = service_role(aws, "AWSBackupRestores")
    policy = f"arn:aws:iam::aws:policy/service-role/{FOR_RESTORES}"
    aws.client("iam").attach_role_policy(RoleName="AWSBackupRestores", PolicyArn=policy)
    point = backed_up(aws)
    metadata = usual(aws, point, IamInstanceProfileName="UseBackedUpValue")

    job = restored(aws, point, metadata, IamRoleArn=role, CopySourceTagsToRestoredResource=True)
    assert job["Status"] == "COMPLETED"


def test_an_instance_with_a_profile_needs_its_role_to_be_passed(aws):
    web_role = profile(aws)
    role = service_role(aws, "Restores", statement("Allow", "ec2:*"))
    point = backed_up(aws)
    metadata = usual(aws, point, IamInstanceProfileName="UseBackedUpValue")
    refused = failed(aws, point, metadata, IamRoleArn=role)
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    document = {"Version": "2012-10-17", "Statement": [statement("Allow", "iam:PassRole", web_role, Condition=to_ec2)]}
    aws.client("iam").put_role_policy(RoleName="Restores", PolicyName="pass", PolicyDocument=json.dumps(document))

    assert refused.startswith(NOT_AUTHORIZED)
    assert restored(aws, point, metadata, IamRoleArn=role)["Status"] == "COMPLETED"


def test_a_start_needs_the_action_on_the_recovery_point_and_the_role_to_be_passed(aws, point):
    start = {"RecoveryPointArn": point, "IamRoleArn": aws.role, "Metadata": usual(aws, point)}
    unable = aws.client("backup", **user(aws, statement("Allow", "backup:Describe*")))
    code, said, status = refusal(unable.start_restore_job, **start)

    assert (code, status) == ("AccessDeniedException", 403)
    assert f"is not authorized to perform: backup:StartRestoreJob on resource: {point}" in said
    allowed = {"Version": "2012-10-17", "Statement": [statement("Allow", "backup:StartRestoreJob", point)]}
    aws.client("iam").put_user_policy(UserName="narrow", PolicyName="only", PolicyDocument=json.dumps(allowed))
    assert f"iam:PassRole on resource: {aws.role}" in refusal(unable.start_restore_job, **start)[1]


def test_the_policy_of_the_vault_may_forbid_a_restore(aws, point):
    policy = {"Statement": [{"Effect": "Deny", "Principal": "*", "Action": "backup:StartRestoreJob", "Resource": "*"}]}
    aws.backup.put_backup_vault_access_policy(BackupVaultName=aws.vault, Policy=json.dumps(policy))

    code, said, _ = refusal(start_restore, aws=aws, arn=point)
    assert code == "AccessDeniedException"
    assert said.endswith("with an explicit deny in a resource-based policy")


def test_instances_may_be_terminated_by_who_may_terminate_those_with_a_tag(aws, point):
    made = instance_of(aws, restored(aws, point))["InstanceId"]
    aws.ec2.create_tags(Resources=[made], Tags=[{"Key": "drill", "Value": "1"}])
    tagged = {"StringEquals": {"aws:ResourceTag/drill": "1"}}
    terminate = statement("Allow", "ec2:TerminateInstances", "arn:aws:ec2:*:*:instance/*", Condition=tagged)
    narrow = aws.client("ec2", **user(aws, terminate))

    assert refusal(narrow.terminate_instances, InstanceIds=[aws.web])[0] == "UnauthorizedOperation"
    assert narrow.terminate_instances(InstanceIds=[made])["TerminatingInstances"]


def test_who_gives_an_instance_a_profile_has_to_pass_its_role_to_ec2(aws):
    web_role = profile(aws)
    associate = statement("Allow", "ec2:AssociateIamInstanceProfile", aws.arn(aws.database))
    to_ec2 = {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}}
    narrow = aws.client("ec2", **user(aws, associate))
    given = {"InstanceId": aws.database, "IamInstanceProfile": {"Name": "web-server"}}
    _, refused, _ = refusal(narrow.associate_iam_instance_profile, **given)
    allowed = {"Version": "2012-10-17", "Statement": [statement("Allow", "iam:PassRole", web_role, Condition=to_ec2)]}
    aws.client("iam").put_user_policy(UserName="narrow", PolicyName="pass", PolicyDocument=json.dumps(allowed))

    assert f"iam:PassRole on resource: {web_role}" in refused
    assert narrow.associate_iam_instance_profile(**given)["IamInstanceProfileAssociation"]
