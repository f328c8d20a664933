"""Which callers a role lets assume it, by its trust policy."""

import json
from typing import Any
from urllib.parse import unquote

from moto.iam.models import Role

from sandbox import iam, policy
from sandbox.backup.roles import as_list
from sandbox.identity import Identity


def trusts(role_arn: str, external_id: str, caller: Identity) -> bool:
    """Return whether there is such a role, and its trust policy lets the caller assume it with this external id."""
    found = iam.entity(role_arn)
    role = found[1] if found else None
    return isinstance(role, Role) and _allows(role, caller, external_id)


def _allows(role: Role, caller: Identity, external_id: str) -> bool:
    document = role.assume_role_policy_document
    trust: dict[str, Any] = document if isinstance(document, dict) else json.loads(unquote(document))
    mine = {"*", caller.arn, caller.entity_arn, caller.account, f"{_root(caller)}:root"}
    context = {"aws:PrincipalArn": caller.entity_arn} | ({"sts:ExternalId": external_id} if external_id else {})
    statements = [
        {**statement, "Resource": "*"} for statement in as_list(trust["Statement"]) if mine & {*_principals(statement)}
    ]
    return policy.decide([{"Statement": statements}], "sts:AssumeRole", role.arn, context).allowed


def _root(caller: Identity) -> str:
    return f"arn:{caller.arn.split(':')[1]}:iam::{caller.account}"


def _principals(statement: dict[str, Any]) -> list[str]:
    principal = statement.get("Principal", [])
    return as_list(principal.get("AWS", []) if isinstance(principal, dict) else principal)
