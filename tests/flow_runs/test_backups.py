"""What the whole run does with jobs that are there already, that do not end, and with calls that fail."""

import boto3
import pytest

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import FrontDoor, eventually


def test_the_same_run_key_takes_a_run_up_again_and_starts_nothing_twice(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    first = door.run()
    run_key = first.report["run_key"]
    for path in first.folder.iterdir():
        path.unlink()

    second = door.run("--run-key", run_key)

    assert (first.code, second.code) == (0, 0), second.output
    assert len(aws.control.jobs()) == 2
    assert second.outcome_of(GOOD)["job"]["job_id"] in {job["id"] for job in aws.control.jobs()}


def start_by_hand(aws: Sandbox) -> str:
    client = boto3.client("backup", region_name=aws.region, endpoint_url=aws.url)
    role = f"arn:aws:iam::{aws.account}:role/service-role/AWSBackupDefaultServiceRole"
    arn = f"arn:aws:ec2:{aws.region}:{aws.account}:instance/{GOOD}"
    long = 1_000_000  # AWS's minutes pass while this machine is busy, and a job that may not start by then expires
    job = client.start_backup_job(
        BackupVaultName="EC2-Backup",
        ResourceArn=arn,
        IamRoleArn=role,
        StartWindowMinutes=long,
        CompleteWindowMinutes=long,
    )
    return str(job["BackupJobId"])


@pytest.fixture
def _credentials(aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.env.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_credentials")
def test_an_active_job_is_watched_instead_of_starting_a_second_one(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    aws.control.script(GOOD, {"duration_seconds": 150 * SPEED, "times": 1})
    job_id = start_by_hand(aws)
    process = door.start()
    eventually(door.log_so_far, lambda log: "1 found at AWS" in log)
    aws.control.advance(150)

    ended = door.ended(process)

    assert ended.code == 0, ended.output
    assert [job["id"] for job in aws.control.jobs()] == [job_id]
    assert ended.outcome_of(GOOD)["job"]["adopted"] is True


@pytest.mark.usefixtures("_credentials")
def test_an_active_job_is_only_reported_where_that_was_asked_for(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(GOOD, {"state": "CREATED"})
    job_id = start_by_hand(aws)

    ended = door.run("--on-active-job", "report")

    assert ended.code == 3, ended.output
    assert job_id in ended.outcome_of(GOOD)["failure"]["reason"]
    assert ended.outcome_of(OTHER)["verdict"] == "proven"
    assert len(aws.control.jobs()) == 2


def test_a_job_past_its_deadline_is_reported_as_running(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"state": "CREATED"})

    ended = door.run("--deadline-minutes", "0.1")

    assert ended.code == 3, ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert ended.outcome_of(OTHER)["verdict"] == "running"


def test_throttled_and_failing_calls_are_repeated_and_nothing_is_started_twice(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.fault("backup:StartBackupJob", "throttle", times=2)
    aws.control.fault("backup:StartBackupJob", "lost", times=1, skip=2)
    aws.control.fault("backup:ListBackupJobs", "truncate", times=1)
    aws.control.fault("ec2:DescribeVolumes", "error", times=1, status=503, code="Unavailable")

    ended = door.run()

    assert ended.code == 0, ended.output
    assert sorted(job["instance"] for job in aws.control.jobs()) == sorted([GOOD, OTHER])


def test_a_job_that_failed_for_a_passing_cause_is_started_once_more(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(GOOD, {"state": "FAILED", "cause": "image-throttled", "times": 1})
    aws.control.script(OTHER, {"state": "FAILED", "cause": "kms-disabled", "times": 1})

    ended = door.run()

    assert ended.code == 3, ended.output
    jobs = [job["instance"] for job in aws.control.jobs()]
    assert (jobs.count(GOOD), jobs.count(OTHER)) == (2, 1)
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert ended.outcome_of(OTHER)["verdict"] == "failed"
