"""A trail and its log group for the AWS CLI: one that it makes itself, and the one that `--trail` begins with."""

import json
import signal
import subprocess
import sys
import time
from dataclasses import dataclass

import pytest

from sandbox.fleet import Fleet
from sandbox.running import running
from tests.emulator.test_cli import ROOT, WEB, answer, aws

ACCOUNT, DELIVERY = "123456789012", 301
ROLE_ARN = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"


@dataclass
class Process:
    """A sandbox in a process of its own."""

    env: dict[str, str]


@pytest.fixture
def here():
    with running(fleet=Fleet((WEB,)), speed=1.0) as made:
        yield made


def test_the_aws_cli_makes_a_trail_and_reads_its_log_group(here):
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:trail"
    aws(here, "s3api", "create-bucket", "--bucket", "archive")
    aws(here, "logs", "create-log-group", "--log-group-name", "trail")
    create = ["cloudtrail", "create-trail", "--name", "management", "--s3-bucket-name", "archive"]
    answer(here, *create, "--cloud-watch-logs-log-group-arn", f"{group}:*")
    aws(here, "cloudtrail", "start-logging", "--name", "management")
    start = ["backup", "start-backup-job", "--backup-vault-name", "EC2-Backup", "--iam-role-arn", ROLE_ARN]
    job = answer(here, *start, "--resource-arn", f"arn:aws:ec2:us-east-1:{ACCOUNT}:instance/{WEB}")
    here.control.advance(DELIVERY)

    pattern = ["--filter-pattern", "{ $.eventName = StartBackupJob }"]
    found = answer(here, "logs", "filter-log-events", "--log-group-identifier", group, *pattern)["events"]

    jobs = [json.loads(event["message"])["responseElements"]["backupJobId"] for event in found]
    assert jobs == [job["BackupJobId"]]


def test_an_account_has_a_trail_where_the_sandbox_is_told_so_and_none_by_itself(here, tmp_path):
    ready = tmp_path / "ready.json"
    command = [sys.executable, "-m", "sandbox", "--trail", "--ready-file", str(ready)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.02)
        there = Process(json.loads(ready.read_text()))
        (trail,) = answer(there, "cloudtrail", "describe-trails")["trailList"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=20)

    assert answer(here, "cloudtrail", "describe-trails")["trailList"] == []
    group = f"arn:aws:logs:us-east-1:{ACCOUNT}:log-group:aws-cloudtrail-logs-{ACCOUNT}:*"
    assert trail["CloudWatchLogsLogGroupArn"] == group
    assert (trail["IsMultiRegionTrail"], trail["HomeRegion"]) == (True, "us-east-1")
