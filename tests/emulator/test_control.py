"""The sandbox as tests and demonstrations steer it, over HTTP from anywhere."""

import json
from datetime import timedelta
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from sandbox.clock import CLOCK
from sandbox.control import Control


def test_all_jobs_ever_made_are_listed_with_their_instances_and_tokens(aws):
    first = aws.start(aws.web, IdempotencyToken="run-1-web")
    second = aws.start(aws.database, IdempotencyToken="run-1-db")
    jobs = aws.sandbox.control.jobs()

    assert [(job["id"], job["instance"], job["token"]) for job in jobs] == [
        (first, aws.web, "run-1-web"),
        (second, aws.database, "run-1-db"),
    ]
    assert {(job["account"], job["region"]) for job in jobs} == {("123456789012", "us-east-1")}
    assert aws.sandbox.control.jobs(region="eu-west-1") == []


def test_an_outcome_is_scripted_for_one_instance(aws):
    aws.sandbox.control.script(aws.web, {"state": "FAILED", "message": "No luck."})

    assert aws.finished(aws.web)["State"] == "FAILED"
    assert aws.finished(aws.database)["State"] == "COMPLETED"


def test_an_outcome_that_cannot_be_meant_is_refused(aws):
    with pytest.raises(ValueError, match="state must be one of"):
        aws.sandbox.control.script(aws.web, {"state": "LOST"})


def test_time_is_moved_from_outside(aws):
    before = CLOCK.now()
    aws.sandbox.control.advance(3600)

    assert timedelta(0) <= CLOCK.now() - before - timedelta(hours=1) < timedelta(minutes=1)
    with pytest.raises(ValueError, match="time does not go back"):
        aws.sandbox.control.advance(-1)


def test_the_speed_can_be_asked_for(aws):
    assert aws.sandbox.control.speed() == 1.0


def test_a_switch_that_does_not_exist_is_refused(aws):
    with pytest.raises(ValueError, match="there is no switch 'light'"):
        aws.sandbox.control.switch(light="on")


def test_calls_are_counted_and_counting_begins_anew(aws):
    aws.backup.list_backup_jobs()
    aws.backup.list_backup_jobs()
    aws.ec2.describe_instances()
    counted = aws.sandbox.control.calls()
    aws.sandbox.control.clear_calls()

    assert counted["backup:ListBackupJobs"] == {"accepted": 2, "throttled": 0}
    assert counted["ec2:DescribeInstances"]["accepted"] == 1
    assert aws.sandbox.control.calls() == {}


def test_faults_tell_how_often_they_struck(aws):
    aws.sandbox.control.fault("ListBackupVaults", "delay", times=1)
    aws.backup.list_backup_vaults()

    (fault,) = aws.sandbox.control.faults()

    assert (fault["operation"], fault["kind"], fault["struck"]) == ("ListBackupVaults", "delay", 1)


def test_any_http_client_can_look(aws):
    aws.start(aws.web)
    with urlopen(f"{aws.sandbox.url}/_sandbox/jobs") as answer:
        jobs = json.load(answer)

    assert jobs[0]["instance"] == aws.web


def test_an_action_that_does_not_exist_names_those_that_do(aws):
    with pytest.raises(HTTPError) as refused:
        urlopen(f"{aws.sandbox.url}/_sandbox/explode")

    assert "advance, calls, clear_calls" in refused.value.read().decode()


def test_a_second_client_sees_the_same_sandbox(aws):
    Control(aws.sandbox.url).fault("ListBackupJobs", "throttle")

    assert len(aws.sandbox.control.faults()) == 1
