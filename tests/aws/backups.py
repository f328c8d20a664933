"""The way of an instance to its backup, as the run goes it, in as few lines as a test needs."""

import time
from collections.abc import Iterable
from typing import Any

import boto3

from ec2_backup.aws import backup, ebs, ec2, iam, vault
from ec2_backup.bell import Bell
from ec2_backup.model import BackupJob, Caller, Destination, Instance, InventoryRow, PlannedBackup, Target
from ec2_backup.plan import plan_backups
from ec2_backup.settings import BackupRequest
from ec2_backup.watch import Patience

ACCOUNT = "123456789012"
REGION = "us-east-1"
HERE = Target(REGION)
CALLER = Caller(ACCOUNT, f"arn:aws:sts::{ACCOUNT}:assumed-role/BackupOperator/sandbox")
VAULT = "EC2-Backup"
ROLE = "AWSBackupDefaultServiceRole"
BACKUP_TRUST = {
    "Version": "2012-10-17",
    "Statement": {"Effect": "Allow", "Principal": {"Service": "backup.amazonaws.com"}, "Action": "sts:AssumeRole"},
}


def client(service: str, **credentials: str) -> Any:
    """Return a client that is none of ours, for what a test sets up or looks up by itself."""
    return boto3.Session().client(service, region_name=REGION, **credentials)  # type: ignore[call-overload]


def instance_id(number: int) -> str:
    """Return the id of an instance of `Fleet.of_size`."""
    return f"i-0{number:016x}"


def found(*ids: str) -> tuple[Instance, ...]:
    """Return instances of the sandbox with their volumes."""
    rows = [InventoryRow(line, key, REGION) for line, key in enumerate(ids, 2)]
    instances = [one for one in ec2.validate_instances(rows, CALLER, HERE) if isinstance(one, Instance)]
    return ebs.describe_volumes(instances, HERE)


def planned(*ids: str, run_key: str = "run-1", **parameters: Any) -> list[PlannedBackup]:
    """Return the plans for instances of the sandbox."""
    request = BackupRequest(**parameters)
    destination = Destination(vault.describe_backup_vault(request.vault, HERE), iam.get_role(request.role, HERE))
    made = plan_backups(found(*ids), {HERE: destination}, {}, request, run_key)
    return [one for one in made if isinstance(one, PlannedBackup)]


def started(plans: list[PlannedBackup]) -> list[BackupJob]:
    """Start the plans and return their jobs."""
    return [one for one in backup.start_backup_jobs(plans) if isinstance(one, BackupJob)]


def watched(jobs: Iterable[BackupJob], patience: Patience) -> list[BackupJob]:
    """Return the jobs as a watch yields them, in the order that they were given in."""
    given = {job.instance_id: job for job in jobs}
    over = {job.instance_id: job for some in backup.watch_backup_jobs(given, patience, Bell()) for job in some}
    return [over[key] for key in given]


def ended(jobs: list[BackupJob]) -> list[BackupJob]:
    """Return the jobs as AWS shows them once all of them have ended."""
    while True:
        now = [backup.describe_backup_job(job) for job in jobs]
        known = [job for job in now if job]
        if all(job.state.is_final for job in known):
            return known
        time.sleep(0.01)
