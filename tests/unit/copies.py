"""Copies that fit their backups, for the tests of everything that plans, judges or shows one."""

from dataclasses import replace
from datetime import timedelta

from ec2_backup.copies.destination import CopyDestination, parse_destination
from ec2_backup.copies.model import CopyFailure, CopyJob, CopyOutcome, PlannedCopy, SeenDestination
from ec2_backup.copies.plan import plan_copies
from ec2_backup.model import BackupJob, Key, PlannedBackup, RecoveryPoint, Vault
from ec2_backup.results import Outcome, Proof, RunReport
from ec2_backup.states import BackupJobState, RunStatus, Verdict
from tests.unit.backups import BEGAN, a_job, a_plan, a_point, an_instance
from tests.unit.reports import a_report

ARN = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup-Copy"
ACROSS = "arn:aws:backup:eu-west-1:210987654321:backup-vault:Vaulted"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/copies"
RUN_KEY = "20260301T023000Z-0000abcd"


def a_destination(text: str = f"{ARN}=30") -> CopyDestination:
    """Return a destination with a retention of its own."""
    return parse_destination(text)


def a_seen(text: str = f"{ARN}=30", *, manager: str = "CUSTOMER", **changes: object) -> SeenDestination:
    """Return a destination that was looked at and can take copies."""
    destination = a_destination(text)
    vault = Vault(destination.vault_name, destination.arn, destination.region, KEY)
    seen = SeenDestination(
        destination, destination.region, "", vault, Key(KEY, "Enabled", manager), is_service_key=False
    )
    return replace(seen, **changes)  # type: ignore[arg-type]


def a_backup(plan: PlannedBackup | None = None) -> tuple[PlannedBackup, BackupJob, Proof]:
    """Return a backup that is proven."""
    plan = plan or a_plan(an_instance())
    job = a_job(plan.instance.instance_id)
    return plan, job, Proof(plan.instance.instance_id, a_point(plan, job), None)


def a_planned_copy(plan: PlannedBackup | None = None, text: str = f"{ARN}=30") -> PlannedCopy:
    """Return the copy that is planned of a proven backup."""
    (copy,) = plan_copies(*a_backup(plan), [a_destination(text)], RUN_KEY)
    return copy


def a_copy_job(
    plan: PlannedCopy, state: BackupJobState = BackupJobState.COMPLETED, *, hours: float = 1, **changes: object
) -> CopyJob:
    """Return the job of a planned copy, created so many hours after the run began."""
    created = BEGAN + timedelta(hours=hours)
    job = CopyJob(
        job_id=f"copy-{plan.instance_id}-{hours}",
        instance_id=plan.instance_id,
        source_arn=plan.source.arn,
        destination_arn=plan.destination.arn,
        region=plan.region,
        state=state,
        created_at=created,
    )
    if state is BackupJobState.COMPLETED:
        arn = f"arn:aws:ec2:{plan.destination.region}::image/ami-copy"
        job = replace(job, completed_at=created + timedelta(minutes=30), copy_arn=arn)
    return replace(job, **changes)  # type: ignore[arg-type]


def a_copy_point(plan: PlannedCopy, job: CopyJob) -> RecoveryPoint:
    """Return the recovery point of a good copy: the same devices, all under the key of the vault."""
    snapshots = tuple(
        replace(one, snapshot_id=f"{one.snapshot_id}-copy", volume_id="vol-ffffffff", encrypted=True, kms_key_id=KEY)
        for one in plan.source.snapshots
    )
    return replace(
        plan.source,
        arn=job.copy_arn or "",
        image_id="ami-copy",
        retention_days=plan.retention_days,
        snapshots=snapshots,
    )


def copied(outcome: Outcome, verdict: Verdict = Verdict.PROVEN, reason: str = "", advice: str = "") -> Outcome:
    """Return an outcome of a report with one copy more."""
    destination, key = a_destination(), outcome.row.instance_id
    failure = CopyFailure(key, destination.arn, 10, reason, advice) if reason else None
    point = (
        replace(outcome.recovery_point, arn=f"{ARN}/ami")
        if verdict is Verdict.PROVEN and outcome.recovery_point
        else None
    )
    copy = CopyOutcome(destination, verdict, recovery_point=point, failure=failure)
    return replace(outcome, copies=(*outcome.copies, copy))


def with_copies(*outcomes: Outcome, status: RunStatus = RunStatus.INCOMPLETE, **changes: object) -> RunReport:
    """Return a report with the figures of its copies."""
    report = a_report(*outcomes, status=status, **changes)
    copies = [copy for outcome in outcomes for copy in outcome.copies]
    good = sum(copy.verdict is Verdict.PROVEN for copy in copies)
    return replace(report, statistics=replace(report.statistics, copies=len(copies), proven_copies=good))
