"""The fields of a report that its history needs, read without making the rest into Python objects.

A report of a large fleet has megabytes, and a folder thousands of them: this is several times quicker than reading
them back whole.
"""

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from textwrap import shorten
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from ec2_backup.history.origin import to_origin
from ec2_backup.history.past_run import PastRun, Seen
from ec2_backup.lines import one_line
from ec2_backup.results import SCHEMA_VERSION, RunReport
from ec2_backup.states import RunStatus, Verdict

REASON_LENGTH = 120

# Limits that no run reaches and every figure and date can be shown within.
_Number = Annotated[int, Field(ge=0, lt=2**63)]
_Seconds = Annotated[float, Field(ge=0, lt=1e10, allow_inf_nan=False)]
_Moment = Annotated[AwareDatetime, Field(gt=datetime(1990, 1, 1, tzinfo=UTC), lt=datetime(2500, 1, 1, tzinfo=UTC))]


@dataclass(frozen=True, slots=True)
class _Row:
    instance_id: str
    name: str | None = None


@dataclass(frozen=True, slots=True)
class _Instance:
    name: str = ""


@dataclass(frozen=True, slots=True)
class _Failure:
    reason: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    row: _Row
    verdict: Verdict
    instance: _Instance | None = None
    failure: _Failure | None = None


@dataclass(frozen=True, slots=True)
class _Statistics:
    instances: _Number
    proven: _Number
    volumes: _Number
    protected_bytes: _Number
    seconds: _Seconds
    copies: _Number = 0
    proven_copies: _Number = 0


@dataclass(frozen=True, slots=True)
class _Caller:
    account: str


@dataclass(frozen=True, slots=True)
class Document:
    """The fields of a `RunReport` that its history needs, by the same names."""

    schema_version: int
    run_key: str
    status: RunStatus
    exit_code: int
    started_at: _Moment
    ended_at: _Moment
    parameters: dict[str, object]
    outcomes: tuple[_Outcome, ...]
    statistics: _Statistics
    caller: _Caller | None = None


_DOCUMENT = TypeAdapter(Document)


def read_document(content: bytes) -> Document:
    """Return the document that a file holds; raise ValueError with the reason where it is none of this version."""
    try:
        document = _DOCUMENT.validate_json(content)
    except ValidationError:
        document = _read_slowly(content)
    if document.schema_version != SCHEMA_VERSION:
        raise ValueError(_other_version(document.schema_version))
    return document


def to_past_run(report: RunReport | Document, folder: Path) -> PastRun:
    """Return a report, just made or read, as one of the runs of the folder that it lies in."""
    parameters, statistics = report.parameters, report.statistics
    origin = to_origin(str(parameters.get("csv", "")), folder)
    return PastRun(
        run_key=report.run_key,
        status=report.status,
        exit_code=report.exit_code,
        started_at=report.started_at.astimezone(UTC),
        ended_at=report.ended_at.astimezone(UTC),
        seconds=statistics.seconds,
        origin=origin,
        vault=str(parameters.get("vault", "")),
        account=report.caller.account if report.caller else "",
        is_dry=report.status is RunStatus.PLANNED or parameters.get("dry_run") is True,
        instances=statistics.instances,
        proven=statistics.proven,
        volumes=statistics.volumes,
        protected_bytes=statistics.protected_bytes,
        copies=statistics.copies,
        proven_copies=statistics.proven_copies,
        seen=_seen(report),
    )


def _seen(report: RunReport | Document) -> Mapping[str, Seen]:
    # The same ids and names are in every run: interned they are in memory once.
    return {
        sys.intern(outcome.row.instance_id): Seen(
            outcome.verdict,
            sys.intern((outcome.instance.name if outcome.instance else "") or outcome.row.name or ""),
            sys.intern(shorten(one_line(outcome.failure.reason), REASON_LENGTH, placeholder=" …"))
            if outcome.failure
            else "",
        )
        for outcome in report.outcomes
    }


def _read_slowly(content: bytes) -> Document:
    """Read what Python's own reader takes and the quick one does not: half a surrogate pair in a name."""
    try:
        values = json.loads(content)
    except ValueError as invalid:
        raise ValueError(f"this is not JSON, or only half of it: {invalid}") from None
    version = values.get("schema_version") if isinstance(values, dict) else None
    if version is None:
        raise ValueError("this is no report of a run")
    if version != SCHEMA_VERSION:
        raise ValueError(_other_version(version))
    try:
        return _DOCUMENT.validate_python(values)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"this is no report of a run: {where}: {first['msg']}") from None


def _other_version(version: object) -> str:
    return f"the report has schema version {version!r}; this program reads {SCHEMA_VERSION}"
