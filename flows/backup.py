"""Back up every instance of a CSV through AWS Backup, and prove each backup: the whole run, step by step.

The numbers are those of the 13 steps. Their order is the right order of work: what a job depends on (7, 8, 9) is
checked before any job is started (6).
"""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Annotated, Any

from prefect import flow
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from ec2_backup import settings
from ec2_backup.accounts import to_external_ids
from ec2_backup.adoption import adopt, still_to_start
from ec2_backup.aws import session
from ec2_backup.batches import AUDITED, DESCRIBED, home_of
from ec2_backup.ledger import Ledger
from ec2_backup.locating import to_regions
from ec2_backup.model import PlannedBackup
from ec2_backup.plan import plan_backups
from ec2_backup.restart import to_attempts
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.turns import turn_to_start
from flows.accounts import answers, entered, in_accounts, in_targets
from flows.afterwards import drill_afterwards, look_at_drill
from flows.copying import Copying
from flows.foreseeing import entrances, foresee_copies
from flows.form import titled
from flows.locating import locate
from flows.naming import name_run
from flows.recording import recorded_run
from flows.slots import alone_in_vaults, may_wait
from flows.steps import Future, in_batches, optional, proofs_of, results_of, started, submitted, verifying, watched
from tasks.account import authenticate, check_encryption, check_permissions, check_vault, measure_vault, resolve_role
from tasks.inventory import discover_volumes, read_accounts, read_inventory, record_run, validate_instances
from tasks.jobs import find_backup_jobs
from tasks.proof import match_audit_events, publish_metrics

_OPTIONS = BackupOptions()
_RUNNER: Any = ThreadPoolTaskRunner(max_workers=16)


@flow(name="ec2-backup", flow_run_name="{vault} · {csv}", task_runner=_RUNNER)
def backup(  # noqa: PLR0913 - each is a field of the form in Prefect's UI
    *,
    csv: Annotated[str, Field(min_length=1), titled("Instances (CSV)")] = settings.DEFAULT_CSV,
    vault: Annotated[str, Field(pattern=settings.VAULT_PATTERN), titled("Backup vault")] = settings.DEFAULT_VAULT,
    role: Annotated[str, Field(pattern=settings.ROLE_PATTERN), titled("IAM role")] = settings.DEFAULT_ROLE,
    region: Annotated[Annotated[str, Field(pattern=settings.REGION_PATTERN)] | None, titled("Region")] = None,
    retention_days: Annotated[settings.RetentionDays, titled("Retention in days")] = 7,
    tags: Annotated[dict[str, str] | None, titled("Tags")] = None,
    dry_run: Annotated[bool, titled("Dry run")] = False,
    output: Annotated[str, Field(min_length=1), titled("Output folder")] = settings.DEFAULT_OUTPUT,
    run_key: Annotated[Annotated[str, Field(pattern=settings.RUN_KEY_PATTERN)] | None, titled("Run key")] = None,
    options: Annotated[BackupOptions, titled("Options")] = _OPTIONS,
) -> RunReport | None:
    """Back up every EC2 instance of a CSV through AWS Backup, and prove that each backup would restore.

    Args:
        csv: The inventory: a path on the machine that runs the flow, an s3:// URL, `block:s3-bucket/NAME/KEY` for an
            object in the bucket of a block, or a selection such as `select: tag:Backup=true and state=running`. A run
            file stands for its rows, a JSON report for those that have no proven recovery point.
        vault: The backup vault, of this name in every account and Region that the inventory names.
        role: The name of the IAM role that AWS Backup assumes.
        region: The Region of rows that name none; without it, the one of AWS's own configuration.
        retention_days: Days until AWS Backup deletes the recovery points.
        tags: Further tags for every recovery point.
        dry_run: Check everything and show the plan, but start nothing.
        output: The folder for the log and the reports.
        run_key: The key of an earlier run that died, to take it up again: nothing is started twice.
        options: Windows, waiting, and what to do about jobs that are there already.

    Returns:
        The report, with every instance proven or planned.

    Raises:
        IncompleteRun: The report is published; some instance has no proven recovery point, or some copy is not proven.
        Ec2BackupError: What ended the run early, each kind with its exit code.
    """
    request = BackupRequest(
        csv=csv, vault=vault, role=role, region=region, retention_days=retention_days, tags=tags or {},
        dry_run=dry_run, output=Path(output), run_key=run_key, options=options,
    )  # fmt: skip
    with recorded_run(request) as run:
        aim(run)
        copying = Copying(run)
        with alone_in_vaults(run):
            plans = plan(run)
            if not dry_run:
                start_and_prove(plans, run, copying)
        if not dry_run:
            copying.prove()
            drill_afterwards(run)
    return run.report


