"""The nouns of a setup: what was seen in the account, and the pieces of which the ground for backups is made."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from ec2_backup.model import Caller, Key

KEY_ALIAS = "alias/ec2-backup"
KEY_DESCRIPTION = "Encrypts the backup vault of EC2 Backup Automation"
ROLE_DESCRIPTION = "AWS Backup assumes it; made by the setup of EC2 Backup Automation"
CONSOLE_PATH = "/service-role/"  # where AWS Backup's console makes, and looks for, its default role
ROLE_POLICIES = ("AWSBackupServiceRolePolicyForBackup", "AWSBackupServiceRolePolicyForRestores")


class Kind(StrEnum):
    """What a piece is, in AWS's words."""

    KEY = "KMS key"
    VAULT = "Backup vault"
    OPT_IN = "Resource opt-in"
    ROLE = "IAM role"
    POLICY = "IAM policy"


class Status(StrEnum):
    """What is to be done about a piece; DIFFERS is left alone, for somebody to decide."""

    CREATE = "create"
    FINISH = "finish"
    EXISTS = "exists"
    DIFFERS = "differs"


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that backups need; `advice` says what to do where the setup itself does nothing."""

    kind: Kind
    name: str
    status: Status
    detail: str
    region: str = ""
    advice: str = ""

    @property
    def is_to_do(self) -> bool:
        """True where the setup has something to make."""
        return self.status in {Status.CREATE, Status.FINISH}


@dataclass(frozen=True, slots=True)
class SeenKey:
    """A KMS key; without `alias` it was made by a setup that was interrupted before it could name it."""

    arn: str
    state: str
    alias: bool = True


@dataclass(frozen=True, slots=True)
class SeenRegion:
    """A Region: whether the vault is there and with which key, our key, and whether AWS Backup takes EC2 there.

    `vault_key` has no state where KMS does not tell it, and is absent where no vault or key of it is known.
    """

    region: str
    has_vault: bool = False
    vault_key: Key | None = None
    key: SeenKey | None = None
    takes_ec2: bool = True


@dataclass(frozen=True, slots=True)
class SeenRole:
    """The role: its trust, the names of the policies attached to it, and whether an earlier setup made it."""

    arn: str
    trusts_backup: bool
    attached: frozenset[str] = frozenset()
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was looked at; `policy` is the document in force of the policy of that name, None without one."""

    caller: Caller
    regions: tuple[SeenRegion, ...] = ()
    role: SeenRole | None = None
    policy: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Documents:
    """The policy documents that a setup fills in and creates, as texts of JSON."""

    caller_policy: str
    role_trust: str


@dataclass(frozen=True, slots=True)
class Setup:
    """A plan, in the order in which it is carried out, with what is needed to do so."""

    pieces: tuple[Piece, ...]
    policy: Mapping[str, Any]
    role_trust: str
    keys: Mapping[str, str] = field(default_factory=dict)
    partition: str = "aws"

    @property
    def is_done(self) -> bool:
        """True where nothing is to be made."""
        return not any(piece.is_to_do for piece in self.pieces)

    @property
    def exit_code(self) -> int:
        """0, or 12 and 11 where a vault or key, or a role or policy, is there and not as a backup needs it."""
        differing = {piece.kind for piece in self.pieces if piece.status is Status.DIFFERS}
        if differing & {Kind.KEY, Kind.VAULT, Kind.OPT_IN}:
            return 12
        return 11 if differing else 0
