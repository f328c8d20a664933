"""Which jobs a run takes for its own, by AWS's clock, and how it stops them."""

from datetime import UTC, datetime, timedelta

import pytest

from ec2_backup.aws.backup import find_jobs, find_own_jobs, stop_backup_jobs
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AuthenticationError
from ec2_backup.model import BackupJob
from ec2_backup.results import Failure
from ec2_backup.states import BackupJobState
from tests.aws.backups import HERE, VAULT, ended, instance_id, planned, started

ONE, TWO = instance_id(1), instance_id(2)
LONG = {"duration_seconds": 100_000_000, "times": 1}


def test_the_caller_is_known_with_the_time_by_awss_clock(sandbox):
    ahead = timedelta(seconds=1000)
    sandbox.control.advance(ahead.total_seconds())
    earliest = datetime.now(UTC) + ahead - timedelta(seconds=1)  # a Date header has whole seconds

    answered_at = get_caller_identity(HERE).answered_at

    assert answered_at
    assert earliest <= answered_at <= datetime.now(UTC) + ahead


def test_a_job_made_after_aws_told_the_time_is_the_runs_own_whatever_our_clock_says(sandbox):
    sandbox.control.advance(1000)
    since = get_caller_identity(HERE).answered_at
    assert since
    plans = planned(ONE, run_key="own")

    (job,) = started(plans)

    assert find_jobs(VAULT, since, HERE).own[ONE].job_id == job.job_id
    assert [one.job_id for one in find_own_jobs(plans, since)] == [job.job_id]


def test_a_job_that_a_backup_plan_made_is_never_the_runs_own(sandbox):
    since = get_caller_identity(HERE).answered_at
    assert since
    sandbox.control.script(TWO, {**LONG, "backup_plan_id": "nightly"})
    (job,) = started(planned(TWO, run_key="planned"))

    present = find_jobs(VAULT, since, HERE)

    assert present.own.get(TWO) is None
    assert present.others[TWO].job_id == job.job_id
    assert present.others[TWO].adopted
    list(stop_backup_jobs([job]))
    ended([job])


def test_jobs_are_stopped_and_each_says_so(sandbox):
    for key in (ONE, TWO):
        sandbox.control.script(key, LONG)
    jobs = started(planned(ONE, TWO, run_key="stopped"))

    results = list(stop_backup_jobs(jobs))

    stopped = [one for one in results if isinstance(one, BackupJob)]
    failures = [one for one in results if isinstance(one, Failure)]
    assert {one.state for one in stopped} == {BackupJobState.ABORTING}
    assert all(
        f"job {job.job_id} was told to stop" in failure.reason for job, failure in zip(jobs, failures, strict=True)
    )
    assert {job.state for job in ended(jobs)} == {BackupJobState.ABORTED}


def test_a_job_that_ended_before_it_could_be_stopped_does_not_keep_the_others_from_it(sandbox):
    over = ended(started(planned(ONE, run_key="over")))
    sandbox.control.script(TWO, LONG)
    jobs = [*over, *started(planned(TWO, run_key="goes on"))]

    results = list(stop_backup_jobs(jobs))

    assert isinstance(results[0], Failure)
    assert "could not be stopped" in results[0].reason
    assert isinstance(results[1], BackupJob)
    ended(jobs)


def test_without_credentials_no_further_job_is_tried(sandbox):
    sandbox.control.script(ONE, LONG)
    jobs = started(planned(ONE, run_key="expired"))
    sandbox.control.fault("backup:StopBackupJob", "expired", times=1)

    with pytest.raises(AuthenticationError):
        list(stop_backup_jobs(jobs))

    list(stop_backup_jobs(jobs))
    ended(jobs)


def test_a_run_that_begins_now_takes_no_job_for_its_own_however_young_it_is(sandbox):
    sandbox.control.script(TWO, LONG)
    (job,) = started(planned(TWO, run_key="of a run that began in the same second"))

    present = find_jobs(VAULT, None, HERE)

    assert present.own == {}
    assert present.others[TWO].job_id == job.job_id
    list(stop_backup_jobs([job]))
    ended([job])
