"""Reports as real runs would leave them, for the tests of everything that shows or writes one."""

from datetime import UTC, datetime, timedelta

from ec2_backup.model import (
    GIB,
    BackupJob,
    Caller,
    Instance,
    InventoryRow,
    PlannedBackup,
    RecoveryPoint,
    Snapshot,
    Volume,
)
from ec2_backup.results import AuditEvent, Failure, Outcome, RunReport, Statistics, VaultUse
from ec2_backup.states import BackupJobState, RunStatus, Verdict

STARTED = datetime(2026, 3, 1, 2, 30, 0, tzinfo=UTC)
REGION = "eu-central-1"
ROLE_ARN = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"


def an_instance(number: int, *, name: str | None = None, region: str = REGION, volumes: int = 2) -> Instance:
    """Return an instance with volumes of 50 GiB."""
    instance_id = f"i-{number:017x}"
    return Instance(
        instance_id=instance_id,
        arn=f"arn:aws:ec2:{region}:123456789012:instance/{instance_id}",
        region=region,
        state="running",
        instance_type="m7i.large",
        name=f"web-{number}" if name is None else name,
        volumes=tuple(
            Volume(f"vol-{number:08x}{disk:09x}", f"/dev/sd{chr(97 + disk)}", 50, "gp3", encrypted=True)
            for disk in range(volumes)
        ),
    )


def a_plan(instance: Instance, *, windows_vss: bool = False) -> PlannedBackup:
    """Return the plan for an instance, with a week's retention and one tag of its own."""
    return PlannedBackup(
        instance=instance,
        vault_name="EC2-Backup",
        role_arn=ROLE_ARN,
        idempotency_token=f"token-{instance.instance_id}",
        tags={"BackupRun": "nightly", "SourceInstance": instance.instance_id},
        retention_days=7,
        windows_vss=windows_vss,
    )


def a_job(instance: Instance, state: BackupJobState, message: str = "") -> BackupJob:
    """Return an instance's job in a state."""
    ended = STARTED + timedelta(minutes=20) if state.is_final else None
    return BackupJob(
        job_id=f"{instance.instance_id[-8:]}-1111-2222-3333-444455556666",
        instance_id=instance.instance_id,
        region=instance.region,
        vault_name="EC2-Backup",
        state=state,
        created_at=STARTED,
        completed_at=ended,
        percent_done=100.0 if state is BackupJobState.COMPLETED else 40.0,
        size_bytes=instance.provisioned_gib * GIB,
        message=message,
    )


def a_recovery_point(instance: Instance) -> RecoveryPoint:
    """Return a recovery point with one snapshot of each volume."""
    image_id = f"ami-{instance.instance_id[2:]}"
    return RecoveryPoint(
        arn=f"arn:aws:ec2:{instance.region}::image/{image_id}",
        image_id=image_id,
        status="COMPLETED",
        created_at=STARTED,
        image_state="available",
        delete_at=STARTED + timedelta(days=7),
        retention_days=7,
        snapshots=tuple(
            Snapshot(volume.volume_id.replace("vol", "snap"), volume.device, 50, "completed", encrypted=True)
            for volume in instance.volumes
        ),
    )


def proven(number: int, *, name: str | None = None, region: str = REGION) -> Outcome:
    """Return the outcome of an instance whose recovery point is proven."""
    instance = an_instance(number, name=name, region=region)
    job = a_job(instance, BackupJobState.COMPLETED)
    return Outcome(
        row=InventoryRow(number + 1, instance.instance_id),
        region=region,
        verdict=Verdict.PROVEN,
        instance=instance,
        plan=a_plan(instance),
        job=job,
        recovery_point=a_recovery_point(instance),
        audit=AuditEvent(f"event-{number}", job.job_id, STARTED, "backup-operator"),
    )


