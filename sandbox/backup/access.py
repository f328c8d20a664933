"""Who may do what: the access policy of a vault, and the right to pass a role to AWS Backup."""

import json
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any

from sandbox import iam
from sandbox.backup.exceptions import AccessDeniedException, InvalidParameterValueException
from sandbox.backup.roles import as_list
from sandbox.identity import CURRENT, Identity, identity_of

COPY_INTO = "backup:CopyIntoBackupVault"
_OPERATORS = {"StringEquals", "StringNotEquals", "StringLike", "StringNotLike"}
_OPERATORS |= {"ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"}
_CONDITION_KEYS = ("aws:PrincipalArn", "aws:PrincipalOrgID")
ORGANIZATION = "o-sandbox001"
"""The organisation that all accounts of the sandbox are members of."""


def caller(access_key: str, partition: str) -> Identity:
    """Return who makes the call that is being answered."""
    return CURRENT.get() or identity_of(access_key, partition)


def raise_for_vault_policy(who: Identity, action: str, vault_arn: str, policy: str | None) -> None:
    """Let a call on a vault pass unless the vault's own policy forbids it; the caller's policies are not looked at.

    Raises:
        AccessDeniedException: A statement denies the action.
    """
    if policy and any(_denies(statement, who, action) for statement in _statements(policy)):
        why = "with an explicit deny in a resource-based policy"
        raise AccessDeniedException(
            f"User: {who.arn} is not authorized to perform: {action} on resource: {vault_arn} {why}"
        )


def may_copy_into(who: Identity, vault_account: str, policy: str | None) -> bool:
    """Return whether a vault's policy lets somebody copy recovery points into the vault.

    Within an account that needs no permission but may be forbidden; from another account it needs one.
    """
    statements = _statements(policy) if policy else []
    if any(_denies(statement, who, COPY_INTO) for statement in statements):
        return False
    return who.account == vault_account or any(_allows(statement, who, COPY_INTO) for statement in statements)


def raise_unless_allowed(who: Identity, action: str, resource: str) -> None:
    """Let an action pass if the policies of the caller allow it.

    This is for what a call needs beside the permission of its own name, which is checked before it gets here.

    Raises:
        AccessDeniedException: No policy allows it.
    """
    if not iam.is_allowed(who.access_key, action, resource):
        why = f"because no identity-based policy allows the {action} action"
        raise AccessDeniedException(
            f"User: {who.arn} is not authorized to perform: {action} on resource: {resource} {why}"
        )


def raise_for_policy(policy: str, account: str) -> None:
    """Check a vault's access policy as PutBackupVaultAccessPolicy does.

    Raises:
        InvalidParameterValueException: It is no JSON, has a wildcard among its actions, lets another account do
            anything but copy into the vault, or has a condition that the sandbox cannot evaluate.
    """
    try:
        statements = _statements(policy)
    except (ValueError, AttributeError):
        raise InvalidParameterValueException("The specified policy document is not valid JSON.") from None
    for statement in statements:
        actions = as_list(statement.get("Action", []))
        if not actions or any("*" in action for action in actions):
            raise InvalidParameterValueException("Wildcards are not supported for actions in a vault access policy.")
        foreign = [name for name in _principals(statement) if _account_of(name) not in {"", "*", account}]
        if statement.get("Effect") == "Allow" and foreign and set(actions) != {COPY_INTO}:
            raise InvalidParameterValueException(f"Cross-account access is limited to {COPY_INTO}.")
        _raise_for_condition(statement.get("Condition", {}))


def _raise_for_condition(condition: Mapping[str, Mapping[str, Any]]) -> None:
    for operator, test in condition.items():
        if operator not in _OPERATORS or not set(test) <= {*_CONDITION_KEYS}:
            keys = " and ".join(_CONDITION_KEYS)
            raise InvalidParameterValueException(
                f"The sandbox evaluates conditions on {keys} with {', '.join(sorted(_OPERATORS))} only."
            )


def _denies(statement: Mapping[str, Any], who: Identity, action: str) -> bool:
    return statement.get("Effect") == "Deny" and _is_meant(statement, who, action)


def _allows(statement: Mapping[str, Any], who: Identity, action: str) -> bool:
    return statement.get("Effect") == "Allow" and _is_meant(statement, who, action)


def _is_meant(statement: Mapping[str, Any], who: Identity, action: str) -> bool:
    if action not in as_list(statement.get("Action", [])):
        return False
    mine = {"*", who.arn, who.entity_arn, who.account, f"arn:aws:iam::{who.account}:root"}
    return bool(mine & {*_principals(statement)}) and _holds(statement.get("Condition", {}), who)


def _holds(condition: Mapping[str, Mapping[str, Any]], who: Identity) -> bool:
    values = dict(zip(_CONDITION_KEYS, (who.entity_arn, ORGANIZATION), strict=True))
    return all(
        any(fnmatchcase(values[key], pattern) for pattern in as_list(wanted)) != ("Not" in operator)
        for operator, test in condition.items()
        for key, wanted in test.items()
    )


def _principals(statement: Mapping[str, Any]) -> list[str]:
    principal = statement.get("Principal", [])
    return as_list(principal.get("AWS", []) if isinstance(principal, dict) else principal)


def _account_of(principal: str) -> str:
    return principal.split(":")[4] if principal.count(":") >= 5 else principal


def _statements(policy: str) -> list[dict[str, Any]]:
    """Return the statements of a policy; raise ValueError or AttributeError for what is no policy."""
    statements = as_list(json.loads(policy).get("Statement", []))
    if not statements or not all(isinstance(statement, dict) for statement in statements):
        raise ValueError("a policy is made of statements")
    return statements
