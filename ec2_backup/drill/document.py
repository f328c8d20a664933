"""A drill's report as JSON: complete and versioned."""

from typing import Any

from pydantic import TypeAdapter

from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.words import headline
from ec2_backup.restore.document import as_document

_REPORT = TypeAdapter(DrillReport)


def to_document(report: DrillReport) -> dict[str, Any]:
    """Return the report as JSON values, in the form of a restore's."""
    return as_document(_REPORT.dump_python(report, mode="json", warnings=False), "drill", headline(report))
