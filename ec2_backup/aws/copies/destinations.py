"""The vaults that copies go into, and the keys that stand in the way of it."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from ec2_backup.aws.kms import describe_key
from ec2_backup.aws.session import call, pages
from ec2_backup.aws.translation import EXPIRED_CODES
from ec2_backup.aws.vault import describe_backup_vault, vault_exists
from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.foresight import lets_in
from ec2_backup.copies.model import SeenDestination
from ec2_backup.errors import AccessError, AuthenticationError, AwsError, VaultError
from ec2_backup.model import Key, Target, Vault

SERVICE_KEY = "alias/aws/backup"


def look_at_destination(destination: CopyDestination, target: Target, *, across: bool = False) -> SeenDestination:
    """Return the vault with its key as they are seen from its own account; what may not be looked at is said in it.

    `across` says whether backups of other accounts are to go there: then it is looked whether its policy lets any in.
    Raises AuthenticationError where the credentials are over, and an AwsError that is passing.
    """
    seen = SeenDestination(destination, target.region, target.role_arn)
    try:
        vault = describe_backup_vault(destination.vault_name, target)
    except VaultError as error:
        is_absent = vault_exists(destination.vault_name, target) is False
        return replace(seen, is_absent=is_absent, unseen=error.message)
    except AccessError as error:
        return replace(seen, unseen=error.message)
    except AuthenticationError as error:
        # The caller is known elsewhere: a Region that is not enabled for the account knows nobody.
        if error.code in EXPIRED_CODES:
            raise
        return replace(seen, unseen=f"{error.message} Is that Region enabled for the account?")
    key = describe_key(vault.encryption_key_arn, target) if vault.encryption_key_arn else None
    return replace(
        seen,
        vault=vault,
        key=key,
        is_service_key=_is_service_key(key, target) if key else None,
        lets_copies_in=_lets_copies_in(vault) if across else None,
    )


def _lets_copies_in(vault: Vault) -> bool | None:
    try:
        answer = call(
            "backup", "get_backup_vault_access_policy", vault.target, key="Policy", BackupVaultName=vault.name
        )
        return lets_in(json.loads(answer["Policy"]))
    except AuthenticationError:
        raise
    except (AwsError, ValueError) as error:
        # It has none (AWS Backup API reference, GetBackupVaultAccessPolicy); whatever else is wrong, it is not known.
        return False if isinstance(error, AwsError) and error.code == "ResourceNotFoundException" else None


def _is_service_key(key: Key, target: Target) -> bool | None:
    """Return whether a key is `aws/backup`, None where nobody may tell; a customer's key never is."""
    if key.manager != "AWS":
        return False if key.manager else None
    try:
        found = list(pages("kms", "list_aliases", target, key="Aliases", KeyId=key.arn))
    except AuthenticationError:
        raise
    except AwsError:
        return None
    return any(alias["AliasName"] == SERVICE_KEY for page in found for alias in page["Aliases"])


def read_key_policies(keys: Iterable[Key], vault: Vault) -> dict[str, Mapping[str, Any]]:
    """Return the policies of those keys of a vault's Region that may be read, by the keys' ARNs.

    The caller may lack kms:GetKeyPolicy: then it is not known with whom a key is shared, and nothing is said.
    """
    found: dict[str, Mapping[str, Any]] = {}
    for key in keys:
        try:
            answer = call("kms", "get_key_policy", vault.target, key="Policy", KeyId=key.arn, PolicyName="default")
            found[key.arn] = json.loads(answer["Policy"])
        except AuthenticationError:
            raise
        except (AwsError, ValueError):
            continue
    return found
