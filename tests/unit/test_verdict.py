"""A backup counts when its recovery point would restore all that was planned, and not before."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.states import BackupJobState
from ec2_backup.verdict import judge_job, prove
from tests.unit.backups import a_job, a_plan, a_point, a_snapshot, a_volume, an_instance, plans

PLAN = a_plan(an_instance(1))
JOB = a_job()
POINT = a_point(PLAN, JOB)


@given(plans(), st.sampled_from(["COMPLETED", "AVAILABLE"]), st.sampled_from(["", "SUCCESS", "Success"]))
def test_a_recovery_point_as_asked_for_is_always_proven(plan, status, category):
    job = replace(JOB, message_category=category)
    point = replace(a_point(plan, job), status=status)

    proof = prove(plan, job, point)

    assert proof.failure is None
    assert proof.recovery_point == point
    assert proof.notes == ()


@pytest.mark.parametrize("state", [state for state in BackupJobState if not state.is_final])
def test_a_job_past_its_deadline_is_a_failure_that_tells_how_to_go_on(state):
    failure = prove(PLAN, a_job(state=state), None).failure

    assert failure
    assert failure.step == 10
    assert f"is still {state} and its deadline has passed" in failure.reason
    assert "--deadline-minutes" in failure.advice


@pytest.mark.parametrize("state", ["ABORTED", "FAILED", "EXPIRED", "PARTIAL"])
def test_any_other_end_than_completed_is_a_failure_in_the_words_of_aws(state):
    job = a_job(state=BackupJobState(state), message="Given key ID is not accessible")

    failure = prove(PLAN, job, POINT).failure

    assert failure
    assert f"ended {state}: Given key ID is not accessible" in failure.reason
    assert "KMS key" in failure.advice


def test_a_bad_end_without_a_message_says_so():
    failure = judge_job(a_job(state=BackupJobState.FAILED))

    assert failure
    assert failure.reason.endswith("ended FAILED: AWS gave no message")
    assert failure.advice


def test_a_backup_that_bears_the_name_of_another_run_is_held_against_what_every_backup_owes():
    plan = replace(PLAN, tags={"RunId": "this", "Team": "db"})
    other = replace(POINT, tags={"RunId": "20261122T020000Z-0a1b2c3d"}, retention_days=30)

    proof = prove(plan, JOB, other)

    assert proof.failure is None
    assert proof.notes == (
        "the run 20261122T020000Z-0a1b2c3d made this backup",
        "the job found here keeps its backup 30 days",
    )
    assert prove(plan, JOB, replace(other, status="EXPIRED")).failure


def test_a_backup_without_the_name_of_any_run_is_not_taken_for_that_of_another():
    plan = replace(PLAN, tags={"RunId": "this"})

    failure = prove(plan, JOB, replace(POINT, tags={})).failure

    assert failure
    assert failure.reason == "tag RunId is missing"


def test_completed_with_issues_is_not_believed():
    failure = prove(PLAN, replace(JOB, message="VSS failed", message_category="VSS"), POINT).failure

    assert failure
    assert "completed with issues (VSS): VSS failed" in failure.reason
    assert "crash-consistent" in failure.advice


def test_completed_with_issues_without_a_message_is_a_failure_too():
    failure = judge_job(replace(JOB, message_category="AccessDenied"))

    assert failure
    assert "(AccessDenied): AWS gave no message" in failure.reason


@pytest.mark.parametrize("arn", [JOB.recovery_point_arn, None])
def test_a_completed_job_without_a_recovery_point_is_a_failure_at_step_12(arn):
    failure = prove(PLAN, replace(JOB, recovery_point_arn=arn), None).failure

    assert failure
    assert failure.step == 12
    assert f"no recovery point {arn or 'for the job'}" in failure.reason


def test_tags_and_retention_of_an_adopted_job_were_somebody_elses_choice():
    job = replace(JOB, adopted=True)

    proof = prove(PLAN, job, replace(POINT, tags={}, retention_days=None))

    assert proof.failure is None
    assert proof.notes == ("the job found here keeps its backup for ever",)
    assert prove(PLAN, job, replace(POINT, retention_days=1)).notes[0].endswith("keeps its backup 1 day")
    assert prove(PLAN, job, POINT).notes == ()


def test_the_volumes_of_an_adopted_job_are_compared_all_the_same():
    assert prove(PLAN, replace(JOB, adopted=True), replace(POINT, snapshots=())).failure


def test_a_volume_that_was_attached_later_is_remarked_and_harmless():
    late = a_snapshot(a_volume(9))

    proof = prove(PLAN, JOB, replace(POINT, snapshots=(*POINT.snapshots, late)))

    assert proof.failure is None
    assert proof.notes == ("the backup also holds /dev/sdj, attached after the volumes were listed",)


def test_a_larger_or_newly_encrypted_snapshot_restores_all_the_same():
    plan = a_plan(an_instance(1, a_volume(0, key=None)))
    (snapshot,) = a_point(plan, JOB).snapshots
    better = replace(snapshot, size_gib=99, encrypted=True, kms_key_id="arn:aws:kms:x:1:key/default")

    assert prove(plan, JOB, replace(a_point(plan, JOB), snapshots=(better,))).failure is None


def test_all_differences_are_named_at_once():
    failure = prove(PLAN, JOB, replace(POINT, status="EXPIRED", retention_days=1, tags={})).failure

    assert failure
    assert failure.reason == (
        "the recovery point is EXPIRED, not COMPLETED; it is kept 1 day, asked for was 7 days; "
        "tag RunId is missing; tag InstanceId is missing"
    )
    assert failure.advice


def test_an_absent_image_is_not_blamed_for_its_tags_and_snapshots_as_well():
    failure = prove(PLAN, JOB, replace(POINT, image_state=None, snapshots=(), tags={})).failure

    assert failure
    assert failure.reason == f"its image {POINT.image_id} does not exist"
