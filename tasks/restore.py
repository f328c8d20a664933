"""The steps of a restore: what is wanted, which recovery point, how it will be, and what became of it."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ec2_backup.aws import iam
from ec2_backup.aws.restore import ground, instances, jobs, permissions, points, source
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.restore.ground import Ground
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.markdown import to_markdown, to_table
from ec2_backup.restore.metadata import groups_of, to_metadata
from ec2_backup.restore.model import ChosenPoint, PlannedRestore, RestoreFailure, RestoreList, RestoreRow
from ec2_backup.restore.plan import profiles_of
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreOptions, RestoreRequest
from ec2_backup.restore.runfile import write_restore_file
from ec2_backup.restore.watch import Looks, follow
from ec2_backup.results import PermissionCheck
from tasks.retrying import AT_ONCE, RETRYING


@task(name="read restores", task_run_name="read restores", **RETRYING)
def read_restores(request: RestoreRequest) -> RestoreList:
    """Read what is to be restored: one thing that the request names, or the rows of its CSV."""
    return source.load_rows(request)


@task(name="resolve role", task_run_name="resolve role {name}", **RETRYING)
def resolve_restore_role(name: str, target: Target) -> ServiceRole:
    """Find the role that AWS Backup restores as, and see that it may."""
    return iam.get_role(name, target, iam.RESTORE_POLICY)


@task(name="choose recovery points", task_run_name="choose recovery points in {target}", **RETRYING)
def choose_recovery_points(
    target: Target, rows: Sequence[RestoreRow], vault: str | None, caller: Caller
) -> list[ChosenPoint | RestoreFailure]:
    """Find the recovery point that each row of a Region is restored from."""
    return points.choose_points(rows, vault, caller, target)


@task(name="check permissions", task_run_name="check permissions", **RETRYING)
def check_restore_permissions(
    caller: Caller, role: ServiceRole, chosen: Sequence[ChosenPoint], target: Target
) -> PermissionCheck:
    """Ask IAM's policy simulation whether the caller may do all that the restore will do."""
    return permissions.check_permissions(caller, role, chosen, target)


@task(name="read restore metadata", task_run_name="read restore metadata of {chosen.point.source_id}", **RETRYING)
def read_restore_metadata(chosen: ChosenPoint) -> dict[str, str]:
    """Read the settings that the original had when it was backed up."""
    return points.get_restore_metadata(chosen, chosen.point.target)


@task(name="plan restores", task_run_name="plan restores in {target}", **RETRYING)
def look_at_ground(
    target: Target,
    wanted: Sequence[tuple[ChosenPoint, Mapping[str, str]]],
    role: ServiceRole,
    caller: Caller,
) -> Ground:
    """Look at what the restores of a Region name: subnets, security groups, instance types and profiles."""
    changed = [(to_metadata(kept, chosen.row.changes), chosen.row.changes) for chosen, kept in wanted]
    return ground.look_at_ground(
        sorted({metadata["SubnetId"] for metadata, _ in changed if "SubnetId" in metadata}),
        sorted({group for metadata, _ in changed for group in groups_of(metadata)}),
        sorted({metadata["InstanceType"] for metadata, _ in changed if "InstanceType" in metadata}),
        sorted({profile for metadata, changes in changed for profile in profiles_of(metadata, changes)}),
        role,
        caller,
        target,
    )


@task(name="record restore", task_run_name="record restore {run.run_key}", **RETRYING)
def record_restore(run: RestoreLedger) -> None:
    """Write down what was asked and chosen, before anything is started."""
    write_restore_file(run)


@task(name="find restore jobs", task_run_name="find restore jobs of {run_key}", **RETRYING)
def find_restore_jobs(plans: Sequence[PlannedRestore], since: datetime, run_key: str) -> list[RestoreJob]:
    """Find the restore jobs that this run had started before."""
    return list(jobs.find_own_jobs(plans, since, run_key))


@task(name="start restore job", task_run_name="start restore of {plan.point.source_id}", **RETRYING)
def start_restore_job(plan: PlannedRestore) -> RestoreJob | RestoreFailure:
    """Start a planned restore; its token makes a repetition harmless."""
    return jobs.start_restore_job(plan)


@task(name="watch restores", task_run_name="watch restores", **RETRYING)
def watch_restores(
    plans: Mapping[int, PlannedRestore],
    started: Sequence[RestoreJob],
    since: datetime,
    options: RestoreOptions,
) -> Iterator[RestoreJob | RestoredInstance]:
    """Follow jobs, and then the instances that they made, and yield each as it is over, or ready, or late."""
    yield from follow(plans, started, Looks(lambda going: jobs.look_at(going, since), instances.look_at), options)


@task(name="tag new instance", task_run_name="tag {job.created_id}", **RETRYING)
def tag_new_instance(plan: PlannedRestore, job: RestoreJob) -> None:
    """Give the new instance its tags: its name, the recovery point that it is from, and the run."""
    instances.create_tags(plan, job)


def _verify_name(parameters: dict[str, Any]) -> str:
    return f"verify {parameters['job'].created_id}"


@task(name="verify restored instance", task_run_name=cast("Any", _verify_name), **RETRYING)
def verify_restored_instance(
    plan: PlannedRestore, job: RestoreJob
) -> tuple[RestoredInstance | None, RestoreFailure | None]:
    """Attach the profile that was asked for, and hold the new instance against its recovery point and its plan."""
    return instances.verify(plan, job)


@task(name="publish restore", task_run_name="publish restore", **AT_ONCE)
def publish_restore(report: RestoreReport) -> None:
    """Show the report, and a table of all restores, on the run's page in Prefect."""
    create_markdown_artifact(key="restore-report", markdown=to_markdown(report), description="What was restored")
    if report.outcomes:
        create_table_artifact(key="restored-instances", table=to_table(report), description="Every restore")
