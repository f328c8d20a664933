"""A backup job: what it was asked, where it is, and how ListBackupJobs and DescribeBackupJob show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

from sandbox.backup.points import RecoveryPoint
from sandbox.clock import epoch_seconds
from sandbox.outcomes import Outcome

GIB = 1024**3
RESOURCE_TYPE = "EC2"
VAULT_TYPE = "BACKUP_VAULT"
FINAL = frozenset({"COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL"})


@dataclass(frozen=True, slots=True)
class Request:
    """What StartBackupJob was given, checked."""

    vault_name: str
    vault_arn: str
    resource_arn: str
    instance_id: str
    role_arn: str
    start_window_seconds: float
    complete_window_seconds: float
    token: str = ""
    delete_after_days: int | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)

    @property
    def lifecycle(self) -> dict[str, int]:
        """The lifecycle as AWS answers it: EC2 has no cold tier, so only the deletion remains."""
        return {"DeleteAfterDays": self.delete_after_days} if self.delete_after_days else {}


@dataclass(slots=True)
class Job:
    """A job and its present state. `start_by` is what AWS says; `start_deadline` is when that is over here."""

    number: int
    job_id: str
    account: str
    request: Request
    outcome: Outcome
    created: datetime
    start_by: datetime
    start_deadline: datetime
    complete_deadline: datetime
    resource_name: str = ""
    state: str = "CREATED"
    attempts: int = 0
    completed: datetime | None = None
    size_bytes: int | None = None
    message: str = ""
    category: str = ""
    point: RecoveryPoint | None = None

    @property
    def is_final(self) -> bool:
        """True where the state will not change again."""
        return self.state in FINAL

    @property
    def percent_done(self) -> str:
        """AWS's text: 0.0 for as long as the job runs, as was seen of EC2, then 100.0."""
        return "100.0" if self.state in {"COMPLETED", "PARTIAL"} else "0.0"

    def to_dict(self) -> dict[str, Any]:
        """Return the members of a BackupJob, with dates as seconds; absent ones are left out, as AWS does."""
        request = self.request
        shown: dict[str, Any] = {
            "AccountId": self.account,
            "BackupJobId": self.job_id,
            "BackupVaultName": request.vault_name,
            "BackupVaultArn": request.vault_arn,
            "VaultType": VAULT_TYPE,
            "ResourceArn": request.resource_arn,
            "ResourceType": RESOURCE_TYPE,
            "CreationDate": epoch_seconds(self.created),
            "InitiationDate": epoch_seconds(self.created),
            "StartBy": epoch_seconds(self.start_by),
            "State": self.state,
            "PercentDone": self.percent_done,
            "IamRoleArn": request.role_arn,
            "IsParent": False,
            "RecoveryPointLifecycle": request.lifecycle or None,
            "CompletionDate": epoch_seconds(self.completed) if self.completed else None,
            "BackupSizeInBytes": self.size_bytes,
            "StatusMessage": self.message or None,
            "MessageCategory": self.category or None,
            "ResourceName": self.resource_name or None,
            "BackupOptions": dict(request.options) or None,
            "CreatedBy": {"BackupPlanId": plan_id} if (plan_id := self.outcome.backup_plan_id) else None,
        }
        if self.point:
            shown["RecoveryPointArn"] = self.point.arn
            shown |= self.point.encryption
        if self.has_vss_backup:
            shown["BackupType"] = "WindowsVSS"
        return {name: value for name, value in shown.items() if value is not None}

    @property
    def has_vss_backup(self) -> bool:
        """True where a consistent Windows backup was asked for and came about."""
        return (
            self.request.options.get("WindowsVSS") == "enabled"
            and self.state == "COMPLETED"
            and "VSS" not in self.message
        )


def created_seconds(instance_id: str) -> float:
    """Return for how many virtual seconds a job stays CREATED: 30 to 60, always the same for an instance."""
    return 30.0 + crc32(instance_id.encode()) % 31


def running_seconds(instance_id: str, gib: int) -> float:
    """Return for how many virtual seconds a job of so many GiB runs, within five per cent by instance.

    Two real jobs took 9 minutes for 8 GiB and 36 minutes for 120 GiB; the curve goes through both.
    """
    variation = 1 + (crc32(instance_id.encode()[::-1]) % 101 - 50) / 1000
    return variation * 540.0 * float((max(gib, 1) / 8) ** 0.512)
