"""The nouns of a run, in the order in which a run makes them.

    InventoryRow -> Instance (with Volumes) -> PlannedBackup -> BackupJob -> RecoveryPoint -> RunReport
                    + Destination (Vault, ServiceRole)                       Failure, at any of them

An `InventoryRow` names an instance, an `Instance` was seen at AWS. Times are aware and in UTC; sizes say their unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.states import BackupJobState
from ec2_backup.target import Caller as Caller  # noqa: PLC0414 - they are nouns of a run as well
from ec2_backup.target import Placed
from ec2_backup.target import Target as Target  # noqa: PLC0414
from ec2_backup.watched import WatchedJob

GIB = 1024**3


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """One instance that the CSV asks for; `line` is the first of the CSV's lines (from 1) that names it.

    `role_arn` is the role that its account is entered through; an `account` without one is the caller's own.
    """

    line: int
    instance_id: str
    region: str | None = None
    name: str | None = None
    repeated_on_lines: tuple[int, ...] = ()
    account: str | None = None
    role_arn: str | None = None


@dataclass(frozen=True, slots=True)
class Inventory:
    """A CSV as it was read; `notes` are sentences about what was merged or ignored, each said once."""

    source: str
    rows: tuple[InventoryRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Volume:
    """An EBS volume attached to an instance. `kms_key_id` is the key's ARN, None where the volume is not encrypted."""

    volume_id: str
    device: str
    size_gib: int
    volume_type: str
    encrypted: bool
    kms_key_id: str | None = None
    iops: int | None = None


@dataclass(frozen=True, slots=True)
class Instance(Placed):
    """An instance seen at AWS. `instance_store` names disks that no AMI covers: `2 x 900 GB NVMe instance store`.

    `volume_ids` are those of its block device mappings; `volumes` are what was found attached, and what counts.
    """

    instance_id: str
    arn: str
    region: str
    state: str
    instance_type: str
    name: str = ""
    platform: str = ""
    root_device_type: str = "ebs"
    volumes: tuple[Volume, ...] = ()
    instance_store: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    access_role_arn: str = ""
    volume_ids: tuple[str, ...] = ()

    @property
    def provisioned_gib(self) -> int:
        """The size of all attached volumes: what AWS Backup reports as a backup's size, not the bytes it copies."""
        return sum(volume.size_gib for volume in self.volumes)


@dataclass(frozen=True, slots=True)
class ServiceRole:
    """The IAM role that AWS Backup assumes; `warnings` are what looked wrong without being proof of trouble."""

    name: str
    arn: str
    warnings: tuple[str, ...] = ()
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Vault(Placed):
    """A backup vault as DescribeBackupVault shows it; AWS calls `recovery_points` approximate."""

    name: str
    arn: str
    region: str
    encryption_key_arn: str | None = None
    recovery_points: int = 0
    locked: bool = False
    min_retention_days: int | None = None
    max_retention_days: int | None = None
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the backups of one account and Region go, and as whom AWS Backup makes them."""

    vault: Vault
    role: ServiceRole


@dataclass(frozen=True, slots=True)
class Key:
    """A KMS key that backups depend on. `state` is KMS's KeyState, None where kms:DescribeKey was denied."""

    arn: str
    state: str | None
    manager: str | None = None

    @property
    def is_usable(self) -> bool:
        """True unless KMS said that the key cannot be used: a key that we may not describe is unknown, not bad."""
        return self.state in {None, "Enabled"}


@dataclass(frozen=True, slots=True)
class PlannedBackup:
    """All that StartBackupJob will be given for one instance; `retention_days` None keeps the backup for ever."""

    instance: Instance
    vault_name: str
    role_arn: str
    idempotency_token: str
    tags: Mapping[str, str]
    retention_days: int | None
    start_window_minutes: int | None = None
    complete_window_minutes: int | None = None
    windows_vss: bool = False


@dataclass(frozen=True, slots=True)
class BackupJob(WatchedJob):
    """A backup job as ListBackupJobs shows it. `adopted` jobs were found at AWS rather than started by this call."""

    job_id: str
    instance_id: str
    region: str
    vault_name: str
    state: BackupJobState
    created_at: datetime
    completed_at: datetime | None = None
    start_by: datetime | None = None
    percent_done: float = 0.0
    size_bytes: int | None = None
    message: str = ""
    message_category: str = ""
    recovery_point_arn: str | None = None
    adopted: bool = False
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One block device of the AMI. `volume_id` is the volume it was taken of; `kms_key_id` is the key's ARN."""

    snapshot_id: str
    device: str
    size_gib: int
    state: str
    encrypted: bool
    volume_id: str | None = None
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class RecoveryPoint:
    """A recovery point with its AMI and snapshots; `image_state` is None where EC2 has no such AMI."""

    arn: str
    image_id: str
    status: str
    created_at: datetime | None
    image_state: str | None
    completed_at: datetime | None = None
    delete_at: datetime | None = None
    retention_days: int | None = None
    size_bytes: int | None = None
    encrypted: bool | None = None
    snapshots: tuple[Snapshot, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    status_message: str = ""
