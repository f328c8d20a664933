"""Step 13, first half: the ledger settled into a report, whatever way the run ended."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ec2_backup import stop
from ec2_backup.calls import Place
from ec2_backup.copies.settlement import BackupEnd, settle_copies
from ec2_backup.errors import Ec2BackupError, Interrupted
from ec2_backup.ledger import Ledger
from ec2_backup.model import GIB, BackupJob, Caller, Instance, InventoryRow
from ec2_backup.places import PlaceStatistics
from ec2_backup.results import AuditEvent, Failure, Outcome, Proof, RunError, RunReport, Statistics, VaultUse
from ec2_backup.states import BackupJobState, RunStatus, Verdict

RUN_KEY = "RUN_KEY"  # stands in advice that is written where nobody knows the run's key


@dataclass(frozen=True, slots=True)
class Calls:
    """The AWS calls of a run by operation, and how many answers said that we were too fast."""

    by_operation: Mapping[str, int]
    throttled: int
    by_place: Mapping[Place, int] = field(default_factory=dict)


def settle(ledger: Ledger, ended_at: datetime, calls: Calls, error: BaseException | None = None) -> RunReport:
    """Return the report of a run that ended then, by itself or with an error. Pure, whatever is in the ledger."""
    run_error = _of_this_run(to_run_error(error), ledger)
    outcomes = tuple(to_outcome(row, ledger, run_error) for row in ledger.rows)
    status = to_status(outcomes, error, dry_run=ledger.request.dry_run)
    if status is RunStatus.PROVEN and ledger.drill.verdict and not ledger.drill.verdict.is_good:
        status = RunStatus.INCOMPLETE
    seconds, uses = (ended_at - ledger.began_at).total_seconds(), tuple(ledger.vault_uses.values())
    return RunReport(
        run_key=ledger.run_key,
        status=status,
        exit_code=run_error.exit_code if run_error else (3 if status is RunStatus.INCOMPLETE else 0),
        started_at=ledger.began_at,
        ended_at=ended_at,
        parameters=ledger.request.model_dump(mode="json"),
        outcomes=outcomes,
        statistics=to_statistics(outcomes, uses, ledger.caller, seconds, calls),
        caller=ledger.caller,
        callers=tuple(ledger.callers.values()),
        permissions=ledger.permissions,
        role=ledger.role,
        roles=tuple(ledger.roles.values()),
        vaults=tuple(ledger.vaults.values()),
        keys=(*ledger.keys.values(), *ledger.copies.keys),
        notes=ledger.inventory.notes if ledger.inventory else (),
        error=run_error,
        run_url=ledger.run_url,
        drill=ledger.drill.verdict,
    )


def to_run_error(error: BaseException | None) -> RunError | None:
    """Return what a report says of the error that ended a run early."""
    if error is None:
        return None
    if isinstance(error, Ec2BackupError):
        return RunError(type(error).__name__, error.message, error.hint, error.exit_code, error.bad_lines)
    if not isinstance(error, Exception):  # KeyboardInterrupt, and Prefect's TerminationSignal
        return RunError("Interrupted", "the run was told to stop", stop.HINT, Interrupted.exit_code)
    hint = "This is a fault of the program: please report it with the log. Jobs that were started go on at AWS."
    return RunError(type(error).__name__, str(error) or type(error).__name__, hint, 1)


def _of_this_run(error: RunError | None, ledger: Ledger) -> RunError | None:
    """Return the error with a hint for this very run: its key, and what became of the jobs that it had started."""
    if error is None:
        return None
    stopped = error.exit_code == Interrupted.exit_code and ledger.request.options.stop_jobs_on_cancel
    return replace(error, hint=(stop.HINT_WHERE_JOBS_STOP if stopped else error.hint).replace(RUN_KEY, ledger.run_key))


def to_outcome(row: InventoryRow, ledger: Ledger, error: RunError | None) -> Outcome:
    """Return all that is known of one row, with the verdict that follows from it."""
    key = row.instance_id
    job, proof, failure = ledger.jobs.get(key), ledger.proofs.get(key), ledger.failures.get(key)
    verdict = _verdict(job, proof, failure, planned=ledger.request.dry_run and key in ledger.plans)
    instance, unfinished = ledger.instances.get(key), _unfinished(row, verdict, job, error)
    ended = BackupEnd(key, verdict, error.kind if error else "")
    return Outcome(
        row=row,
        region=instance.region if instance else row.region or "",
        verdict=verdict,
        instance=instance,
        plan=ledger.plans.get(key),
        job=job,
        recovery_point=proof.recovery_point if proof else None,
        audit=ledger.audits.get(job.job_id) if job else None,
        # What failed before a proof was found, such as an answer that never arrived, failed for nobody.
        failure=None if verdict is Verdict.PROVEN else _keyed(failure or unfinished, ledger.run_key),
        notes=(*(proof.notes if proof else ()), *to_notes(instance, job, ledger.audits)),
        account=row.account or (ledger.caller.account if ledger.caller else ""),
        copies=settle_copies(ended, ledger.copies, ledger.run_key),
        restored=ledger.drill.restored.get(key),
    )


def _keyed(failure: Failure | None, run_key: str) -> Failure | None:
    return replace(failure, advice=failure.advice.replace(RUN_KEY, run_key)) if failure else None


def to_notes(instance: Instance | None, job: BackupJob | None, audits: Mapping[str, AuditEvent]) -> tuple[str, ...]:
    """Return what somebody should know of an instance's backup though it speaks against nothing."""
    plain = [volume.device for volume in instance.volumes if not volume.encrypted] if instance else []
    notes = [f"not encrypted, nor is the backup: {', '.join(plain)}"] if plain else []
    if instance and instance.instance_store:
        notes.append(f"in no backup: {', '.join(instance.instance_store)}")
    if job and job.state.is_final and job.job_id not in audits:
        notes.append("CloudTrail has not shown the StartBackupJob event yet")
    return tuple(notes)


