"""Vaults that copies go into, with all that AWS wants: a key of their own, and in another account the way in."""

import json
from collections.abc import Iterable
from typing import Any

from moto.backup.models import backup_backends
from moto.kms.models import kms_backends

from ec2_backup.copies.destination import CopyDestination
from sandbox import iam, identity
from sandbox.backup.access import COPY_INTO
from sandbox.fleet import Fleet
from sandbox.seeding import make_entrance, make_key

DESCRIPTION = "Encrypts a vault that backups are copied into"


def seed_copy_vault(destination: CopyDestination, fleet: Fleet, operators: str = identity.ACCOUNT) -> None:
    """Make the vault with a customer managed key, unless it is there.

    In an account that copies come into from others, its policy lets them in, the keys of their volumes are shared with
    it, and the operator's account may enter it.
    """
    account, region = destination.account, destination.region
    backup = backup_backends[account][region]
    if destination.vault_name not in backup.vaults:
        backup.create_backup_vault(destination.vault_name, {}, make_key(account, region, DESCRIPTION), "")
    sources = sorted({operators, *fleet.accounts} - {account})
    if account != operators and account not in fleet.accounts:
        iam.add_managed_policies(account, destination.partition)
        make_entrance(account, operators, destination.partition, fleet.external_ids.get(account, ""))
    if sources:
        roots = [f"arn:{destination.partition}:iam::{one}:root" for one in sources]
        vault: Any = backup.vaults[destination.vault_name]
        vault.policy = _policy(COPY_INTO, roots)
    for source in sources:
        _share_keys(source, account, destination.partition)


def _share_keys(source: str, account: str, partition: str) -> None:
    """Let an account use every customer managed key of another one."""
    roots = [f"arn:{partition}:iam::{one}:root" for one in (source, account)]
    for region in list(kms_backends[source]):
        kms = kms_backends[source][region]
        for key in list(kms.keys.values()):
            if key.key_manager == "CUSTOMER":
                kms.put_key_policy(key.id, _policy("kms:*", roots))


def _policy(action: str, principals: Iterable[str]) -> str:
    allowed = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": action, "Resource": "*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
