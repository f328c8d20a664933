"""A restore job: what it was asked, where it is, and how ListRestoreJobs and DescribeRestoreJob show it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zlib import crc32

from sandbox.aftermath import RestoreOutcome
from sandbox.backup.jobs import GIB, RESOURCE_TYPE
from sandbox.backup.points import RecoveryPoint
from sandbox.clock import epoch_seconds


@dataclass(slots=True)
class RestoreJob:
    """A restore job and its present state; `instance` is there from its launch on, `created_arn` when it is over."""

    number: int
    job_id: str
    account: str
    point: RecoveryPoint
    role_arn: str
    metadata: Mapping[str, str]
    outcome: RestoreOutcome
    created: datetime
    token: str = ""
    copies_tags: bool = False
    state: str = "PENDING"
    message: str = ""
    completed: datetime | None = None
    instance: Any | None = field(default=None, repr=False)
    created_arn: str = ""

    @property
    def resource_arn(self) -> str:
        """The ARN of what was backed up."""
        return self.point.resource_arn

    @property
    def instance_id(self) -> str:
        """The instance that was backed up."""
        return self.point.resource_arn.rsplit("/", 1)[-1]

    def to_dict(self) -> dict[str, Any]:
        """Return the members of a RestoreJobsListMember, with dates as seconds; absent ones are left out.

        PercentDone has its own form for restores, and the metadata are not among the members.
        """
        point = self.point
        shown: dict[str, Any] = {
            "AccountId": self.account,
            "RestoreJobId": self.job_id,
            "RecoveryPointArn": point.arn,
            "RecoveryPointCreationDate": epoch_seconds(point.started),
            "SourceResourceArn": point.resource_arn,
            "BackupVaultArn": point.vault_arn,
            "CreationDate": epoch_seconds(self.created),
            "CompletionDate": epoch_seconds(self.completed) if self.completed else None,
            "Status": self.state,
            "StatusMessage": self.message or None,
            "PercentDone": "100.00%" if self.state == "COMPLETED" else "0.00%",
            "BackupSizeInBytes": point.size_bytes,
            "IamRoleArn": self.role_arn,
            "CreatedResourceArn": self.created_arn or None,
            "ResourceType": RESOURCE_TYPE,
            "IsParent": False,
        }
        return {name: value for name, value in shown.items() if value is not None}


def pending_seconds(instance_id: str) -> float:
    """Return for how many virtual seconds a restore job is PENDING: 8 to 17, always the same for an instance."""
    return 8.0 + crc32(instance_id.encode()) % 10


def running_seconds(size_bytes: int) -> float:
    """Return for how many virtual seconds a restore job runs.

    A real one of 8 GiB took 77 seconds from its creation to its end. EBS loads what a volume holds only when it is
    read, so a larger one takes little longer.
    """
    return 60.0 + 0.5 * size_bytes / GIB
