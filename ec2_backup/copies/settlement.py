"""What a report says of the copies of one instance, whatever way the run ended."""

from dataclasses import dataclass, replace

from ec2_backup import stop
from ec2_backup.copies.book import CopyBook
from ec2_backup.copies.destination import CopyDestination
from ec2_backup.copies.model import CopyFailure, CopyJob, CopyOutcome, CopyProof, SeenDestination, to_key
from ec2_backup.states import Verdict


@dataclass(frozen=True, slots=True)
class BackupEnd:
    """How the backup of an instance ended: the verdict, and in a word what ended the run early, if anything did."""

    instance_id: str
    verdict: Verdict
    why: str = ""


def settle_copies(backup: BackupEnd, book: CopyBook, run_key: str) -> tuple[CopyOutcome, ...]:
    """Return what became of the copies of a backup, one for each destination. Pure, whatever is in the book."""
    outcomes = (_outcome(backup, destination, book) for destination in book.destinations)
    return tuple(replace(one, failure=_keyed(one.failure, run_key)) for one in outcomes)


def _outcome(backup: BackupEnd, destination: CopyDestination, book: CopyBook) -> CopyOutcome:
    key = to_key(backup.instance_id, destination.arn)
    job, proof = book.jobs.get(key), book.proofs.get(key)
    failure = book.failures.get(key) or _doubt(backup, book.seen.get(destination.arn))
    verdict = _verdict(backup, job, proof, failure)
    is_good = verdict in {Verdict.PROVEN, Verdict.PLANNED}
    return CopyOutcome(
        destination=destination,
        verdict=verdict,
        job=job,
        recovery_point=proof.recovery_point if proof else None,
        failure=None if is_good else failure or _unfinished(backup, destination, verdict, job),
        notes=proof.notes if proof else (),
    )


def _verdict(backup: BackupEnd, job: CopyJob | None, proof: CopyProof | None, failure: CopyFailure | None) -> Verdict:
    if proof and proof.failure is None:
        return Verdict.PROVEN
    if job and not job.state.is_final:
        return Verdict.RUNNING
    if failure or job:
        return Verdict.FAILED
    return Verdict.PLANNED if backup.verdict is Verdict.PLANNED else Verdict.NOT_STARTED


def _doubt(backup: BackupEnd, seen: SeenDestination | None) -> CopyFailure | None:
    """Return why a copy that a dry run plans would not be proven: nobody can look into its vault."""
    if backup.verdict is not Verdict.PLANNED or seen is None or seen.is_visible:
        return None
    reason = f"the copy would be made and could not be verified: {seen.unseen}"
    advice = "Let the run look into that vault: docs/copies.md says what it needs."
    return CopyFailure(backup.instance_id, seen.destination.arn, 8, reason, advice)


def _unfinished(backup: BackupEnd, destination: CopyDestination, verdict: Verdict, job: CopyJob | None) -> CopyFailure:
    early = f" ({backup.why})" if backup.why else ""
    if verdict is Verdict.RUNNING and job:
        step, reason = 10, f"copy job {job.job_id} goes on at AWS as {job.state}"
    elif verdict is Verdict.FAILED:
        step, reason = 12, f"the copy was not verified, the run ended first{early}"
    elif backup.verdict is Verdict.PROVEN:
        step, reason = 6, f"no copy was started, the run ended first{early}"
    else:
        return CopyFailure(backup.instance_id, destination.arn, 6, "its backup is not proven, so nothing was copied")
    return CopyFailure(backup.instance_id, destination.arn, step, reason, stop.HINT)


def _keyed(failure: CopyFailure | None, run_key: str) -> CopyFailure | None:
    return replace(failure, advice=failure.advice.replace("RUN_KEY", run_key)) if failure else None
