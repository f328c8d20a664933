"""The ledger of a drill settled into a report, whatever way it ended."""

from dataclasses import fields, replace
from datetime import datetime
from statistics import median
from typing import Any

from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.report import DrillOutcome, DrillReport, DrillStatistics, RemovedLeftover
from ec2_backup.restore.model import RestoreRow
from ec2_backup.restore.report import RestoreOutcome, RestoreReport, RestoreStatistics
from ec2_backup.restore.settlement import settle as settle_restores
from ec2_backup.restore.settlement import to_outcome as to_restore_outcome
from ec2_backup.results import RunError
from ec2_backup.settlement import Calls
from ec2_backup.states import RunStatus, Verdict


def settle(run: DrillLedger, ended_at: datetime, calls: Calls, error: BaseException | None = None) -> DrillReport:
    """Return the report of a drill that ended then, by itself or with an error. Pure, whatever is in the ledger."""
    restores = settle_restores(run, ended_at, calls, error)
    outcomes = tuple(_to_outcome(one, run) for one in restores.outcomes)
    leftovers = tuple(
        RemovedLeftover(str(one), one.drill_key, run.ended.get(line), run.left.get(line, ()))
        for line, one in run.leftovers.items()
        if run.is_agreed
    )
    report = DrillReport(
        **_fields(restores, RestoreReport, but={"outcomes", "statistics", "parameters"}),
        parameters=run.drill.model_dump(mode="json"),
        outcomes=outcomes,
        statistics=_statistics(restores.statistics, outcomes),
        connected=run.connected,
        undrilled=dict(run.undrilled),
        leftovers=leftovers,
        in_other_drills=run.in_other_drills,
    )
    report = replace(report, statistics=replace(report.statistics, left=len(report.left)))
    if report.left and report.status is RunStatus.PROVEN:
        return replace(report, status=RunStatus.INCOMPLETE, exit_code=3)
    return report


def to_outcome(row: RestoreRow, run: DrillLedger, error: RunError | None) -> DrillOutcome:
    """Return all that is known of one row, with the verdict that follows from it."""
    return _to_outcome(to_restore_outcome(row, run, error), run)


def _to_outcome(one: RestoreOutcome, run: DrillLedger) -> DrillOutcome:
    line, job, check = one.row.line, one.job, run.checks.get(one.row.line)
    proven_at = run.proven_at.get(line)
    is_checked = check and proven_at and job and line not in run.proofs
    has_ended = line in run.ended and not run.left.get(line)
    known = _fields(one, RestoreOutcome, but={"recovery_seconds"})
    return DrillOutcome(
        **known,
        recovery_seconds=run.seconds_of(line),
        check=check,
        check_seconds=(proven_at - job.created_at).total_seconds() if is_checked and job and proven_at else None,
        proven_at=proven_at,
        removed_at=run.ended.get(line) if has_ended else None,
        is_kept=line in run.kept,
        left=run.left.get(line) or _untold(one, run),
    )


def _untold(one: RestoreOutcome, run: DrillLedger) -> tuple[str, ...]:
    """Return what a drill that ended early has left, which nobody came to remove."""
    line = one.row.line
    if one.job is None or line in run.ended or line in run.kept:
        return ()
    if one.created_id:
        return (f"the new instance {one.created_id} is still there",)
    is_over = one.job.state.is_final
    return () if is_over else (f"restore job {one.job.job_id} goes on, and makes an instance",)


def _statistics(known: RestoreStatistics, outcomes: tuple[DrillOutcome, ...]) -> DrillStatistics:
    timed = [one for one in outcomes if one.recovery_seconds is not None and one.verdict is Verdict.PROVEN]
    times = [one.recovery_seconds for one in timed if one.recovery_seconds is not None]
    gib = sum(one.provisioned_gib for one in timed)
    return DrillStatistics(
        **_fields(known, RestoreStatistics, but={"longest_recovery_seconds"}),
        longest_recovery_seconds=max(times, default=None),
        median_recovery_seconds=median(times) if times else None,
        seconds_per_gib=sum(times) / gib if gib else None,
    )


def _fields(known: Any, kind: type[Any], but: set[str]) -> dict[str, Any]:
    return {one.name: getattr(known, one.name) for one in fields(kind) if one.name not in but}
