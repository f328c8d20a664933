"""A look at the coverage: what there is of instances and of recovery points in each account and Region."""

from collections.abc import Sequence

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ec2_backup.aws import coverage
from ec2_backup.coverage.markdown import to_markdown, to_table
from ec2_backup.coverage.model import KeptPoint, RestoredPoint, SeenInstance, SeenVault
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.model import Caller, RecoveryPoint, Target
from ec2_backup.selection import Selection
from tasks.retrying import AT_ONCE, RETRYING


@task(name="list instances", task_run_name="list instances in {target}", **RETRYING)
def list_instances(target: Target, caller: Caller, selection: Selection) -> tuple[SeenInstance, ...]:
    """Find every instance of one Region, stopped ones too, with its volumes."""
    return coverage.describe_fleet(selection, caller, target)


@task(name="list recovery points", task_run_name="list recovery points in {target}", **RETRYING)
def list_recovery_points(target: Target, caller: Caller) -> tuple[list[SeenVault], list[KeptPoint]]:
    """Read all vaults of one Region; one that may not be read is told of."""
    return coverage.list_recovery_points(caller, target)


@task(name="list restored points", task_run_name="list restored points in {target}", **RETRYING)
def list_restored_points(target: Target) -> list[RestoredPoint]:
    """Read which recovery points of one Region drills have restored, when, and how long that took."""
    return coverage.list_restored_points(target)


@task(name="look into recovery points", task_run_name="look into recovery points in {target}", **RETRYING)
def look_into_recovery_points(target: Target, points: Sequence[KeptPoint]) -> tuple[RecoveryPoint, ...]:
    """Look at images and snapshots of recovery points of one Region, 1,000 a call."""
    return coverage.look_into(points, target)


@task(name="publish coverage", task_run_name="publish coverage", **AT_ONCE)
def publish_coverage(report: CoverageReport) -> None:
    """Show the report, and a table of every instance, on the page in Prefect."""
    create_markdown_artifact(key="coverage-report", markdown=to_markdown(report), description="How the coverage is")
    if report.coverages:
        table = to_table(report)
        create_table_artifact(key="coverage-instances", table=table, description="Every instance, the worst first")
