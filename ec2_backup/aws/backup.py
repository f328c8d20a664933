"""Steps 6 and 10: backup jobs, started one by one and looked at together."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from ec2_backup.adoption import Adoption, sort_jobs
from ec2_backup.advice import advise
from ec2_backup.aws.session import call, pages
from ec2_backup.aws.starting import start_each
from ec2_backup.bell import Bell
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import BackupJob, PlannedBackup, Target
from ec2_backup.plan import to_start_request
from ec2_backup.results import Failure
from ec2_backup.states import BackupJobState
from ec2_backup.stop import making
from ec2_backup.watch import Clock, Patience, watch

_MARGIN = timedelta(seconds=1)  # AWS's lists are asked for what came after a time, and show it to the millisecond
ACTIVE = (BackupJobState.CREATED, BackupJobState.PENDING, BackupJobState.RUNNING, BackupJobState.ABORTING)


def start_backup_jobs(plans: Sequence[PlannedBackup]) -> list[BackupJob | Failure]:
    """Start each planned backup; what AWS refuses for good is a Failure of that instance alone.

    Raises an AwsError that is passing, or that concerns more than this instance, after all had their turn: a
    repetition is safe, since each plan's idempotency token gives the job that it already made.
    """
    return start_each(plans, start_backup_job, to_start_failure, _is_common)


def _is_common(error: AwsError) -> bool:
    return error.retryable or isinstance(error, (AccessError, AuthenticationError))


def to_start_failure(plan: PlannedBackup, error: AwsError) -> Failure:
    """Return why this instance's job could not be started, in AWS's words."""
    advice = error.hint or advise(error.said)
    return Failure(plan.instance.instance_id, 6, f"no job was started: {error.message}", advice, error.code)


def start_backup_job(plan: PlannedBackup) -> BackupJob:
    """Start the planned backup and return its job, in state CREATED. Raises AwsError or Interrupted.

    The plan's idempotency token makes this safe to repeat: AWS returns the job that it already made.
    """
    target = plan.instance.target
    with making():
        answer = call("backup", "start_backup_job", target, key="BackupJobId", **to_start_request(plan))
    return BackupJob(
        job_id=answer["BackupJobId"],
        instance_id=plan.instance.instance_id,
        region=target.region,
        vault_name=plan.vault_name,
        state=BackupJobState.CREATED,
        created_at=answer["CreationDate"],
        access_role_arn=target.role_arn,
    )


def list_backup_jobs(vault_name: str, created_after: datetime, target: Target) -> tuple[BackupJob, ...]:
    """Return all EC2 jobs of a vault created since then, in any state: one call for each 1,000 of them."""
    return _list(target, ByBackupVaultName=vault_name, ByCreatedAfter=created_after)


def find_jobs(vault_name: str, began_at: datetime | None, target: Target) -> Adoption:
    """Return the jobs that are at AWS already: this run's own since it began, and whatever is active in any vault.

    A run that begins now (`began_at` None) has none of its own: what is there belongs to another run, even one that
    began in the same second. Nor is a job that a backup plan made, whenever and wherever it was made.
    """
    own = _list_on_demand(vault_name, began_at, target) if began_at else ()
    return sort_jobs(own, list_active_jobs(target), began_at)


def find_own_jobs(plans: Sequence[PlannedBackup], began_at: datetime) -> list[BackupJob]:
    """Return the jobs that AWS has of these plans, created since the run began: those whose answer never arrived."""
    places = sorted({(plan.instance.target, plan.vault_name) for plan in plans})
    wanted = {plan.instance.instance_id for plan in plans}
    return [
        job
        for target, vault_name in places
        for job in _own_jobs(vault_name, began_at, target)
        if job.instance_id in wanted
    ]


def _own_jobs(vault_name: str, began_at: datetime, target: Target) -> Iterable[BackupJob]:
    return sort_jobs(_list_on_demand(vault_name, began_at, target), (), began_at).own.values()


def _list_on_demand(vault_name: str, created_after: datetime, target: Target) -> tuple[BackupJob, ...]:
    return _list(target, is_wanted=_is_on_demand, ByBackupVaultName=vault_name, ByCreatedAfter=created_after)


def list_active_jobs(target: Target) -> tuple[BackupJob, ...]:
    """Return the EC2 jobs of all vaults that have not ended, whatever their age."""
    return tuple(job for state in ACTIVE for job in _list(target, ByState=state.value))


def stop_backup_job(job: BackupJob) -> None:
    """Ask AWS Backup to stop the job; it ends as ABORTED some time later."""
    call("backup", "stop_backup_job", job.target, BackupJobId=job.job_id)


def stop_backup_jobs(jobs: Iterable[BackupJob]) -> Iterator[BackupJob | Failure]:
    """Stop each job, and yield it as ABORTING with a Failure that says so, or why it goes on.

    Raises AuthenticationError.
    """
    for job in jobs:
        try:
            stop_backup_job(job)
        except AuthenticationError:
            raise
        except AwsError as error:
            yield Failure(job.instance_id, 10, f"job {job.job_id} could not be stopped: {error.message}", error.hint)
        else:
            yield replace(job, state=BackupJobState.ABORTING)
            reason = f"job {job.job_id} was told to stop, because the run was interrupted"
            yield Failure(job.instance_id, 10, reason, "Run again for this instance.")


def _is_on_demand(job: Mapping[str, Any]) -> bool:
    return not job.get("CreatedBy")  # "the backup plan used to create it" (AWS Backup API reference, BackupJob)


def _list(
    target: Target, *, is_wanted: Callable[[Mapping[str, Any]], bool] = bool, **filters: Any
) -> tuple[BackupJob, ...]:
    listed = pages(
        "backup",
        "list_backup_jobs",
        target,
        key="BackupJobs",
        ByResourceType="EC2",
        PaginationConfig={"PageSize": 1000},
        **filters,
    )
    return tuple(to_backup_job(job, target) for page in listed for job in page["BackupJobs"] if is_wanted(job))


def look_at(jobs: Iterable[BackupJob]) -> list[BackupJob]:
    """Return all jobs of the vaults that these jobs are in: one list for each, however many jobs."""
    jobs = list(jobs)
    places = sorted({(job.target, job.vault_name) for job in jobs})
    return [
        job
        for target, vault_name in places
        for job in list_backup_jobs(vault_name, _oldest(jobs, target) - _MARGIN, target)
    ]


def _oldest(jobs: Iterable[BackupJob], target: Target) -> datetime:
    return min(job.created_at for job in jobs if job.target == target)


def watch_backup_jobs(jobs: Mapping[str, BackupJob], patience: Patience, bell: Bell) -> Iterator[list[BackupJob]]:
    """Yield jobs as they end, or as they stand when their deadline passes; `jobs` by instance id may grow meanwhile.

    Where the bell rings between two looks, it yields an empty list.
    """
    return watch(jobs, look_at, describe_backup_job, patience, Clock(sleep=bell.sleep))


def describe_backup_job(job: BackupJob) -> BackupJob | None:
    """Return the job as it stands now, None where AWS does not know it (any more)."""
    try:
        answer = call("backup", "describe_backup_job", job.target, key="State", BackupJobId=job.job_id)
    except AwsError as error:
        if error.code == "ResourceNotFoundException":
            return None
        raise
    return to_backup_job(answer, job.target)


def to_backup_job(job: Mapping[str, Any], target: Target) -> BackupJob:
    """Return AWS's description of a job as a BackupJob; fields that AWS leaves out while it is young are None."""
    return BackupJob(
        job_id=job["BackupJobId"],
        instance_id=job["ResourceArn"].rpartition("/")[2],
        region=target.region,
        vault_name=job["BackupVaultName"],
        state=BackupJobState(job["State"]),
        created_at=job["CreationDate"],
        completed_at=job.get("CompletionDate"),
        start_by=job.get("StartBy"),
        percent_done=float(str(job.get("PercentDone") or "0").rstrip("%")),
        size_bytes=job.get("BackupSizeInBytes"),
        message=job.get("StatusMessage") or "",
        message_category=job.get("MessageCategory") or "",
        recovery_point_arn=job.get("RecoveryPointArn"),
        access_role_arn=target.role_arn,
    )
