"""What IAM's users and roles may do here, and the managed policies of AWS that a backup needs."""

import json
from collections.abc import Mapping
from functools import cache
from typing import Any

from moto.core.exceptions import ServiceException
from moto.iam.aws_managed_policies import aws_managed_policies_data
from moto.iam.models import AWSManagedPolicy, Group, IAMBackend, Role, User, iam_backends
from werkzeug.exceptions import HTTPException

from sandbox import identity, policy
from sandbox.policy import Context, Decision, Document

BACKUP_SERVICE = "backup.amazonaws.com"

_WANTED = ("AdministratorAccess", "PowerUserAccess", "ReadOnlyAccess", "SecurityAudit", "ViewOnlyAccess")


def is_allowed(access_key: str, action: str, resource: str, context: Context | None = None) -> bool:
    """Return whether the identity policies of the key's owner allow an action on a resource.

    Args:
        access_key: Of an IAM user or a role session; any other belongs to the operator, who may do everything.
        action: Such as `iam:PassRole`.
        resource: An ARN, or `*`.
        context: Condition keys; iam:PassRole has `iam:PassedToService` of AWS Backup unless it is given.
    """
    caller = identity.identity_of(access_key)
    return not caller.known or decide(caller.entity_arn, action, resource, context).allowed


def decide(entity_arn: str, action: str, resource: str, context: Context | None = None) -> Decision:
    """Return IAM's decision for a user, group or role by ARN; without that entity nothing is allowed."""
    found = entity(entity_arn)
    if context is None:
        context = {"iam:PassedToService": BACKUP_SERVICE} if action == "iam:PassRole" else {}
    return policy.decide(documents(*found) if found else [], action, resource, context)


def entity(arn: str) -> tuple[IAMBackend, User | Role | Group] | None:
    """Return the user, group or role that has an ARN, with its backend; None if there is none."""
    _, partition, _, _, account, *_ = [*arn.split(":"), "", "", "", "", "", ""]
    iam = iam_backends[account or identity.ACCOUNT][partition or "aws"]
    owners: tuple[User | Role | Group, ...] = (*iam.users.values(), *iam.roles.values(), *iam.groups.values())
    for one in owners:
        if one.arn == arn:
            return iam, one
    return None


def documents(iam: IAMBackend, owner: User | Role | Group) -> list[Document]:
    """Return the policy documents of a user with its groups, of a group, or of a role: inline and attached ones."""
    owners: list[User | Role | Group] = [owner]
    if isinstance(owner, User):
        owners += [group for group in iam.groups.values() if owner in group.users]
    texts: list[Any] = []
    for one in owners:
        texts += one.policies.values()
        for managed in one.managed_policies.values():
            texts += [version.document for version in managed.versions if version.is_default]
    return [_parsed(text) if isinstance(text, str) else text for text in texts]


@cache
def _parsed(text: str) -> Document:
    document: Document = json.loads(text)
    return document


def role_arn(account: str, name: str, partition: str = "aws") -> str:
    """Return the ARN of a role with its path, or the ARN that a role of that name would have at the root."""
    try:
        arn: str = iam_backends[account][partition].get_role(name).arn
    except (HTTPException, ServiceException):
        return f"arn:{partition}:iam::{account}:role/{name}"
    return arn


def roles_of_profile(account: str, named: Mapping[str, str], partition: str = "aws") -> list[str]:
    """Return the ARNs of the roles in an instance profile, which EC2's parameters name by name or by ARN."""
    name, arn = named.get("IamInstanceProfile.Name"), named.get("IamInstanceProfile.Arn")
    profiles = iam_backends[account][partition].instance_profiles.values()
    return [role.arn for one in profiles if one.name == name or one.arn == arn for role in one.roles]


@cache
def _managed_policies() -> dict[str, Any]:
    every: dict[str, Any] = json.loads(aws_managed_policies_data)
    return {name: data for name, data in every.items() if "Backup" in name or name in _WANTED}


def add_managed_policies(account: str, partition: str = "aws") -> None:
    """Put AWS's own policies about backups, and some broad ones, where they can be attached; others cost time."""
    iam = iam_backends[account][partition]
    for name, data in _managed_policies().items():
        managed = AWSManagedPolicy.from_data(name, account, iam.region_name, data)
        if managed.arn not in iam.managed_policies:
            iam.aws_managed_policies.append(managed)
            iam.managed_policies[managed.arn] = managed
