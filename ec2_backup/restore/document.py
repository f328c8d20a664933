"""A restore's report as JSON: complete and versioned."""

import json
from collections.abc import Mapping
from typing import Any

from pydantic import TypeAdapter

from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.words import headline

_REPORT = TypeAdapter(RestoreReport)


def to_document(report: RestoreReport) -> dict[str, Any]:
    """Return the report as JSON values: the schema's version first. A plan leaves out what its outcome holds."""
    return as_document(_REPORT.dump_python(report, mode="json", warnings=False), "restore", headline(report))


def as_document(fields: dict[str, Any], kind: str, said: str) -> dict[str, Any]:
    """Return the fields of a report of this kind, with its headline, in the order of its document."""
    for outcome in fields["outcomes"]:
        (outcome["plan"] or {}).pop("chosen", None)
        (outcome["chosen"] or {}).pop("row", None)
    return {"schema_version": fields.pop("schema_version"), "kind": kind, "headline": said, **fields}


def to_json(document: Mapping[str, Any]) -> str:
    """Return a document as indented JSON text."""
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"