def failed(
    number: int,
    reason: str = "the job ended FAILED: Insufficient privileges to perform this action.",
    *,
    step: int = 10,
    advice: str = "Attach AWSBackupServiceRolePolicyForBackup to the role, then run again.",
    name: str | None = None,
) -> Outcome:
    """Return the outcome of an instance whose job failed, with AWS's words."""
    instance = an_instance(number, name=name)
    return Outcome(
        row=InventoryRow(number + 1, instance.instance_id),
        region=REGION,
        verdict=Verdict.FAILED,
        instance=instance,
        plan=a_plan(instance),
        job=a_job(instance, BackupJobState.FAILED, reason),
        failure=Failure(instance.instance_id, step, reason, advice),
    )


def unseen(number: int) -> Outcome:
    """Return the outcome of a row that names an instance which AWS does not know."""
    row = InventoryRow(number + 1, f"i-{number:017x}", name="old-db")
    failure = Failure(row.instance_id, 4, "no such instance in eu-central-1", "Correct the CSV.")
    return Outcome(row, REGION, Verdict.FAILED, failure=failure)


def running(number: int) -> Outcome:
    """Return the outcome of an instance whose job goes on after the run's end."""
    instance = an_instance(number)
    job = a_job(instance, BackupJobState.RUNNING)
    return Outcome(InventoryRow(number + 1, instance.instance_id), REGION, Verdict.RUNNING, instance, job=job)


def planned(number: int, *, name: str | None = None, windows_vss: bool = False) -> Outcome:
    """Return the outcome of an instance in a dry run."""
    instance = an_instance(number, name=name)
    plan = a_plan(instance, windows_vss=windows_vss)
    return Outcome(InventoryRow(number + 1, instance.instance_id), REGION, Verdict.PLANNED, instance, plan)


def not_started(number: int) -> Outcome:
    """Return the outcome of a row whose turn never came."""
    return Outcome(InventoryRow(number + 1, f"i-{number:017x}"), REGION, Verdict.NOT_STARTED)


def a_report(*outcomes: Outcome, status: RunStatus | None = None, **changes: object) -> RunReport:
    """Return a report over the outcomes, with figures that fit them; `changes` replace further fields."""
    good = [outcome for outcome in outcomes if outcome.verdict is Verdict.PROVEN]
    settled = status or (RunStatus.PROVEN if len(good) == len(outcomes) else RunStatus.INCOMPLETE)
    fields: dict[str, object] = {
        "run_key": "20260301-023000-k3f9",
        "status": settled,
        "exit_code": 0 if settled in {RunStatus.PROVEN, RunStatus.PLANNED} else 3,
        "started_at": STARTED,
        "ended_at": STARTED + timedelta(seconds=1325),
        "parameters": {"csv": "ec2_instances.csv", "vault": "EC2-Backup", "retention_days": 7, "tags": {"team": "ops"}},
        "outcomes": outcomes,
        "statistics": _statistics(outcomes, good),
        "caller": Caller("123456789012", "arn:aws:iam::123456789012:user/backup-operator"),
        "files": {"log": "backup-output/backup_log_2026-03-01_02:30:00.log", "csv": "backup-output/report.csv"},
    }
    return RunReport(**(fields | changes))  # type: ignore[arg-type]


def _statistics(outcomes: tuple[Outcome, ...], good: list[Outcome]) -> Statistics:
    seen = [outcome.instance for outcome in outcomes if outcome.instance]
    safe = [outcome.instance for outcome in good if outcome.instance]
    return Statistics(
        instances=len(outcomes),
        proven=len(good),
        failed=sum(outcome.verdict is Verdict.FAILED for outcome in outcomes),
        volumes=sum(len(instance.volumes) for instance in seen),
        proven_volumes=sum(len(instance.volumes) for instance in safe),
        protected_bytes=sum(instance.provisioned_gib for instance in safe) * GIB,
        seconds=1325.4,
        api_calls={"backup:StartBackupJob": len(outcomes), "backup:ListBackupJobs": 12, "sts:GetCallerIdentity": 1},
        throttled_calls=0,
        vaults=(VaultUse("EC2-Backup", REGION, 12, 12 + len(good), 4200 * GIB),),
    )
