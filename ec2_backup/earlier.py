"""Step 2, where the inventory is what an earlier run left: its run file, or its report."""

import json

from pydantic import TypeAdapter, ValidationError

from ec2_backup.errors import InventoryError
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.report.copies import mendable_copies
from ec2_backup.report.document import from_document
from ec2_backup.results import RunReport
from ec2_backup.states import Verdict

SUFFIX = ".json"

_ROWS = TypeAdapter(tuple[InventoryRow, ...])
_HINT = "Name a CSV, the run file run_KEY.json of a run, or its report report_KEY.json."


def to_inventory(source: str, content: bytes) -> Inventory:
    """Return all rows of a run file, or those of a report that have no proven recovery point.

    Raises InventoryError where it is neither or leaves nothing to do, UsageError for a report of another version.
    """
    try:
        document = json.loads(content)
    except ValueError as error:
        raise InventoryError(f"{source}: this is not JSON: {error}", hint=_HINT) from None
    if not isinstance(document, dict) or not document.keys() & {"rows", "outcomes"}:
        raise InventoryError(f"{source}: this is neither a run file nor a report", hint=_HINT)
    rows = _rows(source, document["rows"]) if "rows" in document else _unproven(source, document)
    return Inventory(source, rows)


def _rows(source: str, rows: object) -> tuple[InventoryRow, ...]:
    try:
        return _ROWS.validate_python(rows)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise InventoryError(f"{source}: rows.{where}: {first['msg']}", hint=_HINT) from None


def _unproven(source: str, document: dict[str, object]) -> tuple[InventoryRow, ...]:
    report = from_document(document)
    rows = tuple(outcome.row for outcome in report.outcomes if outcome.verdict is not Verdict.PROVEN)
    if not rows:
        raise InventoryError(
            f"{source}: every instance of this report has a proven recovery point",
            hint=_copies_hint(report) or "There is nothing to repeat. Nothing was started.",
        )
    return rows


def _copies_hint(report: RunReport) -> str:
    """Return what to do about the copies that are not proven of backups that are, "" where there are none."""
    if report.statistics.proven_copies == report.statistics.copies:
        return ""
    if not mendable_copies(report):
        return "Copies that are not proven are made and not whole: back these instances up again. Nothing was started."
    return f"Copies are tried again by ./start-ec2-backup.sh resume {report.run_key}. Nothing was started."
