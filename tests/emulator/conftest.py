"""A sandbox for each test, at the speed of real AWS: time passes when a test says so."""

from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config

from sandbox.clock import CLOCK
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from sandbox.seeding import VAULT

ACCOUNT = "123456789012"
REGION = "us-east-1"
WEB, DATABASE = "i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2"
IDLE, DISKLESS = "i-0aaaaaaaaaaaaaaa3", "i-0aaaaaaaaaaaaaaa4"


@cache
def _client(service: str, url: str, **credentials: str) -> Any:
    config = Config(retries={"mode": "standard", "total_max_attempts": 1}, read_timeout=20)
    return boto3.client(service, endpoint_url=url, region_name=REGION, config=config, **credentials)


@dataclass(frozen=True)
class Aws:
    """boto3 clients of the sandbox, and the two or three calls that nearly every test makes."""

    sandbox: Sandbox
    web: str = WEB
    database: str = DATABASE
    idle: str = IDLE
    diskless: str = DISKLESS
    vault: str = VAULT
    role: str = f"arn:aws:iam::{ACCOUNT}:role/service-role/AWSBackupDefaultServiceRole"

    def client(self, service: str, **credentials: str) -> Any:
        keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing", **credentials}
        return _client(service, self.sandbox.url, **keys)

    @property
    def backup(self) -> Any:
        return self.client("backup")

    @property
    def ec2(self) -> Any:
        return self.client("ec2")

    def arn(self, instance_id: str) -> str:
        return f"arn:aws:ec2:{REGION}:{ACCOUNT}:instance/{instance_id}"

    def start(self, instance_id: str = WEB, **parameters: Any) -> str:
        """Start a backup job and return its id."""
        given = {"BackupVaultName": self.vault, "ResourceArn": self.arn(instance_id), "IamRoleArn": self.role}
        answer = self.backup.start_backup_job(**(given | parameters))
        return str(answer["BackupJobId"])

    def job(self, job_id: str) -> dict[str, Any]:
        return dict(self.backup.describe_backup_job(BackupJobId=job_id))

    def finished(self, instance_id: str = WEB, **parameters: Any) -> dict[str, Any]:
        """Start a job, let two hours pass and return what became of it."""
        job_id = self.start(instance_id, **parameters)
        CLOCK.advance(7200)
        return self.job(job_id)


@pytest.fixture
def aws():
    """A fresh AWS: two running instances, one stopped, one without EBS; a vault, its key, the role of AWS Backup."""
    fleet = Fleet((WEB, DATABASE, IDLE)).in_state(IDLE, "stopped").instance_store_root(DISKLESS)
    with running(speed=1.0, fleet=fleet) as sandbox:
        yield Aws(sandbox)
