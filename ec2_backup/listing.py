"""An inventory as CSV: what a selection found, or a list named, as the file that the next run may be given."""

from collections.abc import Iterable

from ec2_backup.model import InventoryRow
from ec2_backup.report.spreadsheet import to_cell

COLUMNS = ("instance_id", "Name", "Region")
ELSEWHERE = ("Account", "Role ARN")  # only where some row has one: most lists are of one account


def to_inventory_csv(rows: Iterable[InventoryRow]) -> str:
    """Return the rows as CSV text that `read_inventory` reads back as the same instances, safe in a spreadsheet."""
    import pandas as pd  # noqa: PLC0415 - takes a second, and the front door's help needs no CSV

    cells = [
        (row.instance_id, to_cell(row.name or ""), row.region or "", row.account or "", row.role_arn or "")
        for row in rows
    ]
    table = pd.DataFrame(cells, columns=[*COLUMNS, *ELSEWHERE], dtype=str)
    empty = [title for title in ELSEWHERE if not table[title].any()]
    return table.drop(columns=empty).to_csv(index=False, lineterminator="\n")
