"""Restore EC2 instances from their recovery points as new ones, and prove each: the whole run, step by step.

The originals are never touched: all that is made or changed is the new instance.
"""

from typing import Annotated, Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner
from prefect.utilities.annotations import quote
from pydantic import Field

from ec2_backup import settings
from ec2_backup.model import Caller, ServiceRole, Target
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import RestoreRow
from ec2_backup.restore.order import in_targets, in_turns, plan_rows
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreOptions, to_restore_request
from flows.agreement import agreed
from flows.form import titled
from flows.planning import of_its_region, with_settings
from flows.restoring import begin, name_restore, proven, recorded_restore
from tasks.account import authenticate
from tasks.restore import (
    check_restore_permissions,
    choose_recovery_points,
    look_at_ground,
    read_restores,
    record_restore,
    resolve_restore_role,
)

_RUNNER: Any = ThreadPoolTaskRunner(max_workers=16)
_OPTIONS = RestoreOptions()

Text = Annotated[str, Field(min_length=1)]


@flow(name="ec2-backup-restore", flow_run_name="Restore", task_runner=_RUNNER)
def restore(  # noqa: PLR0913 - each is a field of the form in Prefect's UI
    *,
    recovery_point: Annotated[Text | None, titled("Recovery point (ARN)")] = None,
    instance: Annotated[Text | None, titled("Or the newest of an instance")] = None,
    at: Annotated[Text | None, titled("At or before (UTC)")] = None,
    csv: Annotated[Text | None, titled("Or several (CSV)")] = None,
    dry_run: Annotated[bool, titled("Only show the plan")] = True,
    subnet: Annotated[Text | None, titled("Another subnet")] = None,
    security_groups: Annotated[Text | None, titled("Other security groups")] = None,
    instance_type: Annotated[Text | None, titled("Another instance type")] = None,
    profile: Annotated[Text | None, titled("Another instance profile")] = None,
    key_pair: Annotated[Text | None, titled("Key pair")] = None,
    name: Annotated[Text | None, titled("Name of the new instance")] = None,
    vault: Annotated[Annotated[str, Field(pattern=settings.VAULT_PATTERN)] | None, titled("Only this vault")] = None,
    role: Annotated[str, Field(pattern=settings.ROLE_PATTERN), titled("IAM role")] = settings.DEFAULT_ROLE,
    region: Annotated[Annotated[str, Field(pattern=settings.REGION_PATTERN)] | None, titled("Region")] = None,
    output: Annotated[str, Field(min_length=1), titled("Output folder")] = settings.DEFAULT_OUTPUT,
    run_key: Annotated[Annotated[str, Field(pattern=settings.RUN_KEY_PATTERN)] | None, titled("Run key")] = None,
    options: Annotated[RestoreOptions, titled("Options")] = _OPTIONS,
) -> RestoreReport | None:
    """Restore EC2 instances from their recovery points as new ones, and prove that each is what was backed up.

    Args:
        recovery_point: The ARN of the recovery point to restore.
        instance: The id of an instance, to restore it from its newest whole recovery point.
        at: Take the newest point at or before this time, `2026-11-22T02:00`, or `2026-11-22` for the end of that day.
        csv: A CSV of instances or recovery points, restored in its order: a path, an s3:// URL, or a bucket's block.
        dry_run: Check everything and show the plan, but start nothing.
        subnet: Another subnet than the original's, in the same Region.
        security_groups: Other security groups than the original's, with commas between them.
        instance_type: Another instance type than the original's.
        profile: Another instance profile by its name; `none` restores without one.
        key_pair: The original's own; AWS Backup cannot restore with another one.
        name: The Name tag of the new instance.
        vault: Look for recovery points in this vault alone; otherwise in all of the Region.
        role: The name of the IAM role that AWS Backup assumes.
        region: The Region of what names none; without it, the one of AWS's own configuration.
        output: The folder for the log and the reports.
        run_key: The key of an earlier restore that died, to take it up again: nothing is started twice.
        options: Waiting, tags, and what to do when one of several fails.

    Returns:
        The report, with every restore proven or planned.

    Raises:
        IncompleteRun: The report is published; something was not restored, or is not what was backed up.
        Ec2BackupError: What ended the run early, each kind with its exit code.
    """
    request = to_restore_request({
        "recovery_point": recovery_point, "instance": instance, "at": at, "csv": csv, "dry_run": dry_run,
        "subnet": subnet, "security_groups": security_groups, "instance_type": instance_type, "profile": profile,
        "key_pair": key_pair, "name": name, "vault": vault, "role": role, "region": region, "output": output,
        "run_key": run_key, "options": options,
    })  # fmt: skip
    with recorded_restore(request) as run:
        plan(run)
        if not dry_run and run.can_begin and agreed(run):
            record_restore(run)
            restore_in_order(run)
        name_restore(run)
    return run.report


def plan(run: RestoreLedger) -> None:
    """Choose recovery points, look at everything that restores depend on, and plan them; nothing is started.

    A run that is taken up keeps its plans.
    """
    request = run.request
    run.listed = run.listed or read_restores(request)
    places = in_targets(run.rows)
    caller = run.meet(authenticate(next(iter(places))))
    if run.plans:  # of a run that is taken up
        return
    role = run.trust(resolve_restore_role(request.role, next(iter(places))))
    name_restore(run)
    for target, rows in places.items():
        with of_its_region(target, rows, run):
            _plan_in(target, rows, run, caller, role)


def _plan_in(target: Target, rows: list[RestoreRow], run: RestoreLedger, caller: Caller, role: ServiceRole) -> None:
    request = run.request
    chosen = run.note(choose_recovery_points(target, rows, request.vault, caller))
    if not chosen:
        return
    run.permissions = check_restore_permissions(caller, role, chosen, target)
    if found := with_settings(chosen, run):
        ground = look_at_ground(target, quote(found), role, caller)
        run.foresee(plan_rows(found, ground, role, run.run_key, copy_tags=request.options.copy_tags))


def restore_in_order(run: RestoreLedger) -> None:
    """Restore turn by turn: each is proven before the next begins, and a failure stops what comes after it."""
    for turn in in_turns(run.plans.values()):
        if run.failures and run.request.options.on_failure == "stop":
            return
        for news in begin(turn, run):
            proven(news, run)
