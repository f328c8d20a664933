"""Where to look for an instance whose account or Region the list does not say, and what the search gave."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ec2_backup.accounts import to_aimed_rows
from ec2_backup.batches import targets_of
from ec2_backup.errors import AwsError
from ec2_backup.inventory_notes import to_some
from ec2_backup.model import Caller, InventoryRow, Target
from ec2_backup.results import Failure
from ec2_backup.target import Account


def to_regions(rows: Iterable[InventoryRow], accounts: Mapping[str, Account], default: str | None) -> list[str]:
    """Return every Region that is spoken of: by a row, by the list of accounts, and the default where there is one."""
    listed = {region for account in accounts.values() for region in account.regions}
    return sorted({*listed, *(row.region for row in rows if row.region), *([default] if default else [])})


def to_candidates(
    row: InventoryRow, caller: Caller, role_name: str, accounts: Mapping[str, Account], regions: Sequence[str]
) -> tuple[InventoryRow, ...]:
    """Return the row once for each place where it may be, only itself where it says that.

    An account that it does not name is the caller's or any of the list; a Region that it does not name is one that the
    list has for the account, or else any of `regions`.
    """
    if row.region and (row.account or not accounts):
        return (row,)
    numbers = [row.account] if row.account else [*dict.fromkeys([caller.account, *accounts])]
    places = [
        replace(row, account=number, region=region)
        for number in numbers
        for region in ([row.region] if row.region else _regions_of(number, accounts) or regions)
    ]
    return to_aimed_rows(places, caller, role_name, accounts)


def to_unfound(
    rows: Iterable[InventoryRow], searched: Mapping[str, Sequence[InventoryRow]], refused: Mapping[Target, AwsError]
) -> list[Failure]:
    """Return a Failure for each row that was found nowhere: where was looked, and where that was refused."""
    return [_unfound(row, targets_of(searched[row.instance_id]), refused) for row in rows]


def _regions_of(number: str, accounts: Mapping[str, Account]) -> tuple[str, ...]:
    return accounts[number].regions if number in accounts else ()


def _unfound(row: InventoryRow, places: Sequence[Target], refused: Mapping[Target, AwsError]) -> Failure:
    looked = to_some([str(place) for place in places if place not in refused]) or "no place at all"
    closed = [place for place in places if place in refused]
    also = f"; could not be searched: {to_some([str(place) for place in closed])}" if closed else ""
    advice = "Check the id, and that its account and Region are listed; a terminated one disappears within the hour."
    if closed:
        advice = f"{refused[closed[0]].message}. {refused[closed[0]].hint}"
    return Failure(row.instance_id, 4, f"it was not found in {looked} (line {row.line} of the CSV){also}", advice)
