"""As whom a destination is looked into: copies are looked at in the account that they go into."""

from collections.abc import Iterable, Mapping

from ec2_backup.accounts import role_into
from ec2_backup.copies.destination import CopyDestination
from ec2_backup.model import Caller, InventoryRow, Target
from ec2_backup.target import Account


def to_entrances(
    destinations: Iterable[CopyDestination],
    rows: Iterable[InventoryRow],
    caller: Caller,
    role_name: str,
    accounts: Mapping[str, Account],
) -> dict[str, Target]:
    """Return by ARN where each destination is looked into, and through which role.

    An account that rows are in is entered as it is for them; another one through the role that the list of accounts has
    for it, or else the one of this name.
    """
    known = {row.account: row.role_arn for row in rows if row.account and row.role_arn}
    return {
        one.arn: Target(one.region, known.get(one.account) or role_into(one.account, caller, role_name, accounts))
        for one in destinations
    }
