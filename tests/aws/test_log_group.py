"""Step 11 for a large fleet: a trail's log group is read, and the event history where that does not do."""

from datetime import timedelta

import pytest

from ec2_backup import calls
from ec2_backup.aws import pace
from ec2_backup.aws.cloudtrail import FEW, find_start_events
from ec2_backup.errors import AuthenticationError
from ec2_backup.listener import listening
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.aws.backups import HERE, client, instance_id, planned, started
from tests.unit.test_narration import Ear

DELIVERY, MINUTE = 301, timedelta(minutes=1)
GROUP, BUCKET = "aws-cloudtrail-logs-123456789012", "aws-cloudtrail-logs-123456789012"
ABSENT = {"code": "ResourceNotFoundException", "message": "The specified log group does not exist."}
DENIED = {"code": "AccessDeniedException", "message": "not authorized to perform: logs:FilterLogEvents"}


@pytest.fixture(scope="module")
def fleet():
    return Fleet.of_size(FEW + 20)


@pytest.fixture(scope="module")
def speed():
    """CloudTrail's five minutes pass when a test says so."""
    return 1.0


@pytest.fixture(scope="module")
def serving(fleet, speed):
    return running(speed=speed, fleet=fleet, trail=True)


@pytest.fixture
def trails():
    """CloudTrail, whose trail records everything again after a test has changed that."""
    cloudtrail = client("cloudtrail")
    yield cloudtrail
    cloudtrail.put_event_selectors(TrailName="management-events", EventSelectors=[{"ReadWriteType": "All"}])
    cloudtrail.start_logging(Name="management-events")


def many(run_key):
    """Start jobs of more instances than the event history shows in two pages."""
    return started(planned(*(instance_id(number) for number in range(1, FEW + 2)), run_key=run_key))


@pytest.fixture(scope="module")
def jobs(sandbox):
    """Jobs whose events CloudTrail has delivered."""
    pace.set_quota("StartBackupJob", 1000)
    made = many("delivered")
    sandbox.control.advance(DELIVERY)
    return made


def audited(sandbox, jobs):
    """Return the events that are found, with the calls that it took and what was told."""
    sandbox.control.clear_calls()
    ear, earlier = Ear(), calls.made()
    with listening(ear):
        events = find_start_events(jobs, HERE)
    made, theirs = calls.since(earlier), sandbox.control.calls()
    assert all(made[name] == one["accepted"] + one["throttled"] for name, one in theirs.items())
    return events, made, [line.text for line in ear.heard]


def test_the_events_of_many_jobs_come_from_the_log_group_in_two_calls(sandbox, jobs):
    events, made, told = audited(sandbox, jobs)

    assert {event.job_id for event in events} == {job.job_id for job in jobs}
    assert made == {"cloudtrail:DescribeTrails": 1, "logs:FilterLogEvents": 1}
    assert told == []


def test_an_event_of_the_log_group_says_the_same_as_that_of_the_event_history(jobs):
    by_group = {event.job_id: event for event in find_start_events(jobs, HERE)}
    by_history = find_start_events(jobs[:FEW], HERE)

    assert [by_group[event.job_id] for event in by_history] == list(by_history)
    assert len(by_history) == FEW


def test_few_jobs_are_looked_up_without_a_thought_of_trails(sandbox, jobs):
    events, made, _ = audited(sandbox, jobs[:FEW])

    assert len(events) == FEW
    assert set(made) == {"cloudtrail:LookupEvents"}


def test_empty_pages_do_not_end_the_reading(sandbox, jobs):
    sandbox.control.switch(empty_log_pages=2)

    events, made, _ = audited(sandbox, jobs)

    assert len(events) == len(jobs)
    assert made["logs:FilterLogEvents"] == 3
    assert "cloudtrail:LookupEvents" not in made


def test_a_group_that_answers_with_one_empty_page_after_another_costs_no_more_calls_than_the_history_would(
    sandbox, jobs
):
    sandbox.control.switch(empty_log_pages=1000)

    events, made, _ = audited(sandbox, jobs)

    assert len(events) == len(jobs)
    assert made == {"cloudtrail:DescribeTrails": 1, "logs:FilterLogEvents": 3, "cloudtrail:LookupEvents": 3}


def test_events_that_nobody_shows_yet_are_told_and_no_failure(sandbox):
    jobs = many("young")

    events, made, told = audited(sandbox, jobs)

    assert events == ()
    assert told == [f"{len(jobs)} events not yet visible in CloudTrail, which shows them minutes late"]
    assert made == {"cloudtrail:DescribeTrails": 1, "logs:FilterLogEvents": 1, "cloudtrail:LookupEvents": 1}


def test_what_the_group_lacks_is_looked_up_in_the_time_of_those_jobs_alone(sandbox, trails):
    early = started(planned(*(instance_id(number) for number in range(1, FEW)), run_key="early"))
    sandbox.control.advance(DELIVERY)
    client("logs").filter_log_events(logGroupName=GROUP)  # what is there by now is delivered
    trails.stop_logging(Name="management-events")
    late = started(planned(*(instance_id(number) for number in range(FEW, FEW + 5)), run_key="late"))
    sandbox.control.advance(DELIVERY)

    events, made, _ = audited(sandbox, [*early, *late])

    assert {event.job_id for event in events} == {job.job_id for job in (*early, *late)}
    assert made == {"cloudtrail:DescribeTrails": 1, "logs:FilterLogEvents": 1, "cloudtrail:LookupEvents": 1}


@pytest.mark.parametrize(
    ("operation", "fault", "said"),
    [
        ("FilterLogEvents", DENIED, "not authorized"),
        ("FilterLogEvents", ABSENT, "does not exist"),
        ("FilterLogEvents", {"kind": "corrupt"}, "FilterLogEvents"),
        ("FilterLogEvents", {"kind": "truncate"}, "FilterLogEvents"),
        ("DescribeTrails", DENIED, "not authorized"),
    ],
)  # fmt: skip
def test_a_group_that_cannot_be_read_is_noted_and_the_event_history_has_it_all(sandbox, jobs, operation, fault, said):
    sandbox.control.fault(operation=operation, **fault)

    events, made, told = audited(sandbox, jobs)

    assert len(events) == len(jobs)
    assert made["cloudtrail:LookupEvents"] == 3
    (note,) = told
    assert "the event history" in note
    assert said in note


def test_an_expired_session_is_no_group_that_cannot_be_read(sandbox, jobs):
    sandbox.control.fault(operation="FilterLogEvents", kind="expired")

    with pytest.raises(AuthenticationError):
        find_start_events(jobs, HERE)


def test_a_trail_without_calls_that_change_something_costs_one_empty_page(sandbox, trails):
    selector = {"ReadWriteType": "ReadOnly", "IncludeManagementEvents": True}
    trails.put_event_selectors(TrailName="management-events", EventSelectors=[selector])
    jobs = many("unrecorded")
    sandbox.control.advance(DELIVERY)

    events, made, told = audited(sandbox, jobs)

    assert len(events) == len(jobs)
    assert made == {"cloudtrail:DescribeTrails": 1, "logs:FilterLogEvents": 1, "cloudtrail:LookupEvents": 3}
    assert told == []
