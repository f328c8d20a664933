"""What a run says in the end: why an instance failed, what became of each row, and the report over all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.copies.model import CopyOutcome
from ec2_backup.drilled import DrillVerdict, Restored
from ec2_backup.errors import BadLine
from ec2_backup.model import (
    BackupJob,
    Caller,
    Instance,
    InventoryRow,
    Key,
    PlannedBackup,
    RecoveryPoint,
    ServiceRole,
    Vault,
)
from ec2_backup.places import PlaceStatistics
from ec2_backup.since import SinceLast
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.target import Placed

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class PermissionCheck:
    """What policy simulation said: `denied` actions stop the run, without `missed` ones it does less than it could.

    `unchecked` tells what could not be looked at, and why.
    """

    allowed: tuple[str, ...] = ()
    denied: tuple[str, ...] = ()
    missed: tuple[str, ...] = ()
    unchecked: str | None = None
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """The CloudTrail record of the StartBackupJob call that made a job."""

    event_id: str
    job_id: str
    event_time: datetime
    username: str


@dataclass(frozen=True, slots=True)
class Failure:
    """Why one instance has no proven recovery point: the step (1 to 13), what happened, and what to do about it."""

    instance_id: str
    step: int
    reason: str
    advice: str = ""
    aws_code: str = ""


@dataclass(frozen=True, slots=True)
class Proof:
    """What step 12 says of one instance: the evidence that it found, and a Failure unless the backup would restore."""

    instance_id: str
    recovery_point: RecoveryPoint | None
    failure: Failure | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """All that the run learned of one row of the inventory: its evidence from first to last, and the verdict.

    `restored` is when a backup of it was last restored in a drill, this run's own or one whose report is in the folder.
    """

    row: InventoryRow
    region: str
    verdict: Verdict
    instance: Instance | None = None
    plan: PlannedBackup | None = None
    job: BackupJob | None = None
    recovery_point: RecoveryPoint | None = None
    audit: AuditEvent | None = None
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    account: str = ""
    copies: tuple[CopyOutcome, ...] = ()
    restored: Restored | None = None


@dataclass(frozen=True, slots=True)
class RunError:
    """The error that ended a run early: its class, where and what, what to do, the exit code, and lines to correct."""

    kind: str
    message: str
    hint: str
    exit_code: int
    bad_lines: tuple[BadLine, ...] = ()


@dataclass(frozen=True, slots=True)
class VaultUse(Placed):
    """How many recovery points a vault held before and after the run; `stored_bytes` is their provisioned size."""

    name: str
    region: str
    points_before: int
    points_after: int | None = None
    stored_bytes: int | None = None
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures of a run. Rates are fractions of all instances; bytes are provisioned, AWS reports none copied.

    `copies` are those asked for: one for each instance and vault that copies go into.
    """

    instances: int
    proven: int
    failed: int
    volumes: int
    proven_volumes: int
    protected_bytes: int
    seconds: float
    api_calls: Mapping[str, int] = field(default_factory=dict)
    throttled_calls: int = 0
    vaults: tuple[VaultUse, ...] = ()
    places: tuple[PlaceStatistics, ...] = ()
    copies: int = 0
    proven_copies: int = 0

    @property
    def success_rate(self) -> float:
        """Proven instances over all, 0 where there are none."""
        return self.proven / self.instances if self.instances else 0.0

    @property
    def error_rate(self) -> float:
        """Failed instances over all, 0 where there are none."""
        return self.failed / self.instances if self.instances else 0.0

    @property
    def calls_per_instance(self) -> float:
        """All AWS calls of the run over its instances, 0 where there are none."""
        return sum(self.api_calls.values()) / self.instances if self.instances else 0.0


@dataclass(frozen=True, slots=True)
class RunReport:
    """A run from beginning to end.

    `parameters` are the request as JSON values, `files` what was written, by kind, and `copies` where that is in S3.
    """

    run_key: str
    status: RunStatus
    exit_code: int
    started_at: datetime
    ended_at: datetime
    parameters: Mapping[str, object]
    outcomes: tuple[Outcome, ...]
    statistics: Statistics
    caller: Caller | None = None
    callers: tuple[Caller, ...] = ()
    permissions: PermissionCheck | None = None
    role: ServiceRole | None = None
    roles: tuple[ServiceRole, ...] = ()
    vaults: tuple[Vault, ...] = ()
    keys: tuple[Key, ...] = ()
    notes: tuple[str, ...] = ()
    error: RunError | None = None
    run_url: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    copies: Mapping[str, str] = field(default_factory=dict)
    since_last: SinceLast | None = None
    drill: DrillVerdict | None = None
    schema_version: int = SCHEMA_VERSION

    @property
    def failures(self) -> tuple[Outcome, ...]:
        """The outcomes of instances that have no proven recovery point and are not merely planned."""
        return tuple(outcome for outcome in self.outcomes if outcome.verdict not in {Verdict.PROVEN, Verdict.PLANNED})
