"""Keys of KMS, as AWS Backup sees them: its own one in every account, those that AWS manages, those that are shared."""

import json
from contextlib import suppress
from typing import Any

from moto.kms.models import kms_backends

from sandbox.backup.roles import as_list

ALIAS = "alias/aws/backup"


def service_key(account: str, region: str) -> str:
    """Return the ARN of the account's AWS-managed key for AWS Backup, which is made if it is not there."""
    kms = kms_backends[account][region]
    if not kms.alias_exists(ALIAS):
        description = "Default key that protects my Backup data when no other key is defined"
        key = kms.create_key("", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
        key.key_manager = "AWS"
        kms.create_alias(key.id, ALIAS)
    return str(kms.describe_key(ALIAS).arn)


def is_service_key(key_id: str, account: str, region: str) -> bool:
    """Return whether a key is `aws/backup`, which protects nothing but what is AWS Backup's own."""
    key = _key(key_id, account, region)
    return key is not None and ALIAS in key.aliases


def is_managed(key_id: str, account: str, region: str) -> bool:
    """Return whether AWS manages a key, so that nobody can share it with another account."""
    key = _key(key_id, account, region)
    return key is not None and (key.key_manager == "AWS" or any(name.startswith("alias/aws/") for name in key.aliases))


def is_usable(key_id: str | None, account: str, region: str) -> bool:
    """Return whether KMS has a key enabled, or there is none; one that KMS does not know is taken for a good one."""
    key = _key(key_id, account, region) if key_id else None
    return key is None or key.key_state == "Enabled"


def is_shared(key_id: str, account: str, region: str, other: str) -> bool:
    """Return whether a key's policy lets another account use it; what it lets it do is not looked at."""
    key = _key(key_id, account, region)
    if key is None:
        return True
    statements = as_list(json.loads(key.policy).get("Statement", []))
    return any(
        statement.get("Effect") == "Allow" and any(other in name or name == "*" for name in _names(statement))
        for statement in statements
    )


def _names(statement: dict[str, Any]) -> list[str]:
    principal = statement.get("Principal", {})
    return as_list(principal.get("AWS", []) if isinstance(principal, dict) else principal)


def _key(key_id: str, account: str, region: str) -> Any | None:
    """Return a key by ARN, or by whatever else names it in an account and Region; None for one that is not there."""
    if key_id.startswith("arn:"):
        _, _, _, region, account, _ = key_id.split(":", 5)
    with suppress(KeyError):
        return kms_backends[account][region].describe_key(key_id)
    return None
