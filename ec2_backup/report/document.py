"""A report as JSON: complete, versioned, and readable back into the same `RunReport`."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError

from ec2_backup.errors import UsageError
from ec2_backup.report.figures import headline, verdict_counts
from ec2_backup.results import SCHEMA_VERSION, RunReport

_REPORT = TypeAdapter(RunReport)


def to_document(report: RunReport) -> dict[str, Any]:
    """Return the report as JSON values: the schema's version first, times in UTC, rates and counts worked out.

    A plan leaves out its `instance` where the outcome holds the same one; where nothing was to be copied there is no
    word of copies.
    """
    fields = _json_values(_REPORT.dump_python(report, warnings=False))  # any Mapping will do, not dict alone
    derived = {
        "success_rate": report.statistics.success_rate,
        "error_rate": report.statistics.error_rate,
        "calls_per_instance": report.statistics.calls_per_instance,
        "verdicts": {verdict.value: number for verdict, number in verdict_counts(report).items()},
    }
    fields["statistics"] |= derived
    fields["outcomes"] = [_without_repeat(outcome) for outcome in fields["outcomes"]]
    if not (report.statistics.copies or report.statistics.proven_copies):
        fields["statistics"] = _without(fields["statistics"], "copies", "proven_copies")
    return {"schema_version": fields.pop("schema_version"), "headline": headline(report), **fields}


def to_json(report: RunReport) -> str:
    """Return the report as indented JSON text."""
    return json.dumps(to_document(report), indent=2, ensure_ascii=False) + "\n"


def from_document(document: object) -> RunReport:
    """Return the report that a document was made of.

    Raises `UsageError` where it is not a report, or one of a later version of this program.
    """
    if not isinstance(document, Mapping):
        raise UsageError("The report cannot be read: it is not a JSON object.", hint=_HINT)
    version = document.get("schema_version")
    if version != SCHEMA_VERSION:
        raise UsageError(f"The report has schema version {version!r}; this program reads {SCHEMA_VERSION}.", hint=_HINT)
    try:
        return _REPORT.validate_python({**document, "outcomes": _with_repeats(document.get("outcomes"))})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UsageError(f"The report cannot be read: {where}: {first['msg']}.", hint=_HINT) from None


def from_json(text: str | bytes) -> RunReport:
    """Return the report that a JSON text holds; raises `UsageError` like `from_document`."""
    try:
        document = json.loads(text)
    except ValueError as error:
        raise UsageError(f"The report cannot be read as JSON: {error}.", hint=_HINT) from None
    return from_document(document)


_HINT = "Name a JSON report that this version wrote."


def _json_values(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, Mapping):
        return {str(key): _json_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json_values(item) for item in value]
    return value


def _without(values: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in names}


def _without_repeat(outcome: dict[str, Any]) -> dict[str, Any]:
    outcome = outcome if outcome["copies"] else _without(outcome, "copies")
    plan = outcome["plan"]
    if plan is None or plan["instance"] != outcome["instance"]:
        return outcome
    return {**outcome, "plan": _without(plan, "instance")}


def _with_repeats(outcomes: object) -> object:
    """Return the outcomes with each plan's instance in its place; what is no list of outcomes stays as it is."""
    return [_with_repeat(outcome) for outcome in outcomes] if isinstance(outcomes, list) else outcomes


def _with_repeat(outcome: object) -> object:
    match outcome:
        case {"instance": instance, "plan": {**plan}, **others} if "instance" not in plan:
            return {**others, "instance": instance, "plan": {**plan, "instance": instance}}
        case _:
            return outcome
