"""Which accounts and Regions are looked at, and through which roles."""

from collections.abc import Mapping, Sequence

from ec2_backup.accounts import to_aimed_rows
from ec2_backup.errors import UsageError
from ec2_backup.model import Caller, InventoryRow
from ec2_backup.target import Account


def to_places(
    caller: Caller, accounts: Mapping[str, Account], regions: Sequence[str], role_name: str
) -> tuple[InventoryRow, ...]:
    """Return a row without an instance for each account and Region to look at, with the role that it is entered by.

    With a list of accounts these are its accounts, each in the Regions that it has there or else in `regions`;
    without one, the caller's own account. Raises UsageError where an account is left without a Region.
    """
    found = []
    for number in accounts or [caller.account]:
        listed = accounts[number].regions if number in accounts else ()
        if not (listed or regions):
            raise UsageError(f"No Region is set to look at account {number} in.", hint=REGION_HINT)
        found += [InventoryRow(0, "", region=region, account=number) for region in listed or regions]
    return to_aimed_rows(found, caller, role_name, accounts)


REGION_HINT = "Pass --region, set AWS_REGION, or give the list of accounts a regions column."
