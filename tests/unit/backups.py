"""Plans, jobs and recovery points that fit each other, and strategies that draw any number of them."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import strategies as st

from ec2_backup.model import GIB, BackupJob, Instance, PlannedBackup, RecoveryPoint, Snapshot, Volume
from ec2_backup.states import BackupJobState

BEGAN = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
REGION = "eu-central-1"
KEYS = tuple(f"arn:aws:kms:{REGION}:123456789012:key/{number}" for number in range(2))
VAULT = "EC2-Backup"


def instance_id(number: int) -> str:
    """Return an id as EC2 writes one."""
    return f"i-{number:017x}"


def a_volume(number: int, *, key: str | None = KEYS[0], size_gib: int = 20) -> Volume:
    """Return a volume, encrypted if it has a key."""
    return Volume(f"vol-{number:017x}", f"/dev/sd{chr(97 + number % 26)}", size_gib, "gp3", bool(key), key)


def an_instance(number: int = 1, *volumes: Volume, region: str = REGION, **changes: object) -> Instance:
    """Return a running instance with these volumes, or with two."""
    key = instance_id(number)
    arn = f"arn:aws:ec2:{region}:123456789012:instance/{key}"
    instance = Instance(key, arn, region, "running", "m7i.large", volumes=volumes or (a_volume(0), a_volume(1)))
    return replace(instance, **changes)  # type: ignore[arg-type]


def a_plan(instance: Instance, *, days: int | None = 7, tags: Mapping[str, str] | None = None) -> PlannedBackup:
    """Return the plan for an instance."""
    role = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
    given = {"RunId": "run-1", "InstanceId": instance.instance_id} if tags is None else tags
    return PlannedBackup(instance, VAULT, role, f"token-{instance.instance_id}", given, days)


def a_job(
    key: str = instance_id(1), state: BackupJobState = BackupJobState.COMPLETED, *, hours: float = 0, **changes: object
) -> BackupJob:
    """Return the job of an instance, created so many hours after the run began."""
    created = BEGAN + timedelta(hours=hours)
    job = BackupJob(f"job-{key}", key, REGION, VAULT, state, created)
    if state is BackupJobState.COMPLETED:
        arn = f"arn:aws:ec2:{REGION}::image/ami-{key[2:]}"
        job = replace(job, completed_at=created + timedelta(minutes=20), recovery_point_arn=arn, size_bytes=40 * GIB)
    return replace(job, **changes)  # type: ignore[arg-type]


def a_snapshot(volume: Volume) -> Snapshot:
    """Return the snapshot that a good backup has of a volume."""
    return Snapshot(
        volume.volume_id.replace("vol", "snap"),
        volume.device,
        volume.size_gib,
        "completed",
        volume.encrypted,
        volume.volume_id,
        volume.kms_key_id,
    )


def a_point(plan: PlannedBackup, job: BackupJob) -> RecoveryPoint:
    """Return the recovery point that was asked for."""
    arn = job.recovery_point_arn or ""
    return RecoveryPoint(
        arn=arn,
        image_id=arn.rpartition("/")[2],
        status="COMPLETED",
        created_at=job.created_at,
        image_state="available",
        retention_days=plan.retention_days,
        snapshots=tuple(map(a_snapshot, plan.instance.volumes)),
        # AWS adds tags of its own, and copies those of the instance.
        tags={**plan.instance.tags, **plan.tags, "aws:backup:source-resource": plan.instance.instance_id},
    )


@st.composite
def instances(draw: st.DrawFn) -> Instance:
    """Draw an instance with one to five volumes of any size, encrypted or not."""
    keys = draw(st.lists(st.sampled_from([None, *KEYS]), min_size=1, max_size=5))
    sizes = draw(st.lists(st.integers(1, 64_000), min_size=len(keys), max_size=len(keys)))
    volumes = [
        a_volume(number, key=key, size_gib=size) for number, (key, size) in enumerate(zip(keys, sizes, strict=True))
    ]
    tags = draw(st.dictionaries(st.sampled_from(["Name", "Team", "Stage"]), st.text(max_size=5)))
    return an_instance(1, *volumes, tags=tags)


@st.composite
def plans(draw: st.DrawFn) -> PlannedBackup:
    """Draw the plan of a backup with any retention and tags."""
    tags = draw(st.dictionaries(st.sampled_from(["RunId", "InstanceId", "CostCentre"]), st.text(max_size=5)))
    days = draw(st.none() | st.integers(1, 36_500))
    return a_plan(draw(instances()), days=days, tags={"RunId": "run-1"} | tags)
