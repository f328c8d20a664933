"""No instance gets a second job: what is at AWS already is found and taken up."""

from datetime import timedelta

import pytest

from ec2_backup.adoption import Adoption, adopt, sort_jobs, still_to_start
from ec2_backup.model import BackupJob
from ec2_backup.results import Failure
from ec2_backup.states import BackupJobState
from tests.unit.backups import BEGAN, a_job, a_plan, an_instance, instance_id

ONE, TWO, THREE = (instance_id(number) for number in (1, 2, 3))
RUNNING = BackupJobState.RUNNING


def test_a_job_created_since_the_run_began_is_the_runs_own():
    own, other = a_job(ONE, RUNNING, hours=1), a_job(TWO, RUNNING, hours=-1)

    found = sort_jobs([own], [own, other], BEGAN)

    assert found.own == {ONE: own}
    assert {key: job.adopted for key, job in found.others.items()} == {TWO: True}
    assert not own.adopted


def test_a_job_created_in_the_instant_in_which_the_run_began_is_its_own():
    assert sort_jobs([a_job(ONE, created_at=BEGAN)], [], BEGAN).own
    assert not sort_jobs([a_job(ONE, created_at=BEGAN - timedelta(milliseconds=1))], [], BEGAN).own


def test_the_newest_own_job_of_an_instance_counts():
    first = a_job(ONE, BackupJobState.FAILED, hours=1, job_id="first")
    second = a_job(ONE, RUNNING, hours=2, job_id="second")

    assert sort_jobs([second, first], [], BEGAN).own == {ONE: second}
    assert sort_jobs([first, second], [], BEGAN).own == {ONE: second}


def test_of_several_active_jobs_the_oldest_is_watched_since_the_others_wait_for_it():
    runs = a_job(ONE, RUNNING, hours=-2, job_id="runs")
    waits = a_job(ONE, BackupJobState.CREATED, hours=-1, job_id="waits")

    assert sort_jobs([], [waits, runs], BEGAN).others[ONE].job_id == "runs"
    assert sort_jobs([], [runs, waits], BEGAN).others[ONE].job_id == "runs"


def test_own_jobs_are_taken_up_and_the_rest_is_started():
    plans = [a_plan(an_instance(number)) for number in (1, 2, 3)]
    present = [Adoption({ONE: a_job(ONE)}, {}), Adoption({}, {THREE: a_job(THREE, RUNNING, adopted=True)})]

    known = adopt(plans, present, "watch")

    assert known == [a_job(ONE), a_job(THREE, RUNNING, adopted=True)]
    assert still_to_start(plans, known) == [plans[1]]


def test_a_job_of_an_instance_that_is_not_on_the_list_concerns_nobody():
    assert adopt([a_plan(an_instance(1))], [Adoption({TWO: a_job(TWO)}, {THREE: a_job(THREE)})], "watch") == []


def test_somebody_elses_active_job_is_a_failure_where_it_is_only_to_be_reported():
    plans = [a_plan(an_instance(1))]

    known = adopt(plans, [Adoption({}, {ONE: a_job(ONE, RUNNING, hours=-1)})], "report")

    (failure,) = known
    assert isinstance(failure, Failure)
    assert failure.step == 6
    assert f"job job-{ONE} of 2026-03-01 01:30 UTC is already RUNNING in vault EC2-Backup" in failure.reason
    assert "--on-active-job watch" in failure.advice
    assert still_to_start(plans, known) == []


@pytest.mark.parametrize("on_active_job", ["watch", "report"])
def test_the_runs_own_job_is_never_reported_as_somebody_elses(on_active_job):
    own, other = a_job(ONE, RUNNING, hours=1), a_job(ONE, RUNNING, hours=-1, job_id="other")

    (found,) = adopt([a_plan(an_instance(1))], [Adoption({ONE: own}, {ONE: other})], on_active_job)

    assert isinstance(found, BackupJob)
    assert found == own
