"""Whatever is in the ledger and whatever ended the run: each row has one outcome, and green means proven."""

from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.errors import AccessError, Interrupted, InventoryError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.results import AuditEvent, Failure, Proof
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import BackupJobState, RunStatus, Verdict
from tests.unit.backups import BEGAN, REGION, a_job, a_plan, a_point, an_instance, instance_id

ERRORS = (
    None,
    None,
    AccessError("iam:GetRole", "NoSuchEntity", "absent", hint="Make it."),
    InventoryError("empty"),
    Interrupted("told to stop"),
    KeyboardInterrupt(),
    ValueError("a bug"),
)
KINDS = ("instance", "plan", "job", "proof", "bad proof", "failure", "audit")
STATES = st.sampled_from(list(BackupJobState))


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Draw a ledger in which anything may have been written of any instance, in any order."""
    run = Ledger(BackupRequest(dry_run=draw(st.booleans())), "run-1", BEGAN)
    numbers = draw(st.lists(st.integers(1, 4), unique=True))
    if numbers or draw(st.booleans()):
        rows = tuple(
            InventoryRow(number, instance_id(number), draw(st.sampled_from([None, REGION]))) for number in numbers
        )
        run.inventory = Inventory("list.csv", rows)
    for number, kind in draw(st.lists(st.tuples(st.integers(1, 5), st.sampled_from(KINDS)), max_size=20)):
        key, plan = instance_id(number), a_plan(an_instance(number))
        good = Proof(key, a_point(plan, a_job(key)), None)
        noun = {
            "instance": plan.instance,
            "plan": plan,
            "job": a_job(key, draw(STATES)),
            "proof": good,
            "bad proof": Proof(key, None, Failure(key, 12, "no image")),
            "failure": Failure(key, 6, "refused"),
            "audit": AuditEvent("event", f"job-{key}", BEGAN, "ops"),
        }[kind]
        run.keep_each(6, [noun])
    return run


@settings(deadline=None)
@given(ledgers(), st.sampled_from(ERRORS))
def test_each_row_has_exactly_one_outcome_and_green_means_proven_or_planned(run, error):
    report = settle(run, BEGAN + timedelta(hours=1), Calls({}, 0), error)

    assert [outcome.row for outcome in report.outcomes] == list(run.rows)
    for outcome in report.outcomes:
        key = outcome.row.instance_id
        proof = run.proofs.get(key)
        proven = proof is not None and proof.failure is None
        assert (outcome.verdict is Verdict.PROVEN) == proven
        good = outcome.verdict in {Verdict.PROVEN, Verdict.PLANNED}
        assert (outcome.failure is None) == good
        assert outcome.failure is None or outcome.failure.instance_id == key
        assert outcome.failure is None or outcome.failure.reason
        if outcome.verdict is Verdict.PLANNED:
            assert run.request.dry_run
            assert key in run.plans
            assert key not in run.jobs
        if outcome.verdict is Verdict.RUNNING:
            assert not run.jobs[key].state.is_final
    wanted = Verdict.PLANNED if run.request.dry_run else Verdict.PROVEN
    all_good = all(outcome.verdict is wanted for outcome in report.outcomes)
    assert (report.exit_code == 0) == (error is None and all_good)
    assert (report.status in {RunStatus.PROVEN, RunStatus.PLANNED}) == (report.exit_code == 0)
    assert (report.error is None) == (error is None)


@settings(deadline=None)
@given(ledgers(), st.sampled_from(ERRORS))
def test_the_figures_add_up(run, error):
    report = settle(run, BEGAN + timedelta(hours=1), Calls({}, 0), error)

    figures = report.statistics
    planned = sum(outcome.verdict is Verdict.PLANNED for outcome in report.outcomes)
    assert figures.instances == len(run.rows) == figures.proven + figures.failed + planned
    assert figures.proven_volumes <= figures.volumes
    assert 0 <= figures.success_rate + figures.error_rate <= 1
    assert len(report.failures) == figures.failed
