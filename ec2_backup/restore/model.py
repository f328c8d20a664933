"""The nouns of a restore, in the order in which a run makes them.

    RestoreRow -> ChosenPoint -> PlannedRestore -> RestoreJob -> RestoredInstance -> RestoreOutcome
                  (a StoredPoint)  + Ground                      RestoreFailure, at any of them

A `RestoreRow` says what somebody wants back, a `ChosenPoint` is a recovery point that AWS has. Times are aware and in
UTC; sizes say their unit.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.target import Placed

NO_PROFILE = "none"  # as the name of an instance profile: restore without one


@dataclass(frozen=True, slots=True)
class Changes:
    """What the new instance is to have other than the original; what is empty stays as it was.

    `profile` is the name of an instance profile, or `none`.
    """

    subnet: str = ""
    security_groups: tuple[str, ...] = ()
    instance_type: str = ""
    profile: str = ""
    key_pair: str = ""
    name: str = ""


@dataclass(frozen=True, slots=True)
class RestoreRow:
    """One instance that somebody wants back: by its id, from its newest point at or `before` a time, or by the point.

    `line` is the row's line in the CSV (from 1), and what tells it from the other rows of a run. Rows of one `turn` are
    restored at the same time, those of the next when these are proven.
    """

    line: int
    instance_id: str = ""
    recovery_point_arn: str = ""
    before: datetime | None = None
    turn: int = 1
    region: str = ""
    changes: Changes = Changes()

    @property
    def wanted(self) -> str:
        """What the row asks for, in a word: the instance's id, or that of the recovery point's image."""
        return self.instance_id or self.recovery_point_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class RestoreList:
    """The rows of a run; `notes` are sentences about how the CSV was read."""

    source: str
    rows: tuple[RestoreRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImageDisk:
    """A volume that the image of a recovery point makes; `state` is that of its snapshot."""

    device: str
    snapshot_id: str
    size_gib: int
    volume_type: str
    encrypted: bool
    state: str
    kms_key_id: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPoint(Placed):
    """A recovery point of an instance in some vault, with its image; `image_state` is None where EC2 has none."""

    arn: str
    vault_name: str
    region: str
    status: str
    created_at: datetime
    source_arn: str
    image_state: str | None = None
    disks: tuple[ImageDisk, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    status_message: str = ""
    access_role_arn: str = ""

    @property
    def image_id(self) -> str:
        """The id of the AMI that the recovery point is."""
        return self.arn.rpartition("/")[2]

    @property
    def source_id(self) -> str:
        """The id of the instance that was backed up."""
        return self.source_arn.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ChosenPoint:
    """The recovery point that a row is restored from; `remarks` are what somebody should know of the choice."""

    row: RestoreRow
    point: StoredPoint
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRestore:
    """All that StartRestoreJob and CreateTags will be given for one row.

    `attached_profile` is an instance profile that the new instance gets when it runs, since AWS Backup gives it none.
    `left_out` are what the new instance lacks though the original had it, `warnings` what may go wrong.
    """

    chosen: ChosenPoint
    role_arn: str
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    idempotency_token: str
    copies_tags: bool = True
    attached_profile: str = ""
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def row(self) -> RestoreRow:
        """The row that it carries out."""
        return self.chosen.row

    @property
    def point(self) -> StoredPoint:
        """The recovery point that it restores."""
        return self.chosen.point


@dataclass(frozen=True, slots=True)
class RestoreFailure:
    """Why a row was not restored: what happened, and what to do about it."""

    line: int
    reason: str
    advice: str = ""
