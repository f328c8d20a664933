"""Backups in another account: by the role there, with its external id, from a profile of AWS's own configuration."""

import json
from string import Template
from typing import Any

import boto3
import pytest
from moto.iam.models import iam_backends

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from sandbox.seeding import seed
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.least_privilege import IAM, become_user, statements_for

TARGET, ROLE, EXTERNAL_ID = "210987654321", "EC2BackupCaller", "agreed-4711"


@pytest.fixture
def fleet() -> Fleet:
    """The instances of the target account; the caller's own has none."""
    return Fleet()


def in_target(aws: Sandbox, service: str) -> Any:
    """Return a client of the target account, as its administrator, who lets the caller's account in for that."""
    administrator = iam_backends[TARGET]["aws"].get_role("BackupOperator")
    trusted = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}, "Action": "sts:AssumeRole"}
    administrator.assume_role_policy_document = json.dumps({"Version": "2012-10-17", "Statement": [trusted]})
    role = f"arn:aws:iam::{TARGET}:role/BackupOperator"
    keys = client_of(aws, "sts").assume_role(RoleArn=role, RoleSessionName="admin")["Credentials"]
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=aws.region,
        endpoint_url=aws.url,
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )


@pytest.fixture
def profile(door: FrontDoor, aws: Sandbox) -> dict[str, str]:
    """The environment of a caller who may do nothing but assume the role in the target account."""
    seed(Fleet((GOOD, OTHER)), TARGET)
    text = (IAM / "caller-assume-policy.json").read_text(encoding="utf-8")
    allowed = json.loads(Template(text).substitute(TARGET_ACCOUNT=TARGET, CROSS_ACCOUNT_ROLE=ROLE))["Statement"]
    keys = become_user(aws, allowed)
    trust = Template((IAM / "cross-account-role-trust.json").read_text(encoding="utf-8"))
    iam = in_target(aws, "iam")
    iam.create_role(
        RoleName=ROLE,
        AssumeRolePolicyDocument=trust.substitute(CALLER=f"arn:aws:iam::{aws.account}:root", EXTERNAL_ID=EXTERNAL_ID),
    )
    document = json.dumps({"Version": "2012-10-17", "Statement": statements_for(aws, TARGET)})
    iam.put_role_policy(RoleName=ROLE, PolicyName="all-there-is", PolicyDocument=document)
    (door.folder / "config").write_text(
        f"[profile target]\nrole_arn = arn:aws:iam::{TARGET}:role/{ROLE}\nexternal_id = {EXTERNAL_ID}\n"
        "source_profile = default\n",
        encoding="utf-8",
    )
    (door.folder / "credentials").write_text(
        "[default]\n" + "\n".join(f"{name.lower()} = {value}" for name, value in keys.items()) + "\n", encoding="utf-8"
    )
    return {
        "AWS_PROFILE": "target",
        "AWS_CONFIG_FILE": str(door.folder / "config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(door.folder / "credentials"),
        "AWS_ACCESS_KEY_ID": "",
        "AWS_SECRET_ACCESS_KEY": "",
    }


def test_a_profile_with_the_role_of_another_account_backs_up_there(
    door: FrontDoor, aws: Sandbox, profile: dict[str, str]
) -> None:
    door.write_csv(GOOD, OTHER)

    ended = door.run(env=profile)

    assert ended.code == 0, ended.output
    assert f"assumed-role/{ROLE}/" in ended.output
    assert f"in account {TARGET}" in ended.output
    assert "permissions confirmed by policy simulation" in ended.output
    assert {job["account"] for job in aws.control.jobs()} == {TARGET}


def test_who_may_only_assume_the_role_can_do_nothing_in_its_own_account(
    door: FrontDoor, profile: dict[str, str]
) -> None:
    door.write_csv(GOOD)

    ended = door.run(env={**profile, "AWS_PROFILE": "default"})

    assert ended.code == 11, ended.output
    assert "is not authorized to perform: iam:GetRole" in ended.output
