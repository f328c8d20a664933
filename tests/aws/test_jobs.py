"""Steps 6 and 10: jobs found at AWS, looked at together, and stopped."""

from datetime import timedelta

import pytest
from moto.backup.models import backup_backends

from ec2_backup import calls
from ec2_backup.aws.backup import (
    describe_backup_job,
    find_jobs,
    find_own_jobs,
    list_active_jobs,
    list_backup_jobs,
    look_at,
    stop_backup_job,
)
from ec2_backup.errors import AwsError
from ec2_backup.states import BackupJobState
from ec2_backup.watch import Patience, utc_now
from tests.aws.backups import ACCOUNT, HERE, REGION, VAULT, client, ended, instance_id, planned, started, watched

ONE, TWO, THREE, FOUR = (instance_id(number) for number in (1, 2, 3, 4))
SECOND = timedelta(seconds=1)
NEVER_STARTS = {"state": "CREATED", "times": 1}
LONG = {"duration_seconds": 10**9, "created_seconds": 0, "times": 1}


@pytest.fixture(autouse=True)
def no_active_jobs(sandbox):
    """Every test leaves its instances free."""
    yield
    sandbox.control.clear_faults()
    active = list_active_jobs(HERE)
    for job in active:
        stop_backup_job(job)
    ended(list(active))


def test_a_job_is_watched_to_its_end_and_has_its_recovery_point():
    jobs = started(planned(ONE, TWO, run_key="watched"))

    first, second = watched(jobs, Patience(timedelta(minutes=5), 1))

    assert (first.job_id, second.job_id) == (jobs[0].job_id, jobs[1].job_id)
    assert first.state is second.state is BackupJobState.COMPLETED
    assert first.percent_done == 100
    assert first.completed_at
    assert first.message_category == "SUCCESS"
    assert first.recovery_point_arn
    assert first.recovery_point_arn.startswith(f"arn:aws:ec2:{REGION}::image/ami-")


def test_a_failed_job_ends_with_the_message_of_aws(sandbox):
    sandbox.control.script(ONE, {"state": "FAILED", "cause": "kms-not-accessible", "times": 1})

    (job,) = watched(started(planned(ONE, run_key="failing")), Patience(timedelta(minutes=5), 1))

    assert (job.state, job.message) == (BackupJobState.FAILED, "Given key ID is not accessible")
    assert job.message_category == "InvalidParameters"


def test_a_job_that_lists_do_not_show_is_found_by_its_id(sandbox):
    sandbox.control.switch(list_lag_seconds=300_000 * 3600)

    (job,) = watched(started(planned(ONE, run_key="lag")), Patience(timedelta(minutes=5), 1))

    assert job.state is BackupJobState.COMPLETED


def test_a_watch_that_runs_out_of_patience_returns_jobs_as_they_stand(sandbox):
    sandbox.control.script(ONE, LONG)
    jobs = started(planned(ONE, run_key="long"))

    (job,) = watched(jobs, Patience(timedelta(milliseconds=1), 1))

    assert not job.state.is_final


def test_jobs_since_the_run_began_are_its_own_and_active_ones_before_are_others(sandbox):
    sandbox.control.script(ONE, LONG)
    sandbox.control.script(TWO, LONG)
    (other,) = started(planned(ONE, run_key="somebody"))
    began = other.created_at + timedelta(milliseconds=1)
    (own,) = started(planned(TWO, run_key="ours"))

    found = find_jobs(VAULT, began, HERE)

    assert found.own[TWO].job_id == own.job_id
    assert found.others[ONE].job_id == other.job_id
    assert found.others[ONE].adopted
    assert ONE not in found.own


def test_an_active_job_in_another_vault_is_somebody_elses(sandbox):
    client("backup").create_backup_vault(BackupVaultName="Elsewhere")
    sandbox.control.script(THREE, LONG)
    began = utc_now() - SECOND
    (job,) = started(planned(THREE, run_key="elsewhere", vault="Elsewhere"))

    found = find_jobs(VAULT, began, HERE)

    assert THREE not in found.own
    assert found.others[THREE].job_id == job.job_id


def test_a_job_that_has_ended_is_found_as_the_runs_own_too():
    began = utc_now() - SECOND
    (job,) = ended(started(planned(FOUR, run_key="over")))

    assert find_jobs(VAULT, began, HERE).own[FOUR] == job


def test_jobs_whose_answer_never_arrived_are_found_by_their_plans():
    plans = planned(ONE, TWO, run_key="unanswered")
    began = utc_now() - SECOND
    (job,) = started(plans[:1])

    assert [found.job_id for found in find_own_jobs(plans, began) if found.instance_id == ONE] == [job.job_id]
    assert find_own_jobs([], began) == []


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_a_list_that_cannot_be_understood_is_never_an_empty_one(sandbox, kind):
    sandbox.control.fault(operation="ListBackupJobs", kind=kind)

    for ask in (lambda: list_active_jobs(HERE), lambda: find_jobs(VAULT, utc_now(), HERE)):
        with pytest.raises(AwsError) as caught:
            ask()
        assert (caught.value.code, caught.value.retryable) == ("UnreadableAnswer", True)


def test_a_job_that_aws_does_not_know_is_none(sandbox):
    (job,) = started(planned(ONE, run_key="unknown"))

    assert describe_backup_job(job)
    sandbox.control.fault(operation="DescribeBackupJob", code="ResourceNotFoundException", message="cannot find")
    assert describe_backup_job(job) is None


def test_a_job_that_cannot_be_looked_at_is_no_unknown_one(sandbox):
    (job,) = started(planned(ONE, run_key="hidden"))
    sandbox.control.fault(operation="DescribeBackupJob", code="InvalidParameterValueException", message="no")

    with pytest.raises(AwsError, match="InvalidParameterValueException"):
        describe_backup_job(job)


def test_a_stopped_job_ends_as_aborted(sandbox):
    sandbox.control.script(ONE, LONG)
    jobs = started(planned(ONE, run_key="stopping"))

    stop_backup_job(jobs[0])

    (job,) = ended(jobs)
    assert (job.state, job.message) == (BackupJobState.ABORTED, "Backup job was stopped by user.")


def test_a_job_that_is_over_cannot_be_stopped():
    jobs = ended(started(planned(ONE, run_key="too-late")))

    with pytest.raises(AwsError, match="cannot be stopped"):
        stop_backup_job(jobs[0])


def test_1200_jobs_are_looked_at_in_two_pages():
    (plan,) = planned(ONE, run_key="many")
    (first,) = started([plan])
    backend = backup_backends[ACCOUNT][REGION]
    for number in range(1199):
        arn = plan.instance.arn.replace(ONE, f"i-0abc{number:013x}")
        backend.start_backup_job({"BackupVaultName": VAULT, "ResourceArn": arn, "IamRoleArn": plan.role_arn})
    earlier = calls.made()

    seen = look_at([first])

    assert len({job.job_id for job in seen if job.created_at >= first.created_at}) == 1200
    assert calls.since(earlier) == {"backup:ListBackupJobs": -(-len(seen) // 1000)}
    assert first.job_id in {job.job_id for job in seen}


def test_small_pages_are_read_to_the_last(sandbox):
    jobs = started(planned(ONE, TWO, THREE, run_key="pages"))
    sandbox.control.switch(page_size=1)

    listed = list_backup_jobs(VAULT, jobs[0].created_at, HERE)

    assert {job.job_id for job in jobs} <= {job.job_id for job in listed}
