"""Roles of AWS Backup: whether it can assume one, which exists under exactly that ARN, and what it may do as one."""

import json
from datetime import UTC
from typing import Any
from urllib.parse import unquote

from moto.iam.models import Role, iam_backends

from sandbox import iam
from sandbox.clock import CLOCK
from sandbox.identity import Identity
from sandbox.outcomes import OUTCOMES
from sandbox.policy import Context

SERVICE = "backup.amazonaws.com"
OWN_ROLE = "role/aws-service-role/backup.amazonaws.com/AWSServiceRoleForBackup"
"""The role that is AWS Backup's own in every account: what was copied from another account is kept by it."""


def can_be_assumed(account: str, partition: str, role_arn: str) -> bool:
    """Return whether AWS Backup can assume the role now; a path left out or put in makes another ARN of it."""
    role = _find(account, partition, role_arn)
    if role is None or not _trusts_backup(role):
        return False
    made = CLOCK.at_wall(role.create_date.replace(tzinfo=UTC))
    return CLOCK.now() >= CLOCK.after(made, OUTCOMES.propagation_seconds)


def session(role_arn: str) -> Identity:
    """Return AWS Backup as it acts as a role: in a session named `AWSBackup-` and the role's name."""
    _, partition, _, _, account, resource = role_arn.split(":", 5)
    name = resource.rsplit("/", 1)[-1]
    said = f"AWSBackup-{name}"
    return Identity(
        account=account,
        arn=f"arn:{partition}:sts::{account}:assumed-role/{name}/{said}",
        user_id=f"AROA3SANDBOXBACKUPROLE:{said}",
        access_key="ASIASANDBOXAWSBACKUP",
        name=said,
        entity_arn=role_arn,
        known=True,
    )


def may(role_arn: str, action: str, resource: str, context: Context | None = None) -> bool:
    """Return whether the policies of a role allow an action."""
    return iam.decide(role_arn, action, resource, context or {}).allowed


def _find(account: str, partition: str, role_arn: str) -> Role | None:
    for role in iam_backends[account][partition].roles.values():
        if role.arn == role_arn:
            return role
    return None


def _trusts_backup(role: Role) -> bool:
    policy = role.assume_role_policy_document
    document = policy if isinstance(policy, dict) else json.loads(unquote(policy))
    return any(_allows(statement) for statement in as_list(document.get("Statement", [])))


def _allows(statement: dict[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    services = as_list(principal.get("Service", [])) if isinstance(principal, dict) else [principal]
    actions = as_list(statement.get("Action", []))
    return statement.get("Effect") == "Allow" and SERVICE in services and bool({"sts:AssumeRole", "sts:*"} & {*actions})


def as_list(value: Any) -> list[Any]:
    """Return a value of a policy document as a list: one element may stand there without brackets."""
    return value if isinstance(value, list) else [value]
