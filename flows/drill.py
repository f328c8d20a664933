"""Restore a sample of instances where they reach nothing, prove each, and remove it again: the whole drill.

Nothing is removed of which not everything says that a drill made it.
"""

from typing import Annotated, Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote
from pydantic import Field

from ec2_backup import settings
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.plan import plan_drills
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import SAMPLE_PATTERN, DrillOptions, to_drill_request
from ec2_backup.drilloptions import GROUP_PATTERN, SUBNET_PATTERN
from ec2_backup.model import Target
from flows.agreement import agreed
from flows.drilling import drill_instances, isolated, place_of, recorded_drill, sampled
from flows.form import titled
from flows.planning import with_settings
from flows.restoring import name_restore
from tasks.account import authenticate
from tasks.drill import check_drill_permissions, find_leftovers, record_drill
from tasks.restore import choose_recovery_points, look_at_ground, resolve_restore_role

_RUNNER: Any = ThreadPoolTaskRunner(max_workers=16)
_OPTIONS = DrillOptions()

Text = Annotated[str, Field(min_length=1)]


@flow(name="ec2-backup-drill", flow_run_name="Drill", task_runner=_RUNNER)
def drill(  # noqa: PLR0913 - each is a field of the form in Prefect's UI
    *,
    csv: Annotated[Text, titled("Instances (CSV)")] = settings.DEFAULT_CSV,
    subnet: Annotated[Annotated[str, Field(pattern=f"^$|{SUBNET_PATTERN}")], titled("Isolated subnet")] = "",
    security_group: Annotated[Annotated[str, Field(pattern=f"^$|{GROUP_PATTERN}")], titled("Security group")] = "",
    sample: Annotated[Annotated[str, Field(pattern=SAMPLE_PATTERN)], titled("Sample")] = "all",
    check: Annotated[str | None, titled("Check command")] = None,
    dry_run: Annotated[bool, titled("Only show the plan")] = False,
    vault: Annotated[Annotated[str, Field(pattern=settings.VAULT_PATTERN)] | None, titled("Only this vault")] = None,
    role: Annotated[str, Field(pattern=settings.ROLE_PATTERN), titled("IAM role")] = settings.DEFAULT_ROLE,
    region: Annotated[Annotated[str, Field(pattern=settings.REGION_PATTERN)] | None, titled("Region")] = None,
    instance_type: Annotated[Text | None, titled("Another instance type")] = None,
    profile: Annotated[Text, titled("Instance profile")] = "none",
    recovery_points: Annotated[dict[str, str] | None, titled("Exactly these recovery points")] = None,
    output: Annotated[Text, titled("Output folder")] = settings.DEFAULT_OUTPUT,
    run_key: Annotated[Annotated[str, Field(pattern=settings.RUN_KEY_PATTERN)] | None, titled("Run key")] = None,
    options: Annotated[DrillOptions, titled("Options")] = _OPTIONS,
) -> DrillReport | None:
    """Restore a sample of instances into an isolated subnet, prove and time each, and remove what was made.

    Args:
        csv: The inventory, as the backup takes it: a path, an s3:// URL, an object in the bucket of a block, or a
            selection such as `select: tag:Drill=true`.
        subnet: The isolated subnet that instances are restored into. Instances of other Regions are not drilled.
        security_group: The closed security group that they get, and no other.
        sample: How many instances, chosen at random: a number, or `all`.
        check: A command that Systems Manager runs on each new instance; exit code 0 is success.
        dry_run: Check everything and show the plan, but start nothing.
        vault: Look for recovery points in this vault alone; otherwise in all of the Region.
        role: The name of the IAM role that AWS Backup assumes.
        region: The Region of the subnet, and of rows that name none; without it, the one of AWS's own configuration.
        instance_type: Another instance type than the originals', the same for all.
        profile: The instance profile that the new instances get, by its name; `none` is none.
        recovery_points: Drill exactly these recovery points, ARNs by the ids of their instances, not those of a list.
        output: The folder for the log and the reports.
        run_key: The key of an earlier drill that died, to take it up again: nothing is started twice.
        options: Waiting, how many at once, and what to do with an instance that failed.

    Returns:
        The report, with every recovery point proven and nothing left, or the plan.

    Raises:
        IncompleteRun: The report is published; a recovery point is not proven, or something is left.
        Ec2BackupError: What ended the drill early, each kind with its exit code.
    """
    request = to_drill_request({
        "csv": csv, "subnet": subnet, "security_group": security_group, "sample": sample, "check": check,
        "dry_run": dry_run, "vault": vault, "role": role, "region": region, "instance_type": instance_type,
        "profile": profile, "recovery_points": recovery_points or {}, "output": output, "run_key": run_key,
        "options": options,
    })  # fmt: skip
    with recorded_drill(request) as run:
        place = place_of(run)
        plan(run, place)
        if not dry_run and (run.plans or run.leftovers) and agreed(run):
            record_drill(run)
            drill_instances(run, place)
        name_restore(run, "Drill")
    return run.report


def plan(run: DrillLedger, place: Target) -> None:
    """Look at the network, at what other drills have left, and at what would be restored; nothing is started.

    A drill that is taken up keeps its sample and its plans.
    """
    request, wanted = run.drill, run.drill.subnet
    caller = run.meet(authenticate(place))
    run.connected = isolated(run, place)
    run.find(find_leftovers(wanted, request.security_group, run.run_key, run.now, place))
    if run.plans:
        return
    run.listed = run.listed or sampled(run, place)
    role = run.trust(resolve_restore_role(request.role, place))
    name_restore(run, "Drill")
    if chosen := run.note(choose_recovery_points(place, run.rows, request.vault, caller)):
        run.permissions = check_drill_permissions(caller, role, chosen, request, run.run_key)
        if found := with_settings(chosen, run):
            ground = look_at_ground(place, quote(found), role, caller)
            run.foresee(plan_drills(found, ground, role, run.run_key, run.now))
