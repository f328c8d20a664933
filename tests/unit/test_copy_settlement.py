"""However a run ends, each copy that was asked for has a verdict and, unless that is good, a reason."""

from dataclasses import replace

import pytest

from ec2_backup.copies.book import CopyBook
from ec2_backup.copies.model import CopyFailure, CopyProof
from ec2_backup.copies.settlement import BackupEnd, settle_copies
from ec2_backup.errors import AwsError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import BackupJobState, RunStatus, Verdict
from tests.unit.backups import BEGAN, a_job, a_plan, a_point, an_instance
from tests.unit.copies import ARN, RUN_KEY, a_backup, a_copy_job, a_copy_point, a_destination, a_planned_copy, a_seen

COPY = a_planned_copy()
DONE = a_copy_job(COPY)
KEY = COPY.instance_id
REFUSED = CopyFailure(KEY, ARN, 6, "no copy job was started", "Then: resume RUN_KEY")


def a_book(**nouns: object) -> CopyBook:
    """Return a book in which these nouns are about the copy."""
    return CopyBook((a_destination(),), **{name: {COPY.key: noun} for name, noun in nouns.items()})  # type: ignore[arg-type]


def settled(book: CopyBook, backup: Verdict = Verdict.PROVEN, why: str = ""):
    (outcome,) = settle_copies(BackupEnd(KEY, backup, why), book, RUN_KEY)
    return outcome


def test_where_no_copies_were_asked_for_there_are_none():
    assert settle_copies(BackupEnd(KEY, Verdict.PROVEN), CopyBook(), RUN_KEY) == ()


def test_a_proven_copy_has_its_evidence_and_no_failure_whatever_went_wrong_before():
    point = a_copy_point(COPY, DONE)

    outcome = settled(a_book(jobs=DONE, proofs=CopyProof(COPY.key, point, None, ("noted",)), failures=REFUSED))

    assert (outcome.verdict, outcome.failure, outcome.notes) == (Verdict.PROVEN, None, ("noted",))
    assert (outcome.job, outcome.recovery_point) == (DONE, point)


def test_a_copy_that_goes_on_says_so():
    outcome = settled(a_book(jobs=a_copy_job(COPY, BackupJobState.RUNNING)))

    assert outcome.verdict is Verdict.RUNNING
    assert outcome.failure
    assert "goes on at AWS as RUNNING" in outcome.failure.reason
    assert RUN_KEY in outcome.failure.advice


def test_a_failure_is_told_with_the_runs_key_in_its_advice():
    outcome = settled(a_book(failures=REFUSED))

    assert outcome.verdict is Verdict.FAILED
    assert outcome.failure == replace(REFUSED, advice=f"Then: resume {RUN_KEY}")


def test_a_copy_that_nobody_came_to_verify_failed_for_what_ended_the_run():
    outcome = settled(a_book(jobs=DONE), why="AuthenticationError")

    assert outcome.verdict is Verdict.FAILED
    assert outcome.failure
    assert outcome.failure.reason == "the copy was not verified, the run ended first (AuthenticationError)"


@pytest.mark.parametrize(
    ("backup", "said"),
    [
        (Verdict.PROVEN, "no copy was started, the run ended first (Interrupted)"),
        (Verdict.FAILED, "its backup is not proven, so nothing was copied"),
        (Verdict.RUNNING, "its backup is not proven, so nothing was copied"),
    ],
)
def test_a_copy_whose_turn_never_came_says_why(backup, said):
    outcome = settled(a_book(), backup, "Interrupted")

    assert outcome.verdict is Verdict.NOT_STARTED
    assert outcome.failure
    assert outcome.failure.reason == said


def test_a_plan_is_good_unless_the_copy_could_not_work_or_could_not_be_verified():
    seen = a_seen()
    unseen = replace(seen, vault=None, unseen="denied")

    good = settled(CopyBook((a_destination(),), {ARN: seen}), Verdict.PLANNED)
    doubtful = settled(CopyBook((a_destination(),), {ARN: unseen}), Verdict.PLANNED)
    bad = settled(a_book(failures=REFUSED), Verdict.PLANNED)

    assert (good.verdict, good.failure) == (Verdict.PLANNED, None)
    assert doubtful.verdict is bad.verdict is Verdict.FAILED
    assert doubtful.failure
    assert "could not be verified: denied" in doubtful.failure.reason


def a_run(copy: CopyProof | None, *, proven: bool = True) -> Ledger:
    """Return the ledger of a run over one instance whose copy came to this."""
    request = BackupRequest(options=BackupOptions(copy_to=(f"{ARN}=30",)))
    run = Ledger(request, RUN_KEY, BEGAN)
    plan, job, proof = a_backup()
    run.inventory = Inventory("a.csv", (InventoryRow(2, KEY),))
    run.note([plan, job] + [proof] * proven)
    run.copies.note([COPY, DONE, *([copy] if copy else [])])
    return run


def test_a_run_is_whole_when_every_backup_and_every_copy_is_proven():
    proven = CopyProof(COPY.key, a_copy_point(COPY, DONE), None)

    report = settle(a_run(proven), BEGAN, Calls({}, 0))

    assert (report.status, report.exit_code) == (RunStatus.PROVEN, 0)
    assert (report.statistics.copies, report.statistics.proven_copies) == (1, 1)


def test_a_copy_that_is_not_proven_makes_a_run_incomplete_and_leaves_its_instance_proven():
    report = settle(a_run(CopyProof(COPY.key, None, REFUSED)), BEGAN, Calls({}, 0))

    assert (report.status, report.exit_code) == (RunStatus.INCOMPLETE, 3)
    assert [outcome.verdict for outcome in report.outcomes] == [Verdict.PROVEN]
    assert report.failures == ()


def test_a_run_that_an_error_ended_tells_of_copies_what_is_known():
    error = AwsError("backup:ListCopyJobs", "Throttling", "Rate exceeded")

    report = settle(a_run(None), BEGAN, Calls({}, 0), error)

    (copy,) = report.outcomes[0].copies
    assert report.status is RunStatus.ABORTED
    assert (copy.verdict, copy.job) == (Verdict.FAILED, DONE)


def test_the_books_failures_are_the_first_of_each_copy():
    book = a_book()
    book.note([REFUSED, replace(REFUSED, reason="later")])

    assert book.failures[COPY.key].reason == "no copy job was started"
    assert book.unsettled == []


def test_the_copies_of_an_interrupted_run_that_are_not_over_are_asked_for():
    book = CopyBook((a_destination(),))
    other = a_planned_copy(a_plan(an_instance(2)))
    book.note([COPY, other, DONE, a_copy_job(other, BackupJobState.CREATED)])

    assert book.unsettled == [other]
    assert a_point(a_plan(an_instance()), a_job()).arn == COPY.source.arn


def test_the_key_of_a_vault_that_copies_go_into_is_in_the_report():
    seen = a_seen()
    run = Ledger(BackupRequest(options=BackupOptions(copy_to=(ARN,))), RUN_KEY, BEGAN)
    run.copies.seen[ARN] = seen

    assert seen.key
    assert settle(run, BEGAN, Calls({}, 0)).keys == (seen.key,)
