"""Step 2: the inventory and the list of accounts, from wherever they lie; every row with its Region."""

from collections.abc import Mapping
from dataclasses import replace

from ec2_backup.accountlist import read_accounts
from ec2_backup.accounts import NO_ACCOUNTS
from ec2_backup.aws.ec2 import select_instances
from ec2_backup.aws.s3 import get_object
from ec2_backup.aws.session import default_region
from ec2_backup.errors import InventoryError, UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.locating import to_regions
from ec2_backup.model import Inventory, InventoryRow, Target
from ec2_backup.selection import is_selection, parse_selection
from ec2_backup.sources import is_in_s3
from ec2_backup.target import Account


def load_accounts(source: str | None, region: str | None = None) -> dict[str, Account]:
    """Return the accounts that a CSV lists by their numbers, none without a CSV.

    Raises InventoryError where it cannot be read, or with every line that cannot be used.
    """
    if source is None:
        return {}
    content = get_object(source, region) if is_in_s3(source) else None
    return {one.account: one for one in read_accounts(source, content=content)}


def load_inventory(
    csv: str, region: str | None, accounts: Mapping[str, Account] = NO_ACCOUNTS, *, locate: bool = False
) -> Inventory:
    """Return the inventory; rows that name no Region get `region`, or the one of AWS's own configuration.

    A row of an account that has a single Region in the list of `accounts` gets that one. To `locate` is to leave open
    what neither says.

    Raises InventoryError with every bad line, UsageError where a row needs a Region and none is set.
    """
    region = region or default_region()
    if is_selection(csv):
        return select_inventory(csv, region)
    content = get_object(csv, region) if is_in_s3(csv) else None
    inventory = read_inventory(csv, content=content)
    usual = None if locate else region
    only = {key: one.regions[0] for key, one in accounts.items() if len(one.regions) == 1}
    rows = tuple(replace(row, region=row.region or only.get(row.account or "") or usual) for row in inventory.rows)
    if any(row.region is None for row in rows) and not (locate and to_regions(rows, accounts, region)):
        raise UsageError(
            f"{csv} has rows without a Region, and no AWS Region is set.",
            hint="Pass --region, set AWS_REGION, or give the CSV a region column.",
        )
    return replace(inventory, rows=rows)


def select_inventory(source: str, region: str | None) -> Inventory:
    """Return the instances of a Region that fit the selection, by name and id; no instance at all is an error.

    Raises UsageError where the selection cannot be read or no Region is set, InventoryError where nothing fits it.
    """
    selection = parse_selection(source)
    if region is None:
        raise UsageError("A selection needs a Region, and none is set.", hint="Pass --region, or set AWS_REGION.")
    found = select_instances(selection, Target(region))
    if not found:
        hint = f"Look at what is there: aws ec2 describe-instances --region {region}"
        raise InventoryError(f"no instance in {region} fits {source}", hint=hint)
    rows = [InventoryRow(line, key, region=region, name=name) for line, (name, key) in enumerate(found, 1)]
    return Inventory(source, tuple(rows))