def aim(run: Ledger) -> None:
    """Read the inventory, find out who we are and where each instance is, and write that down."""
    request = run.request
    if request.options.accounts and not run.accounts:
        run.accounts = read_accounts(request.options.accounts, request.region)
    listed = read_inventory(request.csv, request.region, run.accounts, locate=request.options.locate)
    rows = run.keep(2, listed).rows
    name_run(run)
    regions = to_regions(rows, run.accounts, request.region or session.default_region())
    run.aim(run.keep(3, authenticate(home_of(rows, regions))))
    if request.options.locate:
        locate(run, regions)
    name_run(run)
    look_at_drill(run)
    run.waited = None if may_wait() else timedelta()
    record_run(run)  # 01, now that the account and AWS's time are known


def plan(run: Ledger) -> list[PlannedBackup]:
    """Look at everything a backup depends on, change nothing, and return what would be started."""
    request = run.request
    roles = [*(row.role_arn for row in run.rows), *(door.role_arn for door in entrances(run).values())]
    session.set_external_ids(to_external_ids(roles, run.accounts))
    run.keep_places(3, entered(run, authenticate.submit))
    run.keep_places(7, in_accounts(7, run, partial(resolve_role.submit, request.role)))
    run.keep_places(8, in_targets(8, run, lambda at: check_vault.submit(at, run.vault_of(at), request.retention_days)))
    run.keep_places(3, in_accounts(3, run, lambda door: check_permissions.submit(*run.account(door), request.options)))
    found = run.keep_each(4, in_batches(validate_instances, DESCRIBED, run.open_rows, run.callers))
    instances = run.keep_each(5, in_batches(discover_volumes, DESCRIBED, found))
    keys = answers(9, run, {at: check_encryption.submit(vault, instances) for at, vault in run.vaults.items()})
    run.keep_places(9, chain.from_iterable(keys))
    ready = [one for one in instances if one.instance_id not in run.failures]
    plans = run.keep_each(6, plan_backups(ready, run.destinations, run.keys, request, run.run_key))
    foresee_copies(run, plans)
    return plans


def start_and_prove(plans: Sequence[PlannedBackup], run: Ledger, copying: Copying) -> None:
    """Start what has no job yet, watch all jobs, and hold each backup against its plan as soon as its job is over.

    What is proven is copied where that was asked for, without waiting for the others.
    """
    options, vaults = run.request.options, list(run.vaults.values())
    with turn_to_start(vault.arn for vault in vaults):
        present = [find_backup_jobs(vault, run.taken_up_since) for vault in vaults]
        known = adopt(plans, present, options.on_active_job)
        jobs = run.keep_each(6, chain(known, started(still_to_start(plans, known), run)))
    verifications: list[Future] = []
    for over in watched(run, to_attempts(jobs, present)):
        verifications += verifying(over, run)
        copying.begin()
    jobs = run.keep_each(10, list(run.jobs.values()))
    audits = submitted(match_audit_events, AUDITED, jobs)
    proofs = run.keep_each(12, proofs_of(jobs, verifications, run))
    copying.begin()
    run.keep_each(11, optional(11, results_of(audits)))
    run.keep_places(8, optional(8, (measure_vault(vault) for vault in vaults)))
    if options.publish_metrics:
        optional(10, (publish_metrics(vault, proofs, jobs) for vault in vaults))
