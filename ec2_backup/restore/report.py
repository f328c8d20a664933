"""What a restore says in the end: what became of each row, how long it took, and the report over all."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.model import Caller, ServiceRole
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import ChosenPoint, PlannedRestore, RestoreFailure, RestoreRow
from ec2_backup.results import PermissionCheck, RunError
from ec2_backup.states import RunStatus, Verdict

SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class RestoreOutcome:
    """All that the run learned of one row, and the verdict.

    `recovery_seconds` is the time from the job's creation until the new instance was seen to have passed both its
    status checks, None where it has not.
    """

    row: RestoreRow
    verdict: Verdict
    chosen: ChosenPoint | None = None
    plan: PlannedRestore | None = None
    job: RestoreJob | None = None
    restored: RestoredInstance | None = None
    failure: RestoreFailure | None = None
    recovery_seconds: float | None = None

    @property
    def source(self) -> str:
        """The id of the original where it is known, else what the row asks for."""
        return self.chosen.point.source_id if self.chosen else self.row.wanted

    @property
    def source_name(self) -> str:
        """The name of the original, as its backup has it."""
        return self.chosen.point.tags.get("Name", "") if self.chosen else ""

    @property
    def created_id(self) -> str:
        """The id of the new instance, "" where there is none."""
        return self.restored.instance.instance_id if self.restored else self.job.created_id if self.job else ""

    @property
    def provisioned_gib(self) -> int:
        """The size of all volumes that the recovery point holds."""
        return sum(disk.size_gib for disk in self.chosen.point.disks) if self.chosen else 0


@dataclass(frozen=True, slots=True)
class RestoreStatistics:
    """The figures of a restore run; `api_calls` are all attempts by operation."""

    rows: int
    proven: int
    failed: int
    seconds: float
    longest_recovery_seconds: float | None = None
    api_calls: Mapping[str, int] = field(default_factory=dict)
    throttled_calls: int = 0


@dataclass(frozen=True, slots=True)
class RestoreReport:
    """A restore run from beginning to end; `parameters` are the request as JSON values, `files` what was written."""

    run_key: str
    status: RunStatus
    exit_code: int
    started_at: datetime
    ended_at: datetime
    parameters: Mapping[str, object]
    outcomes: tuple[RestoreOutcome, ...]
    statistics: RestoreStatistics
    caller: Caller | None = None
    role: ServiceRole | None = None
    permissions: PermissionCheck | None = None
    notes: tuple[str, ...] = ()
    error: RunError | None = None
    run_url: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def failures(self) -> tuple[RestoreOutcome, ...]:
        """The outcomes that are neither proven nor merely planned."""
        return tuple(one for one in self.outcomes if one.verdict not in {Verdict.PROVEN, Verdict.PLANNED})
