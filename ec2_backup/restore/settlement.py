"""The ledger of a restore settled into a report, whatever way the run ended."""

from dataclasses import replace
from datetime import datetime

from ec2_backup.errors import Interrupted
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import RestoreFailure, RestoreRow
from ec2_backup.restore.report import RestoreOutcome, RestoreReport, RestoreStatistics
from ec2_backup.results import RunError
from ec2_backup.settlement import RUN_KEY, Calls, to_run_error
from ec2_backup.states import RunStatus, Verdict

_GOES_ON = "It goes on at AWS: ./start-ec2-backup.sh resume RUN_KEY watches it to its end."
_LATER = "./start-ec2-backup.sh resume RUN_KEY goes on where this run ended."
_BEFORE = "Mend what failed before it, then restore these; --on-failure continue restores them all the same."


def settle(run: RestoreLedger, ended_at: datetime, calls: Calls, error: BaseException | None = None) -> RestoreReport:
    """Return the report of a run that ended then, by itself or with an error. Pure, whatever is in the ledger."""
    run_error = _of_restore(to_run_error(error), run)
    outcomes = tuple(to_outcome(row, run, run_error) for row in run.rows)
    status = _status(outcomes, error)
    return RestoreReport(
        run_key=run.run_key,
        status=status,
        exit_code=run_error.exit_code if run_error else (3 if status is RunStatus.INCOMPLETE else 0),
        started_at=run.began_at,
        ended_at=ended_at,
        parameters=run.request.model_dump(mode="json"),
        outcomes=outcomes,
        statistics=_statistics(outcomes, (ended_at - run.began_at).total_seconds(), calls),
        caller=run.caller,
        role=run.role,
        permissions=run.permissions,
        notes=run.listed.notes if run.listed else (),
        error=run_error,
        run_url=run.run_url,
    )


def to_outcome(row: RestoreRow, run: RestoreLedger, error: RunError | None) -> RestoreOutcome:
    """Return all that is known of one row, with the verdict that follows from it."""
    line, verdict = row.line, _verdict(row, run)
    failure = run.failures.get(line) or _unfinished(row, verdict, run, error)
    job, ready_at = run.jobs.get(line), run.ready_at.get(line)
    return RestoreOutcome(
        row=row,
        verdict=verdict,
        chosen=run.chosen.get(line),
        plan=run.plans.get(line),
        job=job,
        restored=run.restored.get(line),
        failure=replace(failure, advice=failure.advice.replace(RUN_KEY, run.run_key)) if failure else None,
        recovery_seconds=(ready_at + run.ahead - job.created_at).total_seconds() if job and ready_at else None,
    )


def _verdict(row: RestoreRow, run: RestoreLedger) -> Verdict:
    line, job = row.line, run.jobs.get(row.line)
    if line in run.proven:
        return Verdict.PROVEN
    if job and not job.state.is_final:
        return Verdict.RUNNING
    if line in run.failures:
        return Verdict.FAILED
    if job:
        return Verdict.RUNNING
    return Verdict.PLANNED if line in run.plans and not run.is_agreed else Verdict.NOT_STARTED


def _unfinished(row: RestoreRow, verdict: Verdict, run: RestoreLedger, error: RunError | None) -> RestoreFailure | None:
    early = "the run was interrupted" if error and error.exit_code == Interrupted.exit_code else "the run ended early"
    job = run.jobs.get(row.line)
    if verdict is Verdict.RUNNING and job:
        if job.state.is_final:
            return RestoreFailure(row.line, f"the new instance {job.created_id} was not verified: {early}", _LATER)
        return RestoreFailure(row.line, f"restore job {job.job_id} goes on at AWS as {job.state}", _GOES_ON)
    if verdict is Verdict.NOT_STARTED:
        if run.failures and not error:
            return RestoreFailure(row.line, "an earlier one of the order failed", _BEFORE)
        return RestoreFailure(row.line, early, error.hint if error else "")
    return None


def _status(outcomes: tuple[RestoreOutcome, ...], error: BaseException | None) -> RunStatus:
    if error is not None:
        told = not isinstance(error, Exception) or isinstance(error, Interrupted)
        return RunStatus.INTERRUPTED if told else RunStatus.ABORTED
    verdicts = {outcome.verdict for outcome in outcomes}
    if verdicts <= {Verdict.PROVEN}:
        return RunStatus.PROVEN
    return RunStatus.PLANNED if verdicts <= {Verdict.PLANNED} else RunStatus.INCOMPLETE


def _of_restore(error: RunError | None, run: RestoreLedger) -> RunError | None:
    """Return the error with a hint for this very run: how it goes on, where it had come to start anything."""
    if error is None or error.exit_code != Interrupted.exit_code:
        return error and replace(error, hint=error.hint.replace(RUN_KEY, run.run_key))
    hint = _LATER.replace(RUN_KEY, run.run_key) if run.is_agreed else "Nothing was started."
    return replace(error, hint=hint)


def _statistics(outcomes: tuple[RestoreOutcome, ...], seconds: float, calls: Calls) -> RestoreStatistics:
    times = [one.recovery_seconds for one in outcomes if one.recovery_seconds is not None]
    good = {Verdict.PROVEN, Verdict.PLANNED}
    return RestoreStatistics(
        rows=len(outcomes),
        proven=sum(one.verdict is Verdict.PROVEN for one in outcomes),
        failed=sum(one.verdict not in good for one in outcomes),
        seconds=seconds,
        longest_recovery_seconds=max(times, default=None),
        api_calls=dict(calls.by_operation),
        throttled_calls=calls.throttled,
    )
