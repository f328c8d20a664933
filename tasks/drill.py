"""The steps of a drill beside those of a restore: where to, what is left of others, checks, proof, and removal."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, cast

from prefect import task
from prefect.artifacts import create_markdown_artifact, create_table_artifact

from ec2_backup.aws.drill import leftovers, marks, network, permissions, removal, ssm
from ec2_backup.aws.restore import instances, jobs
from ec2_backup.drill.course import Board, DrillLooks, News, follow_course
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.markdown import to_markdown, to_table
from ec2_backup.drill.model import Claim, Leaving, Leftover, Network
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import DrillOptions, DrillRequest
from ec2_backup.drill.runfile import write_drill_file
from ec2_backup.drilled import Restored
from ec2_backup.model import Caller, Instance, ServiceRole, Target
from ec2_backup.restore.model import ChosenPoint, PlannedRestore
from ec2_backup.restore.watch import Looks
from ec2_backup.results import PermissionCheck
from tasks.retrying import AT_ONCE, RETRYING


@task(name="look at network", task_run_name="look at {subnet}", **RETRYING)
def look_at_network(subnet: str, security_group: str, target: Target) -> Network:
    """Look at the subnet and the security group, and at all that leads in and out of them."""
    return network.describe_network(subnet, security_group, target)


@task(name="find leftovers", task_run_name="find leftovers in {subnet}", **RETRYING)
def find_leftovers(subnet: str, security_group: str, run_key: str, now: datetime, target: Target) -> list[Leftover]:
    """Find what earlier drills have left that are not at work any more."""
    return leftovers.find_leftovers(subnet, security_group, run_key, now, target)


@task(name="check permissions", task_run_name="check permissions", **RETRYING)
def check_drill_permissions(
    caller: Caller, role: ServiceRole, chosen: Sequence[ChosenPoint], request: DrillRequest, run_key: str
) -> PermissionCheck:
    """Ask IAM's policy simulation whether the caller may do all that the drill will do."""
    return permissions.check_permissions(caller, role, chosen, request, run_key)


@task(name="record drill", task_run_name="record drill {run.run_key}", **RETRYING)
def record_drill(run: DrillLedger) -> None:
    """Write down what was asked and chosen, before anything is started."""
    write_drill_file(run)


@task(name="find proofs", task_run_name="find proofs of {run_key}", **RETRYING)
def find_proofs(plans: Sequence[PlannedRestore], run_key: str, target: Target) -> dict[int, Restored]:
    """Find what this drill had proven before it died, as the images themselves say."""
    return marks.read_proofs(plans, run_key, target)


@task(name="watch drill", task_run_name="watch drill", **RETRYING)
def watch_drill(board: Board, since: datetime, options: DrillOptions) -> Iterator[News]:
    """Follow every instance from its restore job to its end, and yield what happens."""
    restores = Looks(lambda going: jobs.look_at(going, since), instances.look_at)
    looks = DrillLooks(restores, ssm.find_managed, ssm.find_results, removal.find_remains)
    yield from follow_course(board, looks, options)


@task(name="mark recovery point", task_run_name="mark {plan.point.image_id}", **RETRYING)
def mark_recovery_point(plan: PlannedRestore, run_key: str) -> str:
    """Mark the image as the drill's for now, so that another drill finds what comes of it; return why that failed."""
    return marks.put_mark(plan, run_key)


@task(name="write proof", task_run_name="write proof on {plan.point.image_id}", **RETRYING)
def write_proof(plan: PlannedRestore, proof: Restored) -> str:
    """Write on the image when it was restored and how long that took; return why that failed."""
    return marks.put_proof(plan, proof)


@task(name="take mark", task_run_name="take mark from {image_id}", **RETRYING)
def take_mark(image_id: str, drill_key: str, target: Target) -> None:
    """Take a drill's mark from an image."""
    marks.take_mark(image_id, drill_key, target)


@task(name="send check", task_run_name="send check to {instance.instance_id}", **RETRYING)
def send_check(instance: Instance, command: str, seconds: int, run_key: str) -> str:
    """Send the check command to a new instance through Systems Manager, and return the command's id."""
    return ssm.send_command(instance, command, seconds, f"drill {run_key}")


@task(name="tag leftover", task_run_name="tag leftover {instance_id}", **RETRYING)
def tag_leftover(instance_id: str, tags: Mapping[str, str], target: Target) -> None:
    """Give an instance the tags of the drill that made it and died before it could."""
    removal.tag_leftover(instance_id, tags, target)


@task(name="remove instance", task_run_name="remove {instance_id}", **RETRYING)
def remove_instance(line: int, instance_id: str, claim: Claim, target: Target) -> Leaving | str:
    """Terminate an instance with all its volumes, if everything says that a drill made it; or say what does not."""
    return removal.terminate(line, instance_id, claim, target)


@task(name="publish drill", task_run_name="publish drill", **AT_ONCE)
def publish_drill(report: DrillReport) -> None:
    """Show the report, and a table of all that was drilled, on the run's page in Prefect."""
    create_markdown_artifact(key="drill-report", markdown=to_markdown(report), description="What was drilled")
    if report.outcomes:
        table = cast("list[dict[str, Any]]", to_table(report))
        create_table_artifact(key="drilled-instances", table=table, description="Every instance of the drill")
