"""The same AWS Backup without a server, within moto's `mock_aws`."""

import json

import boto3
import pytest
from moto import mock_aws

import sandbox
from sandbox import state
from sandbox.clock import CLOCK

TRUST = {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"}


@pytest.fixture
def session():
    sandbox.install()
    with mock_aws():
        state.reset()
        yield boto3.Session(aws_access_key_id="testing", aws_secret_access_key="testing", region_name="eu-west-1")


def test_a_backup_runs_in_process_and_in_any_region(session):
    policy = json.dumps({"Version": "2012-10-17", "Statement": [TRUST]})
    role = session.client("iam").create_role(RoleName="AWSBackupRole", AssumeRolePolicyDocument=policy)["Role"]["Arn"]
    ec2, backup = session.client("ec2"), session.client("backup")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    instance_id = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    backup.create_backup_vault(BackupVaultName="vault")
    resource = f"arn:aws:ec2:eu-west-1:123456789012:instance/{instance_id}"

    started = backup.start_backup_job(BackupVaultName="vault", ResourceArn=resource, IamRoleArn=role)
    CLOCK.advance(7200)
    job = backup.describe_backup_job(BackupJobId=started["BackupJobId"])

    assert job["State"] == "COMPLETED"
    assert job["RecoveryPointArn"].startswith("arn:aws:ec2:eu-west-1::image/ami-")
    assert backup.describe_backup_vault(BackupVaultName="vault")["NumberOfRecoveryPoints"] == 1


def test_installing_twice_keeps_what_is_there(session):
    backup = session.client("backup")
    backup.create_backup_vault(BackupVaultName="vault")

    sandbox.install()

    assert backup.describe_backup_vault(BackupVaultName="vault")["BackupVaultName"] == "vault"


def test_a_reset_empties_aws_backup(session):
    backup = session.client("backup")
    backup.create_backup_vault(BackupVaultName="vault")

    state.reset()

    assert backup.list_backup_vaults()["BackupVaultList"] == []


def test_plans_are_still_those_of_moto(session):
    backup = session.client("backup")
    rule = {"RuleName": "daily", "TargetBackupVaultName": "vault"}
    made = backup.create_backup_plan(BackupPlan={"BackupPlanName": "plan", "Rules": [rule]})

    assert backup.get_backup_plan(BackupPlanId=made["BackupPlanId"])["BackupPlan"]["BackupPlanName"] == "plan"
    assert [plan["BackupPlanId"] for plan in backup.list_backup_plans()["BackupPlansList"]] == [made["BackupPlanId"]]
