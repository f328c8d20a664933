"""An inventory as CSV: what a selection found, as the file that the next run may be given."""

from collections.abc import Iterable

from ec2_backup.model import InventoryRow
from ec2_backup.report.spreadsheet import to_cell

COLUMNS = ("instance_id", "Name", "Region")


def to_inventory_csv(rows: Iterable[InventoryRow]) -> str:
    """Return the rows as CSV text that `read_inventory` reads back as the same instances, safe in a spreadsheet."""
    import pandas as pd  # noqa: PLC0415 - takes a second, and the front door's help needs no CSV

    cells = [(row.instance_id, to_cell(row.name or ""), row.region or "") for row in rows]
    return pd.DataFrame(cells, columns=list(COLUMNS), dtype=str).to_csv(index=False, lineterminator="\n")
