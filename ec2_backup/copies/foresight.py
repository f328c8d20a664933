"""What is certain to fail before any copy is started, so that it is told before any backup is.

None of it costs a backup: what stands in the way of a copy is the failure of that copy.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any

from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.model import CopyFailure, SeenDestination
from ec2_backup.errors import UsageError
from ec2_backup.model import Key, PlannedBackup, Vault
from ec2_backup.plan import retention_trouble
from ec2_backup.target import account_of

_CUSTOMER_KEY = "Make a vault with a customer managed key of its own, and name it with --copy-to."
COPY_INTO = "backup:CopyIntoBackupVault"
_ENABLE = "Enable the key or cancel its deletion (aws kms enable-key, cancel-key-deletion), then run again."
_NEW_KEY = "Encrypt the volume with a customer managed key that the other account may use, or copy within the account."


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why copies cannot be: at which step that is seen, the reason, and what to do."""

    step: int
    reason: str
    advice: str


def raise_for_destinations(destinations: Iterable[CopyDestination], partition: str, vaults: Iterable[Vault]) -> None:
    """Raise UsageError for a destination of another partition, and for one that is where all the backups go anyway."""
    own = {vault.arn for vault in vaults}
    for one in destinations:
        if one.partition != partition:
            raise UsageError(
                f"--copy-to {one.arn}: copies stay within the partition {partition} of the caller.",
                hint="Name a vault there. Nothing was started.",
            )
        if own == {one.arn}:
            raise UsageError(
                f"--copy-to {one.arn}: that is the vault that the backups themselves go into.",
                hint="Name a vault in another Region, or of another account. Nothing was started.",
            )


def judge_destination(seen: SeenDestination, retention_days: int) -> Trouble | None:
    """Return why no copy into this vault can work, None where nothing that could be seen speaks against it.

    Keys: AWS Backup developer guide, "Encryption for backups": the contents of a vault on `aws/backup` are not copied
    for EC2.
    """
    where = seen.destination
    if seen.is_absent:
        return Trouble(8, f"there is no vault {where}", "Create it with a customer managed key, or name another one.")
    if seen.is_service_key:
        return Trouble(9, f"the vault {where} is encrypted with aws/backup, into which no EC2 backup can be copied",
                       _CUSTOMER_KEY)  # fmt: skip
    if seen.key and not seen.key.is_usable:
        return Trouble(9, f"the key {seen.key.arn} of the vault {where} is {seen.key.state}", _ENABLE)
    if seen.vault and (outside := retention_trouble(seen.vault, retention_days)):
        reason, nearest = outside
        return Trouble(8, reason, f"Write {where.arn}={nearest}, or name another vault.")
    return None


def judge_copy(
    plan: PlannedBackup, vault: Vault | None, seen: SeenDestination, keys: Mapping[str, Key], denied: Sequence[str]
) -> Trouble | None:
    """Return why the backup of this instance cannot be copied there, None where nothing speaks against it.

    Args:
        plan: The backup that is to be copied.
        vault: The vault that it goes into.
        seen: The vault that the copy is to go into.
        keys: The keys of the volumes, by ARN.
        denied: The actions that copies need and the caller is not allowed.
    """
    destination = seen.destination
    if vault and vault.arn == destination.arn:
        return Trouble(8, "this is the vault that the backup itself goes into",
                       "Name a vault in another Region or account for these instances.")  # fmt: skip
    if denied:
        return Trouble(3, f"the caller is not allowed {', '.join(denied)}",
                       "Allow it in the caller's IAM policy: docs/copies.md lists all that copies need.")  # fmt: skip
    trouble = judge_destination(seen, destination.retention_days or 1)
    return trouble or (_across(plan, seen, keys) if account_of(plan.instance.arn) != destination.account else None)


def _across(plan: PlannedBackup, seen: SeenDestination, keys: Mapping[str, Key]) -> Trouble | None:
    """Return what forbids a copy into another account: its vault, or a key of AWS's, which nobody can share."""
    if seen.lets_copies_in is False:
        reason = f"no access policy of the vault {seen.destination} lets another account copy into it"
        return Trouble(8, reason, f"Let it {COPY_INTO}, as in deployments/iam/copies-vault-policy.json.")
    if seen.key and seen.key.manager == "AWS":
        reason = f"the vault {seen.destination} is encrypted with a key that AWS manages"
        return Trouble(9, f"{reason}, into which no other account can copy", _CUSTOMER_KEY)
    bad = [
        f"{volume.volume_id} ({volume.device})"
        for volume in plan.instance.volumes
        if (key := keys.get(volume.kms_key_id or "")) and key.manager == "AWS"
    ]
    if bad:
        reason = f"{', '.join(bad)}: encrypted with a key that AWS manages, which cannot be shared with another account"
        return Trouble(9, reason, _NEW_KEY)
    return None


def to_failure(plan: PlannedBackup, seen: SeenDestination, trouble: Trouble) -> CopyFailure:
    """Return the trouble as the failure of one copy."""
    key = plan.instance.instance_id, seen.destination.arn
    return CopyFailure(*key, trouble.step, trouble.reason, trouble.advice)


def lets_in(policy: Mapping[str, Any]) -> bool | None:
    """Return whether a vault's access policy lets anybody at all copy into it; whom is for AWS to say.

    None is of a policy that allows all but some actions, of which nobody reads here what they are.
    """
    allowing = [one for one in _listed(policy.get("Statement")) if one.get("Effect") == "Allow"]
    if any(_is_copying(action) for one in allowing for action in _listed(one.get("Action"))):
        return True
    return None if any("NotAction" in one for one in allowing) else False


def _is_copying(action: object) -> bool:
    """Return whether an action of a policy is, or has among it, that of copying in; IAM minds no letter's case.

    Its wildcards are `*` and `?` alone, so brackets are no more than brackets.
    """
    pattern = str(action).lower().replace("[", "[[]")
    return fnmatchcase(COPY_INTO.lower(), pattern)


def names_account(policy: Mapping[str, Any], account: str) -> bool:
    """Return whether a key's policy allows somebody of this account anything; a grant may do the same unseen."""
    return any(
        statement.get("Effect") == "Allow" and any(_is_of(principal, account) for principal in _principals(statement))
        for statement in _listed(policy.get("Statement"))
    )


def _principals(statement: Mapping[str, Any]) -> list[Any]:
    principal = statement.get("Principal", [])
    return _listed(principal.get("AWS") if isinstance(principal, Mapping) else principal)


def _is_of(principal: object, account: str) -> bool:
    return principal in {"*", account} or account_of(str(principal)) == account


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [] if value is None else [value]
