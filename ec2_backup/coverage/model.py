"""The nouns of a look at the coverage, in the order in which it makes them.

    SeenInstance + KeptPoint (of SeenVaults) -> RecoveryPoint with its image -> Coverage -> CoverageReport

Times are aware and in UTC; sizes are provisioned sizes, since AWS reports no other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ec2_backup.drilled import Restored
from ec2_backup.model import Instance, RecoveryPoint, Volume
from ec2_backup.target import Placed


class Standing(StrEnum):
    """Where an instance stands, the worst first; only `covered` meets the objective."""

    NEVER = "never"  # no vault has a recovery point of it
    UNPROVEN = "unproven"  # it has recovery points, none of which is proven
    LATE = "late"  # the last proven one is older than the objective allows
    PARTLY = "partly"  # the last proven one is young enough, and a volume is not in it
    UNKNOWN = "unknown"  # not everything could be read that would tell
    COVERED = "covered"


class Keeper(StrEnum):
    """Who made a recovery point."""

    PLAN = "plan"  # a backup plan
    RUN = "run"  # a run of this program
    HAND = "hand"  # somebody, on demand


class Why(StrEnum):
    """Why a recovery point is left over."""

    EXPIRED = "expired"  # its retention is over, and AWS Backup could not delete it
    UNFINISHED = "unfinished"  # PARTIAL, STOPPED, or being deleted
    ORPHANED = "orphaned"  # the instance does not exist any more


@dataclass(frozen=True, slots=True)
class SeenInstance:
    """An instance as EC2 shows it, with its volumes; `attached_at` says since when each of these is attached."""

    instance: Instance
    account: str
    attached_at: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LeftOut:
    """An instance that is not looked at, since the restore drill of this key has made it."""

    instance_id: str
    account: str
    region: str
    drill_key: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The backup plan that made a recovery point; AWS leaves names out that it does not know any more."""

    plan_id: str
    name: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class KeptPoint(Placed):
    """A recovery point of an EC2 instance in a vault of an account and Region; `resource_arn` is the instance's.

    One that `is_copy` was made of a point in another vault; it may be in another Region or account than its instance.
    """

    resource_arn: str
    account: str
    region: str
    vault: str
    point: RecoveryPoint
    plan: Plan | None = None
    is_copy: bool = False
    access_role_arn: str = ""

    @property
    def instance_id(self) -> str:
        """The instance that it is of."""
        return self.resource_arn.rpartition("/")[2]

    @property
    def home(self) -> tuple[str, str]:
        """Account and Region of the instance that it is of."""
        parts = [*self.resource_arn.split(":"), "", "", "", "", ""]
        return parts[4], parts[3]


@dataclass(frozen=True, slots=True)
class SeenVault(Placed):
    """A vault with what it holds of EC2 instances; `trouble` says why its points could not be read."""

    name: str
    account: str
    region: str
    points: int = 0
    stored_bytes: int = 0
    trouble: str = ""
    access_role_arn: str = ""


@dataclass(frozen=True, slots=True)
class RestoredPoint:
    """A recovery point of an instance that a drill has restored: its image, and the proof that the drill left on it."""

    instance_id: str
    image_id: str
    proof: Restored


@dataclass(frozen=True, slots=True)
class ClosedPlace:
    """An account and Region that could not be looked at, or not at all of it: where, what AWS said, what to do."""

    account: str
    region: str
    message: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Who keeps an instance backed up: a plan by its name or id, a run by its key, or somebody."""

    keeper: Keeper
    name: str = ""
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Where one instance stands, and the evidence.

    `last` is the last proven recovery point and `age_seconds` its age; `uncovered` volumes are attached and not in it.
    `newest` is the newest of all `points` in the vaults that could be read. `expires_soon` says that `last` will be
    deleted before the time that was asked for, with nothing newer that is proven. `restored` is the newest proof that a
    recovery point of it was restored.
    """

    instance: Instance
    account: str
    standing: Standing
    points: int = 0
    newest: KeptPoint | None = None
    last: KeptPoint | None = None
    age_seconds: float | None = None
    origin: Origin | None = None
    uncovered: tuple[Volume, ...] = ()
    expires_soon: bool = False
    reason: str = ""
    advice: str = ""
    notes: tuple[str, ...] = ()
    restored: RestoredPoint | None = None


@dataclass(frozen=True, slots=True)
class Leftover:
    """A recovery point that no instance needs any more, or that never became one."""

    why: Why
    kept: KeptPoint
