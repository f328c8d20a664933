"""A report as CSV: one line per instance, in the inventory's order, safe to open in a spreadsheet.

A cell that begins with `=`, `+`, `-` or `@` is run as a formula by spreadsheet programs, whatever quotes are around it
(OWASP, "CSV Injection"). Such a cell gets an apostrophe in front, which a program that reads the file must take off.
"""

from datetime import UTC, datetime

from ec2_backup.lines import one_line
from ec2_backup.report.reasons import advice, name, reason
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import Verdict

COLUMNS = (
    "instance_id",
    "name",
    "account",
    "region",
    "verdict",
    "job_id",
    "job_state",
    "message",
    "recovery_point_arn",
    "image_id",
    "size_gib",
    "volumes",
    "snapshots",
    "created_at",
    "completed_at",
    "delete_at",
    "step",
    "reason",
    "advice",
    "audit_event",
    "last_restored",
    "recovery_seconds",
)

COPY_COLUMNS = ("copies", "proven_copies", "copy_arns", "copy_reasons")  # where copies were asked for

_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def to_csv(report: RunReport) -> str:
    """Return the outcomes as CSV text; an empty cell is what the run did not learn. `size_gib` is provisioned."""
    import pandas as pd  # noqa: PLC0415 - takes a second, and the front door's help needs the report but no CSV

    columns = [*COLUMNS, *(COPY_COLUMNS if report.statistics.copies else ())]
    rows = [_row(outcome) for outcome in report.outcomes]
    cells = [[to_cell(row.get(column, "")) for column in columns] for row in rows]
    return pd.DataFrame(cells, columns=columns, dtype=str).to_csv(index=False, lineterminator="\n")


def _row(outcome: Outcome) -> dict[str, str]:
    return {
        "instance_id": outcome.row.instance_id,
        "name": name(outcome),
        "account": outcome.account,
        "region": outcome.region,
        "verdict": outcome.verdict.value,
        "reason": reason(outcome),
        "advice": advice(outcome),
        "step": str(outcome.failure.step) if outcome.failure else "",
        "audit_event": outcome.audit.event_id if outcome.audit else "",
        **_of_drill(outcome),
        **_of_instance(outcome),
        **_of_job(outcome),
        **_of_recovery_point(outcome),
        **_of_copies(outcome),
    }


def _of_drill(outcome: Outcome) -> dict[str, str]:
    last = outcome.restored
    if last is None:
        return {}
    return {"last_restored": _time(last.at), "recovery_seconds": "" if last.seconds is None else f"{last.seconds:.0f}"}


def _of_instance(outcome: Outcome) -> dict[str, str]:
    if outcome.instance is None:
        return {}
    return {"size_gib": str(outcome.instance.provisioned_gib), "volumes": str(len(outcome.instance.volumes))}


def _of_job(outcome: Outcome) -> dict[str, str]:
    job = outcome.job
    if job is None:
        return {}
    return {
        "job_id": job.job_id,
        "job_state": job.state.value,
        "message": job.message,
        "recovery_point_arn": job.recovery_point_arn or "",
        "created_at": _time(job.created_at),
        "completed_at": _time(job.completed_at),
    }


def _of_recovery_point(outcome: Outcome) -> dict[str, str]:
    point = outcome.recovery_point
    if point is None:
        return {}
    return {
        "recovery_point_arn": point.arn,
        "image_id": point.image_id,
        "snapshots": str(len(point.snapshots)),
        "delete_at": _time(point.delete_at),
    }


def _of_copies(outcome: Outcome) -> dict[str, str]:
    failed = [f"{copy.destination}: {copy.failure.reason}" for copy in outcome.copies if copy.failure]
    proven = [
        copy.recovery_point.arn for copy in outcome.copies if copy.verdict is Verdict.PROVEN and copy.recovery_point
    ]
    return {
        "copies": str(len(outcome.copies)),
        "proven_copies": str(len(proven)),
        "copy_arns": " ".join(proven),
        "copy_reasons": "; ".join(failed),
    }


def _time(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def to_cell(text: str) -> str:
    """Return the text as one line that no spreadsheet program runs as a formula."""
    line = one_line(text)
    return f"'{line}" if line.startswith(_FORMULA) else line
