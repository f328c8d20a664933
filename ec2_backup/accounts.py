"""Which account each row is backed up in, and through which role that account is entered."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from ec2_backup.errors import AccessError, AwsError, VaultError
from ec2_backup.model import Caller, InventoryRow
from ec2_backup.results import Failure
from ec2_backup.target import Account, account_of

OF_AN_ACCOUNT = (AccessError, VaultError)  # what is wrong with one account, and costs the others nothing
NO_ACCOUNTS: Mapping[str, Account] = {}
ENTRY = 3  # the step at which an account is entered


def to_aimed_rows(
    rows: Iterable[InventoryRow], caller: Caller, role_name: str, accounts: Mapping[str, Account] = NO_ACCOUNTS
) -> tuple[InventoryRow, ...]:
    """Return the rows with the role that each one's account is entered through; the caller's own account needs none.

    A row that names a role is entered through that one, any other row of another account through the one that the list
    of `accounts` has, or else through the role of this name (with its path) there.
    """
    return tuple(_aimed(row, caller, role_name, accounts) for row in rows)


def _aimed(row: InventoryRow, caller: Caller, role_name: str, accounts: Mapping[str, Account]) -> InventoryRow:
    if row.role_arn:
        return replace(row, account=account_of(row.role_arn))
    if row.account in {None, caller.account}:
        return row
    return replace(row, role_arn=role_into(row.account or "", caller, role_name, accounts))


def role_into(account: str, caller: Caller, role_name: str, accounts: Mapping[str, Account] = NO_ACCOUNTS) -> str:
    """Return the ARN of the role that an account is entered through, "" for the caller's own."""
    if account == caller.account:
        return ""
    role = (accounts[account].role if account in accounts else "") or role_name
    return role if role.startswith("arn:") else f"arn:{caller.partition}:iam::{account}:role/{role}"


def to_external_ids(role_arns: Iterable[str | None], accounts: Mapping[str, Account]) -> dict[str, str]:
    """Return the external ids of the list, each by the ARN of the role that wants to hear it."""
    entered = {role_arn: accounts.get(account_of(role_arn)) for role_arn in role_arns if role_arn}
    return {role_arn: account.external_id for role_arn, account in entered.items() if account and account.external_id}


def to_failures(rows: Iterable[InventoryRow], role_arn: str, step: int, error: AwsError) -> list[Failure]:
    """Return a Failure for each row of an account that cannot be used: where, what AWS said, and what to do."""
    entered = step == ENTRY and error.operation == "sts:AssumeRole"
    where = "" if entered else f"account {account_of(role_arn) or 'of the caller'} is not ready: "
    return [
        Failure(row.instance_id, step, f"{where}{error.message}", error.hint, error.code)
        for row in rows
        if (row.role_arn or "") == role_arn
    ]
