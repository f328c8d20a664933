"""A restore's report as JSON: complete and versioned."""

import json
from typing import Any

from pydantic import TypeAdapter

from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.words import headline

_REPORT = TypeAdapter(RestoreReport)


def to_document(report: RestoreReport) -> dict[str, Any]:
    """Return the report as JSON values: the schema's version first. A plan leaves out what its outcome holds."""
    fields = _REPORT.dump_python(report, mode="json", warnings=False)
    for outcome in fields["outcomes"]:
        (outcome["plan"] or {}).pop("chosen", None)
        (outcome["chosen"] or {}).pop("row", None)
    return {"schema_version": fields.pop("schema_version"), "kind": "restore", "headline": headline(report), **fields}


def to_json(report: RestoreReport) -> str:
    """Return the report as indented JSON text."""
    return json.dumps(to_document(report), indent=2, ensure_ascii=False) + "\n"
