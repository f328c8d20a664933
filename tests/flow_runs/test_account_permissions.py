"""What the documents tell to allow is enough: one statement for the caller, its policy for the role that it enters."""

import json

import boto3
import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.least_privilege import CALLER_POLICY, become_user, statements_for

PAYMENTS, ROLE = "210987654321", "EC2BackupAutomation"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD,)).in_account(PAYMENTS, OTHER)


def narrow(aws: Sandbox) -> None:
    """Give the role in the other account the documented policy in place of all rights."""
    arn = f"arn:aws:iam::{PAYMENTS}:role/{ROLE}"
    made = client_of(aws, "sts").assume_role(RoleArn=arn, RoleSessionName="owner")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    iam = boto3.client(
        "iam", endpoint_url=aws.url, region_name=aws.region, aws_session_token=made["SessionToken"], **keys
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": statements_for(aws, PAYMENTS)})
    iam.put_role_policy(RoleName=ROLE, PolicyName="backups", PolicyDocument=document)
    iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_a_caller_who_may_only_enter_backs_up_another_account(door: FrontDoor, aws: Sandbox) -> None:
    narrow(aws)
    entering = [one for one in json.loads(CALLER_POLICY)["Statement"] if one["Sid"] == "EnterOtherAccounts"]
    entering[0]["Resource"] = entering[0]["Resource"].replace("${ACCOUNT_ROLE}", ROLE)
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, entering)}, door.api)
    (door.folder / "ec2_instances.csv").write_text(f"id,account\n{OTHER},{PAYMENTS}\n")

    ended = user.run()

    assert ended.code == 0, ended.output
    assert "permissions confirmed by policy simulation" in ended.output
    assert "could not be checked" not in ended.output
    assert [(job["instance"], job["account"]) for job in aws.control.jobs()] == [(OTHER, PAYMENTS)]


def test_a_caller_who_may_not_enter_is_told_so(door: FrontDoor, aws: Sandbox) -> None:
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, statements_for(aws))}, door.api)
    (door.folder / "ec2_instances.csv").write_text(f"id,account\n{GOOD},\n{OTHER},{PAYMENTS}\n")

    ended = user.run()

    assert ended.code == 3, ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert "no identity-based policy allows the sts:AssumeRole action" in ended.outcome_of(OTHER)["failure"]["reason"]
