"""A recovery point of an EC2 instance: an AMI in a vault."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sandbox.backup.images import BackupImage
from sandbox.clock import epoch_seconds


@dataclass(slots=True)
class RecoveryPoint:
    """A recovery point; `number` counts in the order of making, `started` is when its job was created.

    The retention counts from `started`, for a copy as well, which keeps the date of its source. `source_tags` are those
    that a restore may give to the new instance, `source_vault_arn` is of another account's vault that it comes from.
    """

    number: int
    arn: str
    image: BackupImage
    vault_name: str
    vault_arn: str
    resource_arn: str
    resource_name: str
    role_arn: str
    job_id: str
    started: datetime
    size_bytes: int
    delete_after_days: int | None
    restore_metadata: Mapping[str, str]
    source_tags: Mapping[str, str] = field(default_factory=dict)
    source_vault_arn: str = ""
    created_by: Mapping[str, str] = field(default_factory=dict)
    initiated: datetime | None = None
    last_restored: datetime | None = None
    status: str = "CREATING"
    status_message: str = ""
    completed: datetime | None = None

    @property
    def encryption(self) -> dict[str, Any]:
        """What AWS says of encryption: the snapshots', since the vault's key does not reach EC2 backups."""
        keys = [snapshot.kms_key_id for snapshot in self.image.snapshots if snapshot.encrypted]
        shown: dict[str, Any] = {"IsEncrypted": bool(keys) and len(keys) == len(self.image.snapshots)}
        return shown | ({"EncryptionKeyArn": keys[0]} if keys and keys[0] else {})

    @property
    def delete_at(self) -> datetime | None:
        """When the retention is over; None for a recovery point that is kept for ever."""
        return self.started + timedelta(days=self.delete_after_days) if self.delete_after_days else None

    def to_dict(self) -> dict[str, Any]:
        """Return the members that lists and DescribeRecoveryPoint share, with dates as seconds."""
        shown: dict[str, Any] = {
            "RecoveryPointArn": self.arn,
            "BackupVaultName": self.vault_name,
            "BackupVaultArn": self.vault_arn,
            "SourceBackupVaultArn": self.source_vault_arn or None,
            "ResourceArn": self.resource_arn,
            "ResourceType": "EC2",
            "ResourceName": self.resource_name or None,
            "CreatedBy": dict(self.created_by) or None,
            "IamRoleArn": self.role_arn,
            "Status": self.status,
            "StatusMessage": self.status_message or None,
            "CreationDate": epoch_seconds(self.started),
            "InitiationDate": epoch_seconds(self.initiated or self.started),
            "CompletionDate": epoch_seconds(self.completed) if self.completed else None,
            "BackupSizeInBytes": self.size_bytes,
            "LastRestoreTime": epoch_seconds(self.last_restored) if self.last_restored else None,
            "IsParent": False,
            "VaultType": "BACKUP_VAULT",
        }
        if self.delete_at:
            shown["Lifecycle"] = {"DeleteAfterDays": self.delete_after_days}
            shown["CalculatedLifecycle"] = {"DeleteAt": epoch_seconds(self.delete_at)}
        return {name: value for name, value in (shown | self.encryption).items() if value is not None}

    def to_resource_dict(self) -> dict[str, Any]:
        """Return the members that ListRecoveryPointsByResource has: another name for the size, and no completion."""
        shown = {name: value for name, value in self.to_dict().items() if name in _OF_RESOURCE}
        return shown | {"BackupSizeBytes": self.size_bytes}


_OF_RESOURCE = frozenset(
    {
        "RecoveryPointArn",
        "CreationDate",
        "Status",
        "StatusMessage",
        "EncryptionKeyArn",
        "BackupVaultName",
        "IsParent",
        "ResourceName",
        "VaultType",
    }
)
