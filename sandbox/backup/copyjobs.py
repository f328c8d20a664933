"""A copy job: what it was asked, where it is, and how ListCopyJobs and DescribeCopyJob show it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sandbox.aftermath import CopyOutcome
from sandbox.backup.exceptions import InvalidParameterValueException
from sandbox.backup.jobs import GIB, RESOURCE_TYPE, VAULT_TYPE
from sandbox.backup.points import RecoveryPoint
from sandbox.backup.requests import delete_after_days
from sandbox.clock import epoch_seconds

_VAULT_ARN = re.compile(r"arn:(aws[\w-]*):backup:([\w-]+):(\d{12}):backup-vault:([a-zA-Z0-9\-_]{2,50})")


@dataclass(frozen=True, slots=True)
class Destination:
    """The vault that a copy goes into, in any account and Region."""

    arn: str
    partition: str
    region: str
    account: str
    name: str


@dataclass(frozen=True, slots=True)
class CopyRequest:
    """What StartCopyJob was given, checked; without a retention of its own a copy has that of its source."""

    destination: Destination
    role_arn: str
    delete_after_days: int | None
    token: str = ""


@dataclass(slots=True)
class CopyJob:
    """A copy job and its present state; `copy` is the recovery point in the destination, from the job's running on."""

    number: int
    job_id: str
    account: str
    source: RecoveryPoint
    request: CopyRequest
    outcome: CopyOutcome
    created: datetime
    state: str = "CREATED"
    attempts: int = 0
    message: str = ""
    category: str = ""
    completed: datetime | None = None
    copy: RecoveryPoint | None = None
    is_locked: bool = False

    @property
    def resource_arn(self) -> str:
        """The ARN of what was backed up."""
        return self.source.resource_arn

    @property
    def destination_arn(self) -> str:
        """The ARN of the copied recovery point, once the job is over: while it runs AWS's events have none."""
        return self.copy.arn if self.copy and self.state in {"COMPLETED", "PARTIAL"} else ""

    @property
    def retention(self) -> int | None:
        """After how many days from the source's creation the copy is deleted; None for never."""
        return self.request.delete_after_days or self.source.delete_after_days

    def to_dict(self) -> dict[str, Any]:
        """Return the members of a CopyJob, with dates as seconds; absent ones are left out, as AWS does."""
        is_there = bool(self.destination_arn)
        shown: dict[str, Any] = {
            "AccountId": self.account,
            "CopyJobId": self.job_id,
            "SourceBackupVaultArn": self.source.vault_arn,
            "SourceRecoveryPointArn": self.source.arn,
            "DestinationBackupVaultArn": self.request.destination.arn,
            "DestinationVaultType": VAULT_TYPE,
            "DestinationVaultLockState": "LOCKED" if self.is_locked else "UNLOCKED",
            "DestinationRecoveryPointArn": self.destination_arn or None,
            "DestinationEncryptionKeyArn": self._key if is_there else None,
            "DestinationRecoveryPointLifecycle": {"DeleteAfterDays": self.retention} if self.retention else None,
            "ResourceArn": self.source.resource_arn,
            "ResourceType": RESOURCE_TYPE,
            "ResourceName": self.source.resource_name or None,
            "CreationDate": epoch_seconds(self.created),
            "CompletionDate": epoch_seconds(self.completed) if self.completed else None,
            "State": self.state,
            "StatusMessage": self.message or None,
            "MessageCategory": self.category or None,
            "BackupSizeInBytes": self.source.size_bytes,
            "IamRoleArn": self.request.role_arn,
            "IsParent": False,
        }
        return {name: value for name, value in shown.items() if value is not None}

    @property
    def _key(self) -> str | None:
        return self.copy.encryption.get("EncryptionKeyArn") if self.copy else None


def to_copy_request(params: Mapping[str, Any], partition: str) -> CopyRequest:
    """Return the checked request of a StartCopyJob.

    Raises:
        InvalidParameterValueException: The destination is no vault of this partition, or the lifecycle is impossible.
    """
    arn = params["DestinationBackupVaultArn"]
    match = _VAULT_ARN.fullmatch(arn)
    if not match or match[1] != partition:
        raise InvalidParameterValueException(f"Invalid destination backup vault ARN: {arn}")
    return CopyRequest(
        destination=Destination(arn, *match.groups()),
        role_arn=params["IamRoleArn"],
        delete_after_days=delete_after_days(params.get("Lifecycle") or {}),
        token=params.get("IdempotencyToken") or "",
    )


def copying_seconds(size_bytes: int, *, far: bool) -> float:
    """Return for how many virtual seconds a copy runs: the longer the larger it is, and longer to another Region.

    A real copy of 3 GiB within a Region took 90 seconds; the rest is an assumption.
    """
    return 60.0 + (30.0 if far else 10.0) * size_bytes / GIB
