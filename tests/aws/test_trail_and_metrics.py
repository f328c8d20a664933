"""Steps 10 and 11: what AWS's own books say of a run, and the figures that it leaves there."""

from datetime import timedelta

import pytest

from ec2_backup.aws.cloudtrail import find_start_events, to_audit_event
from ec2_backup.aws.cloudwatch import put_run_metrics
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.permissions import METRICS_NAMESPACE
from ec2_backup.watch import utc_now
from sandbox.fleet import Fleet
from tests.aws.backups import HERE, VAULT, client, instance_id, planned, started

MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def fleet():
    return Fleet.of_size(60)


@pytest.fixture(scope="module")
def speed():
    """CloudTrail's five minutes pass when a test says so."""
    return 1.0


def test_an_event_is_not_visible_at_first_and_then_names_who_started_the_job(sandbox):
    since = utc_now() - MINUTE
    jobs = started(planned(instance_id(1), instance_id(2), run_key="trail"))

    assert find_start_events(jobs, HERE) == ()
    sandbox.control.advance(301)
    events = find_start_events(jobs, HERE)

    assert {event.job_id for event in events} == {job.job_id for job in jobs}
    assert {event.username for event in events} == {"sandbox"}
    assert all(event.event_id and event.event_time >= since for event in events)


def test_only_events_of_the_jobs_asked_for_are_matched_and_reading_ends_with_the_last(sandbox):
    jobs = started(planned(*(instance_id(number) for number in range(3, 61)), run_key="pages"))
    sandbox.control.advance(301)
    sandbox.control.clear_calls()

    (event,) = find_start_events([jobs[-1]], HERE)

    assert event.job_id == jobs[-1].job_id
    assert sandbox.control.calls()["cloudtrail:LookupEvents"]["accepted"] == 1
    assert [event.job_id for event in find_start_events([jobs[0]], HERE)] == [jobs[0].job_id]
    assert len(find_start_events(jobs, HERE)) == 58


def test_a_call_that_was_refused_leaves_an_event_without_a_job():
    refused = '{"errorCode": "AccessDenied", "responseElements": null}'

    assert to_audit_event({"EventId": "1", "CloudTrailEvent": refused}) is None
    assert to_audit_event({"EventId": "1", "CloudTrailEvent": "no JSON"}) is None
    assert to_audit_event({"EventId": "1"}) is None
    assert to_audit_event({"EventId": "1", "CloudTrailEvent": "[]"}) is None


def test_an_event_of_a_service_has_no_user():
    made = {"EventId": "1", "EventTime": utc_now(), "CloudTrailEvent": '{"responseElements": {"backupJobId": "job"}}'}

    event = to_audit_event(made)

    assert event
    assert (event.job_id, event.username) == ("job", "")


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_a_trail_that_cannot_be_understood_is_not_an_empty_one(sandbox, kind):
    jobs = started(planned(instance_id(1), run_key=kind))
    sandbox.control.fault(operation="LookupEvents", kind=kind)

    with pytest.raises(AwsError) as caught:
        find_start_events(jobs, HERE)
    assert caught.value.code == "UnreadableAnswer"


def test_metrics_can_be_read_back_from_cloudwatch_by_vault():
    before = utc_now() - MINUTE
    put_run_metrics(VAULT, {"BackupsProven": (3, "Count"), "SlowestBackup": (61.5, "Seconds")}, HERE)

    cloudwatch = client("cloudwatch")
    read = {}
    for name in ("BackupsProven", "SlowestBackup"):
        (point,) = cloudwatch.get_metric_statistics(
            Namespace=METRICS_NAMESPACE,
            MetricName=name,
            Dimensions=[{"Name": "BackupVaultName", "Value": VAULT}],
            StartTime=before,
            EndTime=utc_now() + MINUTE,
            Period=3600,
            Statistics=["Sum"],
        )["Datapoints"]
        read[name] = (point["Sum"], point["Unit"])
    assert read == {"BackupsProven": (3.0, "Count"), "SlowestBackup": (61.5, "Seconds")}


def test_metrics_that_may_not_be_published_are_an_access_error(sandbox):
    sandbox.control.fault(operation="cloudwatch:PutMetricData", code="AccessDenied", message="not authorized")

    with pytest.raises(AccessError, match="cloudwatch:PutMetricData"):
        put_run_metrics(VAULT, {"BackupsProven": (3, "Count")}, HERE)
