"""Whatever way a run ended, its report says what became of each row, and why."""

from datetime import timedelta

from ec2_backup.errors import VaultError
from ec2_backup.ledger import Ledger
from ec2_backup.model import GIB, Inventory, InventoryRow
from ec2_backup.results import AuditEvent, Failure, Proof, RunReport, VaultUse
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import BackupJobState, RunStatus, Verdict
from tests.unit.backups import BEGAN, REGION, a_job, a_plan, a_point, an_instance, instance_id

ONE, TWO, THREE = (instance_id(number) for number in (1, 2, 3))
CALLS = Calls({"backup:StartBackupJob": 3}, 1)
RUNNING = BackupJobState.RUNNING


def a_ledger(*, rows: int = 1, dry_run: bool = False) -> Ledger:
    run = Ledger(BackupRequest(dry_run=dry_run), "run-1", BEGAN, run_url="http://prefect/run")
    listed = tuple(InventoryRow(number + 1, instance_id(number), REGION) for number in range(1, rows + 1))
    run.inventory = Inventory("list.csv", listed, ("line 9 repeats line 2",))
    return run


def prove_one(run: Ledger, number: int = 1) -> None:
    plan, job = a_plan(an_instance(number)), a_job(instance_id(number))
    run.keep_each(5, [plan.instance])
    run.keep_each(6, [plan])
    run.keep_each(10, [job])
    run.keep_each(12, [Proof(job.instance_id, a_point(plan, job), None, ("a remark",))])


def settled(run: Ledger, error: BaseException | None = None) -> RunReport:
    return settle(run, BEGAN + timedelta(minutes=30), CALLS, error)


def test_a_proven_row_carries_all_its_evidence_and_the_run_exits_with_0():
    run = a_ledger()
    prove_one(run)
    run.keep_each(11, [AuditEvent("event", a_job(ONE).job_id, BEGAN, "ops")])
    run.keep_places(8, [VaultUse("EC2-Backup", REGION, 1, 2)])

    report = settled(run)

    (outcome,) = report.outcomes
    assert (report.status, report.exit_code, report.error) == (RunStatus.PROVEN, 0, None)
    assert outcome.verdict is Verdict.PROVEN
    assert outcome.failure is None
    assert outcome.recovery_point
    assert outcome.audit
    assert outcome.audit.username == "ops"
    assert outcome.notes == ("a remark",)
    assert report.notes == ("line 9 repeats line 2",)
    assert report.run_url == "http://prefect/run"


def test_statistics_count_volumes_and_provisioned_bytes_of_proven_instances_only():
    run = a_ledger(rows=2)
    prove_one(run)
    run.keep_each(5, [an_instance(2)])

    statistics = settled(run).statistics

    assert (statistics.instances, statistics.proven, statistics.failed) == (2, 1, 1)
    assert (statistics.volumes, statistics.proven_volumes) == (4, 2)
    assert statistics.protected_bytes == 40 * GIB
    assert statistics.seconds == 1800
    assert (statistics.success_rate, statistics.error_rate) == (0.5, 0.5)
    assert (statistics.api_calls, statistics.throttled_calls) == ({"backup:StartBackupJob": 3}, 1)
    assert statistics.calls_per_instance == 1.5


def test_one_failed_instance_makes_the_run_incomplete_with_exit_code_3():
    run = a_ledger(rows=2)
    prove_one(run)
    run.keep_each(4, [Failure(TWO, 4, "there is no such instance")])

    report = settled(run)

    assert (report.status, report.exit_code) == (RunStatus.INCOMPLETE, 3)
    assert [outcome.verdict for outcome in report.outcomes] == [Verdict.PROVEN, Verdict.FAILED]
    assert report.failures == (report.outcomes[1],)


def test_a_job_that_outlives_the_run_is_running_and_tells_how_to_go_on():
    run = a_ledger()
    run.keep_each(10, [a_job(ONE, RUNNING)])

    (outcome,) = settled(run).outcomes

    assert outcome.verdict is Verdict.RUNNING
    assert outcome.failure
    assert "goes on at AWS as RUNNING" in outcome.failure.reason
    assert "resume run-1 takes" in outcome.failure.advice


def test_a_job_past_its_deadline_keeps_the_reason_of_step_10():
    run = a_ledger()
    run.keep_each(10, [a_job(ONE, RUNNING)])
    failure = Failure(ONE, 10, "its deadline has passed")
    run.keep_each(12, [Proof(ONE, None, failure)])

    report = settled(run)

    assert report.outcomes[0].verdict is Verdict.RUNNING
    assert report.outcomes[0].failure == failure
    assert report.exit_code == 3


def test_a_completed_job_that_nobody_verified_does_not_count():
    run = a_ledger()
    run.keep_each(10, [a_job(ONE)])

    (outcome,) = settled(run, VaultError("backup:X", "Y", "gone")).outcomes

    assert outcome.verdict is Verdict.FAILED
    assert outcome.failure
    assert "was not verified" in outcome.failure.reason
    assert "(VaultError)" in outcome.failure.reason


def test_a_row_whose_turn_never_came_says_what_ended_the_run():
    error = VaultError("backup:DescribeBackupVault", "AccessDeniedException", "denied", hint="Create it.")

    report = settled(a_ledger(), error)

    (outcome,) = report.outcomes
    assert (report.status, report.exit_code) == (RunStatus.ABORTED, 12)
    assert outcome.verdict is Verdict.NOT_STARTED
    assert outcome.failure
    assert "the run ended first (VaultError)" in outcome.failure.reason
    assert report.error
    assert report.error.message == error.message
    assert outcome.failure.advice == "Create it."


def test_a_proof_settles_an_instance_whatever_failed_before_it():
    run = a_ledger()
    run.keep_each(6, [Failure(ONE, 6, "no job was started: the answer never came")])
    prove_one(run)

    (outcome,) = settled(run).outcomes

    assert outcome.verdict is Verdict.PROVEN
    assert outcome.failure is None


def test_a_dry_run_ends_well_where_everything_is_planned():
    run = a_ledger(dry_run=True)
    run.keep_each(6, [a_plan(an_instance(1))])

    report = settled(run)

    assert (report.status, report.exit_code) == (RunStatus.PLANNED, 0)
    assert report.outcomes[0].verdict is Verdict.PLANNED
    assert report.failures == ()


def test_a_dry_run_with_a_row_that_cannot_be_planned_is_incomplete():
    run = a_ledger(rows=2, dry_run=True)
    run.keep_each(6, [a_plan(an_instance(1)), Failure(TWO, 9, "its key is disabled")])

    assert (settled(run).status, settled(run).exit_code) == (RunStatus.INCOMPLETE, 3)
