"""Restore jobs: started, found again, and looked at together."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ec2_backup.aws.ec2 import by_filter, to_tags
from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Target
from ec2_backup.restore.jobs import RestoreJob, RestoreJobState
from ec2_backup.restore.model import PlannedRestore, RestoreFailure
from ec2_backup.restore.plan import RUN_TAG
from ec2_backup.restore.trouble import advise
from ec2_backup.stop import making

_MARGIN = timedelta(seconds=1)  # AWS's lists are asked for what came after a time, and show it to the millisecond


def start_restore_job(plan: PlannedRestore) -> RestoreJob | RestoreFailure:
    """Start the planned restore, or say why AWS refused it for good. Raises an AwsError that is passing.

    The plan's idempotency token makes this safe to repeat: AWS returns the job that it already made.
    """
    target = plan.point.target
    try:
        with making():
            answer = call(
                "backup",
                "start_restore_job",
                target,
                key="RestoreJobId",
                RecoveryPointArn=plan.point.arn,
                Metadata=dict(plan.metadata),
                IamRoleArn=plan.role_arn,
                IdempotencyToken=plan.idempotency_token,
                ResourceType="EC2",
                CopySourceTagsToRestoredResource=plan.copies_tags,
            )
    except (AuthenticationError, AccessError):
        raise
    except AwsError as error:
        if error.retryable:
            raise
        advice = error.hint or advise(error.said)
        return RestoreFailure(plan.row.line, f"no restore job was started: {error.message}", advice)
    # The answer has the job's id alone: until a look shows the job, it counts from now.
    now = datetime.now(UTC)
    return RestoreJob(
        job_id=answer["RestoreJobId"],
        line=plan.row.line,
        recovery_point_arn=plan.point.arn,
        region=target.region,
        state=RestoreJobState.PENDING,
        created_at=now,
        access_role_arn=target.role_arn,
    )


def find_own_jobs(plans: Sequence[PlannedRestore], since: datetime, run_key: str) -> Iterator[RestoreJob]:
    """Yield the job that AWS has of each of these plans, created since the run began: those that it had started.

    AWS shows no token, so a job is known by its recovery point and its metadata, and by the instance that it made: one
    that bears the name of another run is another run's.
    """
    for target in sorted({plan.point.target for plan in plans}):
        there = [plan for plan in plans if plan.point.target == target]
        yield from _find_own_jobs(there, since, run_key, target)


def _find_own_jobs(
    plans: Sequence[PlannedRestore], since: datetime, run_key: str, target: Target
) -> Iterator[RestoreJob]:
    wanted = {plan.point.arn for plan in plans}
    listed = [job for job in list_restore_jobs(since - _MARGIN, target) if job["RecoveryPointArn"] in wanted]
    foreign = _of_other_runs([job["CreatedResourceArn"] for job in listed if job.get("CreatedResourceArn")],
                             run_key, target)  # fmt: skip
    free = sorted((job for job in listed if job.get("CreatedResourceArn") not in foreign), key=_created)
    for plan in plans:
        own = next((job for job in free if _carries_out(job, plan, target)), None)
        if own:
            free.remove(own)
            yield to_restore_job(own, plan.row.line, target)


def look_at(jobs: Sequence[RestoreJob], since: datetime) -> list[RestoreJob]:
    """Return the jobs as they are now: one list for each Region, and a call for each job that it does not show."""
    targets = sorted({job.target for job in jobs})
    listed = {job["RestoreJobId"]: job for target in targets for job in list_restore_jobs(since - _MARGIN, target)}
    seen = ((job, listed.get(job.job_id) or _describe(job)) for job in jobs)
    return [to_restore_job(answer, job.line, job.target) for job, answer in seen if answer]


def _describe(job: RestoreJob) -> Mapping[str, Any] | None:
    try:
        return call("backup", "describe_restore_job", job.target, key="Status", RestoreJobId=job.job_id)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":  # AWS's lists and answers lag behind a new job
            return None
        raise


def list_restore_jobs(since: datetime, target: Target) -> list[Mapping[str, Any]]:
    """Return all restore jobs of EC2 instances that were created since then, as AWS describes them."""
    listed = pages("backup", "list_restore_jobs", target, key="RestoreJobs", ByCreatedAfter=since, ByResourceType="EC2",
                   PaginationConfig={"PageSize": 1000})  # fmt: skip
    return [job for page in listed for job in page["RestoreJobs"]]


def _created(job: Mapping[str, Any]) -> datetime:
    created: datetime = job["CreationDate"]
    return created


def _carries_out(job: Mapping[str, Any], plan: PlannedRestore, target: Target) -> bool:
    if job["RecoveryPointArn"] != plan.point.arn:
        return False
    try:
        answer = call("backup", "get_restore_job_metadata", target, key="Metadata", RestoreJobId=job["RestoreJobId"])
    except AccessError:
        return True  # its recovery point is all there is to know it by
    return bool(plan.metadata.items() <= answer["Metadata"].items())


def _of_other_runs(arns: Sequence[str], run_key: str, target: Target) -> set[str]:
    named = {arn.rpartition("/")[2]: arn for arn in arns}
    found = by_filter("describe_instances", "Reservations", "instance-id", list(named), target)
    runs = {
        named[one["InstanceId"]]: to_tags(one.get("Tags", ())).get(RUN_TAG, run_key)
        for reservation in found
        for one in reservation["Instances"]
    }
    return {arn for arn, key in runs.items() if key != run_key}


def to_restore_job(job: Mapping[str, Any], line: int, target: Target) -> RestoreJob:
    """Return AWS's description of a job as a RestoreJob; `line` is the row that it is for."""
    return RestoreJob(
        job_id=job["RestoreJobId"],
        line=line,
        recovery_point_arn=job["RecoveryPointArn"],
        region=target.region,
        state=RestoreJobState(job["Status"]),
        created_at=job["CreationDate"],
        completed_at=job.get("CompletionDate"),
        percent_done=float(str(job.get("PercentDone") or "0").rstrip("%")),
        message=job.get("StatusMessage") or "",
        created_arn=job.get("CreatedResourceArn") or "",
        access_role_arn=target.role_arn,
    )
