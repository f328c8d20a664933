"""A vault with what moto's lacks: recovery points, an access policy, and a lock that is checked as AWS does."""

from typing import TYPE_CHECKING, Any

from moto.backup.models import Vault as MotoVault

from sandbox.backup.exceptions import (
    InvalidParameterValueException,
    InvalidRequestException,
    ResourceNotFoundException,
)
from sandbox.clock import CLOCK

if TYPE_CHECKING:
    from sandbox.backup.points import RecoveryPoint

DAY = 24 * 60 * 60


class Vault(MotoVault):
    """A backup vault and the recovery points in it, by ARN, in the order in which their jobs began to run."""

    def __init__(self, backup_vault_name: str, encryption_key_arn: str, creator_request_id: str, backend: Any) -> None:
        super().__init__(backup_vault_name, encryption_key_arn, creator_request_id, backend)
        self.creation_date = CLOCK.now().timestamp()
        self.points: dict[str, RecoveryPoint] = {}
        self.policy: str | None = None

    @property
    def kept_points(self) -> int:
        """The number of recovery points that are there for good: those that running jobs still make do not count."""
        return sum(point.status != "CREATING" for point in self.points.values())

    def to_dict(self) -> dict[str, Any]:
        """Return what CreateBackupVault answers."""
        return {
            "BackupVaultName": self.backup_vault_name,
            "BackupVaultArn": self.backup_vault_arn,
            "CreationDate": round(self.creation_date, 3),
        }

    def to_list_dict(self) -> dict[str, Any]:
        """Return what DescribeBackupVault and ListBackupVaults show."""
        shown = self.to_dict() | {
            "VaultType": "BACKUP_VAULT",
            "VaultState": "AVAILABLE",
            "EncryptionKeyArn": self.encryption_key_arn,
            "CreatorRequestId": self.creator_request_id,
            "NumberOfRecoveryPoints": self.kept_points,
            "Locked": self.locked,
            "MinRetentionDays": self.min_retention_days,
            "MaxRetentionDays": self.max_retention_days,
            "LockDate": round(self.lock_date, 3) if self.lock_date else None,
        }
        return {name: value for name, value in shown.items() if value is not None}

    def shown_policy(self) -> dict[str, Any]:
        """Return what GetBackupVaultAccessPolicy answers.

        Raises:
            ResourceNotFoundException: The vault has no policy.
        """
        if self.policy is None:
            raise ResourceNotFoundException(f"Backup vault {self.backup_vault_name} has no associated policy")
        name, arn = self.backup_vault_name, self.backup_vault_arn
        return {"BackupVaultName": name, "BackupVaultArn": arn, "Policy": self.policy}

    def lock(self, least: int | None, most: int | None, changeable_for_days: int | None) -> None:
        """Lock the vault to a range of retentions; `changeable_for_days` makes it a lock for ever after that time.

        Raises:
            InvalidParameterValueException: The range or the time is not one that AWS allows.
            InvalidRequestException: The lock can no longer be changed.
        """
        self._raise_for_immutable()
        if least is not None and least < 1:
            raise InvalidParameterValueException("MinRetentionDays must be at least 1 day")
        if most is not None and not 1 <= most <= 36500:
            raise InvalidParameterValueException("MaxRetentionDays must be within 1 and 36500 days")
        if least is not None and most is not None and least > most:
            raise InvalidParameterValueException("MinRetentionDays cannot be greater than MaxRetentionDays")
        if changeable_for_days is not None and not 3 <= changeable_for_days <= 36500:
            raise InvalidParameterValueException("ChangeableForDays must be within 3 and 36500 days")
        self.locked = True
        self.min_retention_days, self.max_retention_days = least, most
        self.changeable_for_days = changeable_for_days
        self.lock_date = CLOCK.now().timestamp() + changeable_for_days * DAY if changeable_for_days else None

    def unlock(self) -> None:
        """Take the lock away.

        Raises:
            InvalidRequestException: The lock can no longer be changed.
        """
        self._raise_for_immutable()
        self.locked = False
        self.min_retention_days = self.max_retention_days = None
        self.lock_date = self.changeable_for_days = None

    def admits(self, delete_after_days: int | None) -> bool:
        """Return whether the lock allows a retention; None, for ever, is longer than any maximum."""
        if not self.locked:
            return True
        if delete_after_days is None:
            return self.max_retention_days is None
        return (self.min_retention_days or 1) <= delete_after_days <= (self.max_retention_days or 36500)

    def _raise_for_immutable(self) -> None:
        if self.lock_date is not None and CLOCK.now().timestamp() >= self.lock_date:
            raise InvalidRequestException("Vault Lock configuration is immutable and cannot be modified")
