"""Calls leave at the rate that AWS allows, are counted as AWS counts them, and stop waiting when told to."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from ec2_backup import calls, stop
from ec2_backup.aws import backup, cloudtrail, cloudwatch, ebs, evidence, iam, kms, logs, pace, sts, vault
from ec2_backup.errors import Interrupted
from ec2_backup.model import Target
from ec2_backup.watch import utc_now
from sandbox.fleet import Fleet
from tests.aws.backups import CALLER, HERE, ROLE, VAULT, client, ended, found, instance_id, planned, started


@pytest.fixture(scope="module")
def fleet():
    return Fleet.of_size(30)


@pytest.fixture
def quotas(sandbox):
    """AWS's own quotas, enforced there and kept here."""
    pace._quotas.clear()
    sandbox.control.switch(quotas=True)
    sandbox.control.clear_calls()


def throttled(sandbox) -> dict[str, int]:
    return {name: count["throttled"] for name, count in sandbox.control.calls().items() if count["throttled"]}


@pytest.mark.usefixtures("quotas")
def test_jobs_are_started_from_many_threads_without_ever_being_too_fast(sandbox):
    plans = planned(*(instance_id(number) for number in range(1, 13)), run_key="paced")
    sandbox.control.clear_calls()  # full buckets

    with ThreadPoolExecutor(6) as pool:
        jobs = [job for made in pool.map(backup.start_backup_jobs, [[plan] for plan in plans]) for job in made]

    assert len(jobs) == 12
    assert sandbox.control.calls()["backup:StartBackupJob"] == {"accepted": 12, "throttled": 0}


@pytest.mark.usefixtures("quotas")
def test_lists_lookups_and_looks_at_single_jobs_keep_their_own_rates(sandbox):
    (job,) = started(planned(instance_id(20), run_key="single"))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: backup.list_active_jobs(HERE), range(6)))
        list(pool.map(lambda _: backup.describe_backup_job(job), range(18)))
        list(pool.map(lambda _: cloudtrail.find_start_events([job], HERE), range(3)))

    assert throttled(sandbox) == {}
    assert sandbox.control.calls()["backup:ListBackupJobs"]["accepted"] == 24


@pytest.mark.usefixtures("quotas")
def test_a_log_group_is_read_at_the_rate_of_cloudwatch_logs(sandbox):
    client("logs").create_log_group(logGroupName="paced")
    arn, now = "arn:aws:logs:us-east-1:123456789012:log-group:paced:*", utc_now()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: list(logs.filter_log_events(arn, "Any", logs.Span(now, now), HERE, 1)), range(12)))

    assert throttled(sandbox) == {}
    assert sandbox.control.calls()["logs:FilterLogEvents"]["accepted"] == 12


@pytest.mark.usefixtures("quotas")
def test_an_account_whose_quota_was_raised_is_throttled_where_it_was_not(sandbox):
    plans = planned(*(instance_id(number) for number in range(21, 30)), run_key="raised")
    sandbox.control.clear_calls()
    pace.set_quota("StartBackupJob", 1000)
    earlier = calls.throttled()

    with ThreadPoolExecutor(9) as pool:
        jobs = [job for made in pool.map(backup.start_backup_jobs, [[plan] for plan in plans]) for job in made]

    counted = sandbox.control.calls()["backup:StartBackupJob"]
    assert len(jobs) == counted["accepted"] == 9
    assert counted["throttled"] > 0
    assert calls.throttled() - earlier == counted["throttled"]


def test_a_call_that_waits_for_its_turn_ends_when_the_run_is_stopped(sandbox):
    plans = planned(instance_id(1), instance_id(2), run_key="waiting")
    pace.set_quota("StartBackupJob", 0.01)  # the second call's turn comes in 100 seconds
    backup.start_backup_job(plans[0])
    sandbox.control.clear_calls()
    threading.Timer(0.1, stop.stop).start()

    with pytest.raises(Interrupted):
        backup.start_backup_job(plans[1])
    assert "backup:StartBackupJob" not in sandbox.control.calls()


def test_each_region_has_its_own_turns():
    pace.set_quota("ListBackupVaults", 0.01)

    for region in ("eu-north-1", "eu-south-1"):
        pace.wait_for_turn(region, "before-send.backup.ListBackupVaults")
    stop.stop()
    with pytest.raises(Interrupted):
        pace.wait_for_turn("eu-north-1", "before-send.backup.ListBackupVaults")


def test_services_without_a_tight_quota_never_wait():
    pace._quotas.clear()
    stop.stop()

    for _ in range(200):
        pace.wait_for_turn("us-east-1", "before-send.ec2.DescribeInstances")


def test_calls_are_counted_as_aws_counts_them_operation_by_operation(sandbox):
    plans = planned(*(instance_id(number) for number in range(1, 6)), run_key="counted")
    sandbox.control.clear_calls()
    earlier = calls.made()

    sts.get_caller_identity(HERE)
    role = iam.get_role(ROLE, HERE)
    checked = vault.check_vault(VAULT, 7, HERE)
    iam.check_permissions(CALLER, role, [checked.arn], HERE)
    instances = found(instance_id(1), instance_id(2))
    kms.check_keys(checked, instances)
    ebs.describe_volumes(instances, HERE)
    backup.find_jobs(VAULT, utc_now(), HERE)
    sandbox.control.fault(operation="StartBackupJob", kind="lost", times=1)
    jobs = ended(started(plans))
    evidence.verify_recovery_points(list(zip(plans, jobs, strict=True)), HERE)
    cloudtrail.find_start_events(jobs, HERE)
    cloudwatch.put_run_metrics(VAULT, {"BackupsProven": (5, "Count")}, HERE)
    vault.measure_vault_use(checked, Target(HERE.region))

    theirs = {name: count["accepted"] + count["throttled"] for name, count in sandbox.control.calls().items()}
    assert calls.since(earlier) == theirs
    assert theirs["backup:StartBackupJob"] == 6
