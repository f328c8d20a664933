"""Callers who may do what a policy says and nothing else, and the policy that the project tells them to use."""

import json
from collections.abc import Iterable, Mapping
from string import Template
from typing import Any

from ec2_backup.model import Caller
from ec2_backup.setup.policy import to_caller_policy
from ec2_backup.setup.request import SetupRequest
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.front_door import PROJECT

IAM = PROJECT / "deployments" / "iam"
CALLER_POLICY = (IAM / "caller-policy.json").read_text(encoding="utf-8")

Statement = Mapping[str, Any]


def statements_for(aws: Sandbox, account: str = "", **asked: str) -> list[Statement]:
    """Return the statements of the caller's policy for the sandbox's account, vault and role."""
    account = account or aws.account
    role = f"arn:aws:iam::{account}:role/service-role/AWSBackupDefaultServiceRole"
    request = SetupRequest(regions=(aws.region,), **asked)
    document = to_caller_policy(CALLER_POLICY, request, Caller(account, f"arn:aws:iam::{account}:root"), role)
    return list(document["Statement"])


def drill_statements(aws: Sandbox) -> list[Statement]:
    """Return the statements of the policy for drills, for the sandbox's account and the instance profile there."""
    text = (IAM / "drill-policy.json").read_text(encoding="utf-8")
    values = {"REGION": aws.region, "ACCOUNT": aws.account, "ROLE": "service-role/AWSBackupDefaultServiceRole",
              "PROFILE_ROLE": "EC2BackupDrill", "CSV": "lists/drill.csv"}  # fmt: skip
    return list(json.loads(Template(text).substitute(values))["Statement"])


def actions_of(statements: Iterable[Statement]) -> set[str]:
    """Return every action that the statements allow."""
    actions = [statement["Action"] for statement in statements]
    return {name for action in actions for name in ([action] if isinstance(action, str) else action)}


def become_user(aws: Sandbox, statements: Iterable[Statement]) -> dict[str, str]:
    """Return the environment of a new IAM user whose only policy has these statements; without any, it has none."""
    iam = client_of(aws, "iam")
    name = f"caller-{len(iam.list_users()['Users'])}"
    iam.create_user(UserName=name)
    if allowed := list(statements):
        document = json.dumps({"Version": "2012-10-17", "Statement": allowed})
        iam.put_user_policy(UserName=name, PolicyName="all-there-is", PolicyDocument=document)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return {"AWS_ACCESS_KEY_ID": key["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": key["SecretAccessKey"]}
