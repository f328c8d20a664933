"""A coverage report as JSON: complete and versioned."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter

from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.words import headline

_REPORT = TypeAdapter(CoverageReport)


def to_document(report: CoverageReport) -> dict[str, Any]:
    """Return the report as JSON values: the schema's version first, times in UTC, counts worked out."""
    fields = _json_values(_REPORT.dump_python(report, warnings=False))
    total = len(report.coverages)
    fields["statistics"] |= {
        "instances": total,
        "covered": report.covered,
        "standings": {standing.value: number for standing, number in report.standings.items()},
        "expiring": len(report.expiring),
        "left_out": len(report.left_out),
        "leftovers": len(report.leftovers),
        "leftover_bytes": sum(one.kept.point.size_bytes or 0 for one in report.leftovers),
        "calls_per_instance": report.statistics.calls / total if total else 0.0,
    }
    return {
        "schema_version": fields.pop("schema_version"),
        "kind": "coverage",
        "headline": headline(report),
        **fields,
    }


def to_json(report: CoverageReport) -> str:
    """Return the report as indented JSON text."""
    return json.dumps(to_document(report), indent=2, ensure_ascii=False) + "\n"


def _json_values(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): _json_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_values(item) for item in value]
    return value
