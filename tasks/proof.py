"""Steps 10 (metrics), 11 and 12: what became of the jobs, in AWS's books and ours."""

from collections.abc import Sequence
from typing import Any, cast

from prefect import task

from ec2_backup.aws import cloudtrail, cloudwatch, evidence
from ec2_backup.metrics import to_metrics
from ec2_backup.model import BackupJob, PlannedBackup, Target, Vault
from ec2_backup.results import AuditEvent, Proof
from tasks.retrying import RETRYING


def _verify_name(parameters: dict[str, Any]) -> str:
    (_, first), *others = parameters["backups"]
    return f"12 verify {first.instance_id}" + (f" and {len(others)} more in {first.target}" if others else "")


@task(name="12 verify recovery points", task_run_name=cast("Any", _verify_name), **RETRYING)
def verify_recovery_points(target: Target, backups: Sequence[tuple[PlannedBackup, BackupJob]]) -> list[Proof]:
    """Compare recovery points of one Region, their images and snapshots with what was planned."""
    return evidence.verify_recovery_points(backups, target)


@task(name="11 match audit events", task_run_name="11 match audit events in {target}", **RETRYING)
def match_audit_events(target: Target, jobs: Sequence[BackupJob]) -> list[AuditEvent]:
    """Find CloudTrail's record of each job; one that is not visible yet is no failure."""
    return list(cloudtrail.find_start_events(jobs, target))


@task(name="10 publish metrics", task_run_name="10 publish metrics in {vault.target}", **RETRYING)
def publish_metrics(vault: Vault, proofs: Sequence[Proof], jobs: Sequence[BackupJob]) -> None:
    """Publish success, failure, duration and bytes of a Region's backups to CloudWatch."""
    cloudwatch.put_run_metrics(vault.name, to_metrics(proofs, jobs, vault.target), vault.target)
