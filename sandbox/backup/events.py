"""What a change of a job's state leaves elsewhere: CloudTrail's service events and CloudWatch's counts."""

import json
from datetime import UTC, datetime
from typing import Any

from moto.cloudwatch.models import MetricDatum, cloudwatch_backends

from sandbox import trail
from sandbox.backup.jobs import Job

SOURCE = "backup.amazonaws.com"


def record_start(account: str, region: str, job: Job, start_window_minutes: int | None) -> None:
    """Record the call StartBackupJob, in CloudTrail's camelCase and with its way to write a date."""
    request = job.request
    parameters: dict[str, object] = {
        "backupVaultName": request.vault_name,
        "resourceArn": request.resource_arn,
        "iamRoleArn": request.role_arn,
    }
    if request.token:
        parameters["idempotencyToken"] = request.token
    if start_window_minutes is not None:
        parameters["startWindowMinutes"] = start_window_minutes
    if request.lifecycle:
        parameters["lifecycle"] = {"deleteAfterDays": request.delete_after_days}
    answer = {"backupJobId": job.job_id, "creationDate": american(job.created), "isParent": False}
    trail.record(
        account,
        region,
        "StartBackupJob",
        event_source=SOURCE,
        event_type="AwsApiCall",
        request_parameters=parameters,
        response_elements=answer,
        resources=[{"ResourceType": "AWS::Backup::BackupVault", "ResourceName": request.vault_arn}],
    )


def record_service_event(account: str, region: str, name: str, job: Job, at: datetime) -> None:
    """Record what AWS Backup did on its own: BackupJobStarted, BackupJobCompleted, RecoveryPointCreated."""
    details: dict[str, Any] = {
        "backupJobId": job.job_id,
        "state": job.state,
        "percentDone": 100 if job.state == "COMPLETED" else 0,
        "backupVaultName": job.request.vault_name,
        "backupVaultArn": job.request.vault_arn,
        "resourceArn": job.request.resource_arn,
        "resourceType": "EC2",
        "iamRoleArn": job.request.role_arn,
        "creationDate": instant(job.created),
    }
    if job.point:
        details["recoveryPointArn"] = job.point.arn
        details["backupSizeInBytes"] = job.size_bytes
    if job.is_final:
        details["completionDate"] = instant(at)
    if job.message:
        details["statusMessage"] = json.dumps(job.message)
    trail.record(
        account,
        region,
        name,
        event_source=SOURCE,
        event_type="AwsServiceEvent",
        service_event_details=details,
        resources=[{"ResourceType": "AWS::EC2::Instance", "ResourceName": job.request.resource_arn}],
    )


def count(account: str, region: str, metric: str, vault_name: str, at: datetime) -> None:
    """Add one to a metric of the namespace AWS/Backup; a count of nothing is never published, as at AWS."""
    dimensions = [{"Name": "BackupVaultName", "Value": vault_name}, {"Name": "ResourceType", "Value": "EC2"}]
    stamp = at.astimezone(UTC).replace(tzinfo=None)  # moto's CloudWatch knows only naive dates
    datum = MetricDatum("AWS/Backup", metric, 1.0, dimensions, stamp, "Count")
    cloudwatch_backends[account][region].metric_data.append(datum)


def american(moment: datetime) -> str:
    """Return a date as CloudTrail has it in what AWS Backup answers."""
    return f"{moment:%b} {moment.day}, {moment:%Y} {moment.hour % 12 or 12}:{moment:%M:%S %p}"


def instant(moment: datetime) -> dict[str, int]:
    """Return a date as CloudTrail has it in what AWS Backup tells on its own."""
    return {"seconds": int(moment.timestamp()), "nanos": moment.microsecond * 1000}
