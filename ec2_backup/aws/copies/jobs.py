"""Copy jobs: started one by one, found again, and looked at together, each where its recovery point is."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from ec2_backup.aws.session import call, pages
from ec2_backup.aws.starting import start_each
from ec2_backup.copies.advice import advise_copy
from ec2_backup.copies.model import CopyFailure, CopyJob, PlannedCopy
from ec2_backup.copies.plan import to_copy_request
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import Target
from ec2_backup.states import BackupJobState
from ec2_backup.stop import making
from ec2_backup.watch import Patience, watch

_MARGIN = timedelta(seconds=1)  # AWS's lists are asked for what came after a time, and show it to the millisecond


def start_copy_jobs(plans: Sequence[PlannedCopy]) -> list[CopyJob | CopyFailure]:
    """Start each planned copy; what AWS refuses for good, a denied call too, is the failure of that copy alone.

    Raises an AwsError that is passing, and AuthenticationError, after all had their turn.
    """
    return start_each(plans, start_copy_job, to_start_failure, _is_common)


def _is_common(error: AwsError) -> bool:
    return error.retryable or isinstance(error, AuthenticationError)


def to_start_failure(plan: PlannedCopy, error: AwsError) -> CopyFailure:
    """Return why this copy could not be started, in AWS's words."""
    key = plan.instance_id, plan.destination.arn
    advice = error.hint or advise_copy(error.said)
    return CopyFailure(*key, 6, f"no copy job was started: {error.message}", advice, error.code)


def start_copy_job(plan: PlannedCopy) -> CopyJob:
    """Start the planned copy and return its job, in state CREATED. Raises AwsError or Interrupted.

    The plan's idempotency token makes this safe to repeat: AWS returns the job that it already made.
    """
    with making():
        answer = call("backup", "start_copy_job", plan.target, key="CopyJobId", **to_copy_request(plan))
    return CopyJob(
        job_id=answer["CopyJobId"],
        instance_id=plan.instance_id,
        source_arn=plan.source.arn,
        destination_arn=plan.destination.arn,
        region=plan.region,
        state=BackupJobState.CREATED,
        created_at=answer["CreationDate"],
        access_role_arn=plan.access_role_arn,
    )


def list_copy_jobs(created_after: datetime, target: Target) -> list[CopyJob]:
    """Return all copy jobs of EC2 backups from one account and Region since then: one call for each 1,000 of them."""
    listed = pages(
        "backup",
        "list_copy_jobs",
        target,
        key="CopyJobs",
        ByResourceType="EC2",
        ByCreatedAfter=created_after - _MARGIN,
        PaginationConfig={"PageSize": 1000},
    )
    return [to_copy_job(job, target) for page in listed for job in page["CopyJobs"]]


def watch_copy_jobs(jobs: Mapping[str, CopyJob], patience: Patience) -> Iterator[list[CopyJob]]:
    """Yield copy jobs as they end, or as they stand when their deadline passes; `jobs` by key may grow meanwhile."""
    return watch(jobs, _look_at, describe_copy_job, patience, doing="copies finished")


def _look_at(jobs: Iterable[CopyJob]) -> list[CopyJob]:
    """Return all copy jobs of the places that these are in: one list for each, however many jobs."""
    oldest: dict[Target, datetime] = {}
    for job in jobs:
        oldest[job.target] = min(job.created_at, oldest.get(job.target, job.created_at))
    return [job for target in sorted(oldest) for job in list_copy_jobs(oldest[target], target)]


def describe_copy_job(job: CopyJob) -> CopyJob | None:
    """Return the job as it stands now, None where AWS does not know it (any more)."""
    try:
        answer = call("backup", "describe_copy_job", job.target, key="CopyJob", CopyJobId=job.job_id)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise
    return to_copy_job(answer["CopyJob"], job.target)


def to_copy_job(job: Mapping[str, Any], target: Target) -> CopyJob:
    """Return AWS's description of a job as a CopyJob; what a backup plan has made names it as its creator."""
    return CopyJob(
        job_id=job["CopyJobId"],
        instance_id=job["ResourceArn"].rpartition("/")[2],
        source_arn=job["SourceRecoveryPointArn"],
        destination_arn=job["DestinationBackupVaultArn"],
        region=target.region,
        state=BackupJobState(job["State"]),
        created_at=job["CreationDate"],
        completed_at=job.get("CompletionDate"),
        size_bytes=job.get("BackupSizeInBytes"),
        message=job.get("StatusMessage") or "",
        message_category=job.get("MessageCategory") or "",
        copy_arn=job.get("DestinationRecoveryPointArn"),
        adopted=bool(job.get("CreatedBy")),
        access_role_arn=target.role_arn,
    )
