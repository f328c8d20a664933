"""The nouns of copies, in the order in which a run makes them.

    CopyDestination -> SeenDestination -> PlannedCopy -> CopyJob -> RecoveryPoint -> CopyOutcome
                                          (of a proven backup)      CopyFailure, at any of them

A `CopyDestination` is asked for, a `SeenDestination` was looked at. Everything about the copy of one instance into one
vault goes by its `key`.
"""

from dataclasses import dataclass
from datetime import datetime

from ec2_backup.copies.destination import CopyDestination
from ec2_backup.model import Key, RecoveryPoint, Vault
from ec2_backup.states import BackupJobState, Verdict
from ec2_backup.target import Placed
from ec2_backup.watched import WatchedJob


def to_key(instance_id: str, destination_arn: str) -> str:
    """Return what the copy of an instance's backup into a vault goes by."""
    return f"{instance_id} {destination_arn}"


@dataclass(frozen=True, slots=True)
class SeenDestination(Placed):
    """A destination as it was looked at, from its own account.

    `vault` is None where there is none (`is_absent`) or where nobody could look; `unseen` says why, and "" that all was
    seen. What is None besides is not known: whether the vault's key is `aws/backup` (`is_service_key`), and whether its
    access policy lets anybody of another account copy into it (`lets_copies_in`).
    """

    destination: CopyDestination
    region: str
    access_role_arn: str = ""
    vault: Vault | None = None
    key: Key | None = None
    is_service_key: bool | None = None
    lets_copies_in: bool | None = None
    is_absent: bool = False
    unseen: str = ""

    @property
    def is_visible(self) -> bool:
        """Whether copies there can be verified: the run may look into the vault."""
        return self.vault is not None


@dataclass(frozen=True, slots=True)
class PlannedCopy(Placed):
    """All that StartCopyJob will be given for one proven backup and one vault; `region` is where the backup is."""

    instance_id: str
    source: RecoveryPoint
    source_vault: str
    region: str
    destination: CopyDestination
    role_arn: str
    idempotency_token: str
    retention_days: int | None
    access_role_arn: str = ""

    @property
    def key(self) -> str:
        """What the copy goes by."""
        return to_key(self.instance_id, self.destination.arn)


@dataclass(frozen=True, slots=True)
class CopyJob(WatchedJob):
    """A copy job as ListCopyJobs shows it, in the account and Region that it copies from.

    Its states are five of those of a backup job (AWS Backup API reference, CopyJob.State). `copy_arn` is the recovery
    point that it has made. `adopted` jobs were made by a backup plan: their retention is somebody else's choice.
    """

    job_id: str
    instance_id: str
    source_arn: str
    destination_arn: str
    region: str
    state: BackupJobState
    created_at: datetime
    completed_at: datetime | None = None
    size_bytes: int | None = None
    message: str = ""
    message_category: str = ""
    copy_arn: str | None = None
    adopted: bool = False
    access_role_arn: str = ""

    @property
    def key(self) -> str:
        """What the copy goes by."""
        return to_key(self.instance_id, self.destination_arn)

    @property
    def percent_done(self) -> float:
        """Always 0: of a copy job AWS does not tell how far it is."""
        return 0.0


@dataclass(frozen=True, slots=True)
class CopyFailure:
    """Why one instance has no proven copy in one vault: the step, what happened, and what to do about it.

    `is_lasting` is of a copy that is there and not whole: whoever takes the run up finds it again, and makes no second.
    """

    instance_id: str
    destination_arn: str
    step: int
    reason: str
    advice: str = ""
    aws_code: str = ""
    is_lasting: bool = False

    @property
    def key(self) -> str:
        """What the copy goes by."""
        return to_key(self.instance_id, self.destination_arn)


@dataclass(frozen=True, slots=True)
class CopyProof:
    """What was found of one copy, with a failure unless it would restore as its source would."""

    key: str
    recovery_point: RecoveryPoint | None
    failure: CopyFailure | None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """All that the run learned of the copy of one instance's backup into one vault, and the verdict."""

    destination: CopyDestination
    verdict: Verdict
    job: CopyJob | None = None
    recovery_point: RecoveryPoint | None = None
    failure: CopyFailure | None = None
    notes: tuple[str, ...] = ()
