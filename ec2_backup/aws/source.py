"""Step 2: the inventory, from wherever it lies, with a Region for every row."""

from dataclasses import replace

from ec2_backup.aws.s3 import ANY_REGION, get_object
from ec2_backup.aws.session import default_region
from ec2_backup.errors import UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.model import Inventory, Target


def load_inventory(csv: str, region: str | None) -> Inventory:
    """Return the inventory; rows that name no Region get `region`, or the one of AWS's own configuration.

    Raises InventoryError with every bad line, UsageError where a row needs a Region and none is set.
    """
    region = region or default_region()
    content = get_object(csv, Target(region or ANY_REGION)) if csv.startswith("s3://") else None
    inventory = read_inventory(csv, content=content)
    if region is None and any(row.region is None for row in inventory.rows):
        raise UsageError(
            f"{csv} has rows without a Region, and no AWS Region is set.",
            hint="Pass --region, set AWS_REGION, or give the CSV a region column.",
        )
    return replace(inventory, rows=tuple(replace(row, region=row.region or region) for row in inventory.rows))
