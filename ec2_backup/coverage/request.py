"""What a human may ask of a look at the coverage."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, field_validator

from ec2_backup import settings
from ec2_backup.coverage.period import parse_period
from ec2_backup.errors import UsageError
from ec2_backup.selection import ALIVE, PREFIX, Selection, parse_selection
from ec2_backup.settings import BackupOptions, BackupRequest

DEFAULT_RPO, DEFAULT_EXPIRING = "24h", "3d"
ALL = Selection(groups=((),))

Region = Annotated[str, Field(pattern=settings.REGION_PATTERN)]


class CoverageRequest(BaseModel):
    """One look at the coverage, as it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rpo: str = Field(
        default=DEFAULT_RPO,
        description="The objective: how old the last proven recovery point may be, as 90m, 24h or 7d.",
    )
    expiring: str = Field(
        default=DEFAULT_EXPIRING, description="Warn where the last proven recovery point is deleted within this time."
    )
    regions: tuple[Region, ...] = Field(
        default=(),
        description="The Regions to look at, in accounts whose Regions the list does not name; "
        "without any, the one of AWS's own configuration.",
    )
    accounts: str | None = Field(
        default=None,
        min_length=1,
        description="A CSV of the accounts to look at, as the backup takes it; without it, the caller's own account.",
    )
    account_role: str = Field(
        default=settings.DEFAULT_ACCOUNT_ROLE,
        pattern=settings.ACCOUNT_ROLE_PATTERN,
        description="The role through which other accounts are entered, unless the list of accounts says otherwise.",
    )
    select: str | None = Field(
        default=None,
        min_length=1,
        description="Look only at instances that fit, such as tag:Backup=true and state=running except tag:Env=dev.",
    )
    output: Path = Field(default=Path(settings.DEFAULT_OUTPUT), description="The folder for the log and the reports.")
    credentials_block: str | None = Field(
        default=None,
        pattern=settings.BLOCK_PATTERN,
        description="The name of the Prefect block with the credentials; without it, AWS's default chain finds them.",
    )

    @field_validator("rpo", "expiring")
    @classmethod
    def periods_can_be_read(cls, text: str) -> str:
        """Return the period as it was written; raise ValueError where it is none."""
        parse_period(text)
        return text

    @field_validator("select")
    @classmethod
    def selection_can_be_read(cls, text: str | None) -> str | None:
        """Return the selection as it was written; raise ValueError where it cannot be read."""
        try:
            _to_selection(text)
        except UsageError as error:
            raise ValueError(f"{error.message}. {error.hint}") from None
        return text

    @property
    def objective(self) -> timedelta:
        """How old the last proven recovery point may be."""
        return parse_period(self.rpo)

    @property
    def warning(self) -> timedelta:
        """How long before its deletion a recovery point is told of."""
        return parse_period(self.expiring)

    @property
    def selection(self) -> Selection:
        """Which instances are looked at."""
        return _to_selection(self.select)


def _to_selection(text: str | None) -> Selection:
    """Return the selection of a text, in which an `except` may stand alone: then it is of all instances."""
    if not text:
        return ALL
    bare = text.removeprefix(PREFIX).strip()
    return parse_selection(f"state={'|'.join(ALIVE)} {bare}" if bare.startswith("except ") else bare)


def to_backup_request(request: CoverageRequest) -> BackupRequest:
    """Return the request of a backup that has its credentials and its accounts from where this one has them."""
    options = BackupOptions(
        accounts=request.accounts, account_role=request.account_role, credentials_block=request.credentials_block
    )
    csv = f"{PREFIX} state=running"  # a backup needs a list; this is one that no file or block is read for
    return BackupRequest(csv=csv, output=request.output, options=options)
