"""What restore and copy jobs leave in CloudTrail: the calls that start them, service events, and the launch in EC2."""

import json
from datetime import datetime
from typing import Any

from sandbox import identity, trail
from sandbox.backup import roles
from sandbox.backup.copyjobs import CopyJob
from sandbox.backup.events import SOURCE, american, instant
from sandbox.backup.jobs import RESOURCE_TYPE
from sandbox.backup.restorejobs import RestoreJob

HIDDEN = "HIDDEN_DUE_TO_SECURITY_REASONS"
"""What CloudTrail has in place of a parameter that AWS's model of the API marks as sensitive."""


def record_restore_start(account: str, region: str, job: RestoreJob) -> None:
    """Record the call StartRestoreJob; its metadata are not shown."""
    parameters: dict[str, object] = {"recoveryPointArn": job.point.arn, "metadata": HIDDEN, "iamRoleArn": job.role_arn}
    if job.token:
        parameters["idempotencyToken"] = job.token
    if job.copies_tags:
        parameters["copySourceTagsToRestoredResource"] = True
    _record_call(account, region, "StartRestoreJob", parameters, {"restoreJobId": job.job_id}, job.point.arn)


def record_copy_start(account: str, region: str, job: CopyJob) -> None:
    """Record the call StartCopyJob."""
    request = job.request
    parameters: dict[str, object] = {
        "recoveryPointArn": job.source.arn,
        "sourceBackupVaultName": job.source.vault_name,
        "destinationBackupVaultArn": request.destination.arn,
        "iamRoleArn": request.role_arn,
    }
    if request.token:
        parameters["idempotencyToken"] = request.token
    if request.delete_after_days:
        parameters["lifecycle"] = {"deleteAfterDays": request.delete_after_days}
    answer = {"copyJobId": job.job_id, "creationDate": american(job.created), "isParent": False}
    _record_call(account, region, "StartCopyJob", parameters, answer, job.source.arn)


def record_restore(account: str, region: str, name: str, job: RestoreJob, at: datetime) -> None:
    """Record what AWS Backup did on its own: RestoreStarted, RestoreCompleted."""
    details = {
        "restoreJobId": job.job_id,
        "recoveryPointArn": job.point.arn,
        "status": job.state,
        "iamRoleArn": job.role_arn,
        "createdResourceArn": job.created_arn or None,
        "percentDone": 100 if job.state == "COMPLETED" else 0,
    }
    _record_event(account, region, name, job, details, at)


def record_copy(account: str, region: str, name: str, job: CopyJob, at: datetime) -> None:
    """Record what AWS Backup did on its own: CopyJobStarted, CopyJobCompleted."""
    details = {
        "copyJobId": job.job_id,
        "state": job.state,
        "iamRoleArn": job.request.role_arn,
        "sourceBackupVaultArn": job.source.vault_arn,
        "sourceRecoveryPointArn": job.source.arn,
        "destinationBackupVaultArn": job.request.destination.arn,
        "destinationRecoveryPointArn": job.destination_arn or None,
        "resourceArn": job.source.resource_arn,
    }
    _record_event(account, region, name, job, details, at)


def record_launch(account: str, region: str, job: RestoreJob) -> None:
    """Record the RunInstances that AWS Backup calls as the restore's role."""
    instance = job.instance
    if instance is None:
        return
    token = identity.CURRENT.set(roles.session(job.role_arn))
    try:
        trail.record(
            account,
            region,
            "RunInstances",
            event_source="ec2.amazonaws.com",
            event_type="AwsApiCall",
            request_parameters={"imageId": instance.image_id, "instanceType": instance.instance_type},
            response_elements={"instancesSet": {"items": [{"instanceId": instance.id}]}},
            resources=[{"ResourceType": "AWS::EC2::Instance", "ResourceName": instance.id}],
        )
    finally:
        identity.CURRENT.reset(token)


def _record_call(
    account: str, region: str, name: str, parameters: dict[str, Any], answer: dict[str, Any], point_arn: str
) -> None:
    trail.record(
        account,
        region,
        name,
        event_source=SOURCE,
        event_type="AwsApiCall",
        request_parameters=parameters,
        response_elements=answer,
        resources=[{"ResourceType": "AWS::Backup::RecoveryPoint", "ResourceName": point_arn}],
    )


def _record_event(
    account: str, region: str, name: str, job: RestoreJob | CopyJob, details: dict[str, Any], at: datetime
) -> None:
    details |= {"resourceType": RESOURCE_TYPE, "creationDate": instant(job.created)}
    details["completionDate"] = instant(at) if job.completed else None
    details["statusMessage"] = json.dumps(job.message) if job.message else None
    trail.record(
        account,
        region,
        name,
        event_source=SOURCE,
        event_type="AwsServiceEvent",
        service_event_details={key: value for key, value in details.items() if value is not None},
        resources=[{"ResourceType": "AWS::EC2::Instance", "ResourceName": job.resource_arn}],
    )
