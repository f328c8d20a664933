"""Jobs and instances are followed to their end; nothing is waited for for ever, and no end is invented."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest

from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob, RestoreJobState
from ec2_backup.restore.request import RestoreOptions
from ec2_backup.restore.watch import Looks, follow
from ec2_backup.watch import Clock
from tests.unit.restores import NOW, a_job, a_plan, restored

OPTIONS = RestoreOptions(deadline_minutes=60, checks_minutes=10, poll_seconds=30)
RUNNING = {"state": RestoreJobState.RUNNING, "created_arn": "", "completed_at": None}


@dataclass
class Sky:
    """AWS over time: each job is done after its minutes, and what it made is healthy some minutes later."""

    jobs: dict[int, float]
    checks: float = 3
    now: datetime = NOW
    looks: int = 0
    trouble: list[Exception] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(lambda: self.now, self._sleep)

    def _sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def at_jobs(self, jobs: Sequence[RestoreJob]) -> list[RestoreJob]:
        self.looks += 1
        if self.trouble:
            raise self.trouble.pop()
        return [self._job(job) for job in jobs]

    def _job(self, job: RestoreJob) -> RestoreJob:
        ends = NOW + timedelta(minutes=self.jobs[job.line])
        return a_job(line=job.line, completed_at=ends) if ends <= self.now else job

    def at_instances(self, jobs: Sequence[RestoreJob]) -> list[RestoredInstance]:
        found = []
        for job in jobs:
            healthy = self.now >= job.completed_at + timedelta(minutes=self.checks)
            check = "ok" if healthy else "initializing"
            found.append(restored(a_plan(line=job.line), seen_at=self.now, instance_check=check, system_check=check))
        return found


def followed(sky: Sky, options: RestoreOptions = OPTIONS):
    jobs = [a_job(line=line, **RUNNING) for line in sky.jobs]
    plans = {line: a_plan(line=line) for line in sky.jobs}
    return list(follow(plans, jobs, Looks(sky.at_jobs, sky.at_instances), options, sky.clock))


def test_each_job_is_yielded_when_it_is_over_and_then_its_instance_when_that_is_healthy():
    news = followed(Sky({1: 2, 2: 20}))

    assert [(type(one).__name__, one.line) for one in news] == [
        ("RestoreJob", 1),
        ("RestoredInstance", 1),
        ("RestoreJob", 2),
        ("RestoredInstance", 2),
    ]
    assert all(one.is_ready for one in news if isinstance(one, RestoredInstance))


def test_a_job_that_does_not_end_is_given_up_at_its_deadline_as_it_is():
    sky = Sky({1: 100_000})

    (job,) = followed(sky)

    assert job.state is RestoreJobState.RUNNING
    assert timedelta(minutes=60) <= sky.now - NOW < timedelta(minutes=62)


def test_an_instance_that_never_gets_healthy_is_given_up_at_its_deadline():
    sky = Sky({1: 2}, checks=100_000)

    _, instance = followed(sky)

    assert not instance.is_ready
    assert timedelta(minutes=12) <= sky.now - NOW < timedelta(minutes=14)


def test_an_instance_that_ec2_never_shows_is_absent():
    sky = Sky({1: 2})
    jobs = [a_job(**RUNNING)]

    news = list(follow({1: a_plan()}, jobs, Looks(sky.at_jobs, lambda _: []), OPTIONS, sky.clock))

    assert news[-1].instance.state == "absent"


def test_a_terminated_instance_is_not_waited_for():
    sky = Sky({1: 2})
    gone = replace(restored(a_plan(), state="terminated"), instance_check="", system_check="")

    news = list(follow({1: a_plan()}, [a_job(**RUNNING)], Looks(sky.at_jobs, lambda _: [gone]), OPTIONS, sky.clock))

    assert news[-1] == gone
    assert sky.now - NOW < timedelta(minutes=4)


def test_a_failed_job_is_followed_no_further():
    job = a_job(state=RestoreJobState.FAILED, created_arn="")

    assert list(follow({1: a_plan()}, [job], Looks(lambda _: [], lambda _: []), OPTIONS, Sky({}).clock)) == [job]


def test_a_job_that_the_looks_do_not_show_is_waited_for_all_the_same():
    sky = Sky({1: 2})
    looks = Looks(lambda jobs: sky.at_jobs(jobs) if sky.now > NOW + timedelta(minutes=5) else [], sky.at_instances)

    assert len(list(follow({1: a_plan()}, [a_job(**RUNNING)], looks, OPTIONS, sky.clock))) == 2


def test_trouble_that_passes_costs_a_look_and_other_trouble_ends_the_wait():
    passing = AwsError("backup:ListRestoreJobs", "ThrottlingException", "Rate exceeded", retryable=True)
    wrong = AuthenticationError("backup:ListRestoreJobs", "ExpiredToken", "expired")

    assert len(followed(Sky({1: 2}, trouble=[passing, passing]))) == 2
    for trouble in ([wrong], [passing] * 20):
        with pytest.raises(AwsError):
            followed(Sky({1: 2}, trouble=list(trouble)))


def test_looks_are_close_at_first_and_never_further_apart_than_asked_for():
    sky = Sky({1: 50})

    followed(sky)

    assert 50 * 60 / 30 <= sky.looks < 50 * 60 / 30 + 20