def _verdict(job: BackupJob | None, proof: Proof | None, failure: Failure | None, *, planned: bool) -> Verdict:
    if proof and proof.failure is None:
        return Verdict.PROVEN
    if job and not job.state.is_final and job.state is not BackupJobState.ABORTING:
        return Verdict.RUNNING
    if failure or job:
        return Verdict.FAILED
    return Verdict.PLANNED if planned else Verdict.NOT_STARTED


def _unfinished(row: InventoryRow, verdict: Verdict, job: BackupJob | None, error: RunError | None) -> Failure | None:
    why = f" ({error.kind})" if error else ""
    if verdict is Verdict.NOT_STARTED:
        return Failure(row.instance_id, 6, f"no job was started, the run ended first{why}", error.hint if error else "")
    if verdict is Verdict.RUNNING and job:
        return Failure(row.instance_id, 10, f"job {job.job_id} goes on at AWS as {job.state}", stop.HINT)
    if verdict is Verdict.FAILED:
        return Failure(row.instance_id, 12, f"the backup was not verified, the run ended first{why}", stop.HINT)
    return None


def to_status(outcomes: Iterable[Outcome], error: BaseException | None, *, dry_run: bool) -> RunStatus:
    """Return how a run ended whose rows came to this, by itself or with an error."""
    if error is not None:
        told = not isinstance(error, Exception) or isinstance(error, Interrupted)
        return RunStatus.INTERRUPTED if told else RunStatus.ABORTED
    good = Verdict.PLANNED if dry_run else Verdict.PROVEN
    verdicts = {verdict for one in outcomes for verdict in (one.verdict, *(copy.verdict for copy in one.copies))}
    if verdicts - {good}:
        return RunStatus.INCOMPLETE
    return RunStatus.PLANNED if dry_run else RunStatus.PROVEN


def to_statistics(
    outcomes: tuple[Outcome, ...], uses: tuple[VaultUse, ...], caller: Caller | None, seconds: float, calls: Calls
) -> Statistics:
    """Return the figures of a run that took so many seconds: its outcomes, what its vaults hold, and its calls."""
    verdicts = Counter(outcome.verdict for outcome in outcomes)
    proven = [outcome.instance for outcome in outcomes if outcome.verdict is Verdict.PROVEN and outcome.instance]
    copies = [copy for outcome in outcomes for copy in outcome.copies]
    return Statistics(
        instances=len(outcomes),
        proven=verdicts[Verdict.PROVEN],
        failed=len(outcomes) - verdicts[Verdict.PROVEN] - verdicts[Verdict.PLANNED],
        volumes=sum(len(outcome.instance.volumes) for outcome in outcomes if outcome.instance),
        proven_volumes=sum(len(instance.volumes) for instance in proven),
        protected_bytes=sum(instance.provisioned_gib for instance in proven) * GIB,
        seconds=seconds,
        api_calls=dict(calls.by_operation),
        throttled_calls=calls.throttled,
        vaults=uses,
        places=to_places(outcomes, calls, caller.account if caller else ""),
        copies=len(copies),
        proven_copies=sum(copy.verdict is Verdict.PROVEN for copy in copies),
    )


def to_places(outcomes: Iterable[Outcome], calls: Calls, own_account: str) -> tuple[PlaceStatistics, ...]:
    """Return the figures of each account and Region that an instance is in or a call went to, in their own order."""
    found: dict[Place, list[Outcome]] = {}
    for outcome in outcomes:
        found.setdefault((outcome.account, outcome.region), []).append(outcome)
    made = {(account or own_account, region): number for (account, region), number in calls.by_place.items()}
    return tuple(_place(place, found.get(place, []), made.get(place, 0)) for place in sorted({*found, *made}))


def _place(place: Place, outcomes: list[Outcome], api_calls: int) -> PlaceStatistics:
    proven = [outcome.instance for outcome in outcomes if outcome.verdict is Verdict.PROVEN and outcome.instance]
    planned = sum(outcome.verdict is Verdict.PLANNED for outcome in outcomes)
    return PlaceStatistics(
        account=place[0],
        region=place[1],
        instances=len(outcomes),
        proven=len(proven),
        failed=len(outcomes) - len(proven) - planned,
        volumes=sum(len(outcome.instance.volumes) for outcome in outcomes if outcome.instance),
        protected_bytes=sum(instance.provisioned_gib for instance in proven) * GIB,
        api_calls=api_calls,
    )
