"""What a human may ask of a restore: the parameters, their limits and their defaults."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from ec2_backup.restore.cells import PARSERS, to_row
from ec2_backup.restore.model import RestoreRow
from ec2_backup.settings import (
    BLOCK_PATTERN,
    DEFAULT_CSV,
    DEFAULT_OUTPUT,
    DEFAULT_ROLE,
    REGION_PATTERN,
    ROLE_PATTERN,
    RUN_KEY_PATTERN,
    VAULT_PATTERN,
    BackupOptions,
    BackupRequest,
)
from ec2_backup.usage import to_usage_error


class Patience(BaseModel):
    """How long to wait for restores and for the instances that they make, and whose credentials to use."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    deadline_minutes: Annotated[float, Field(gt=0, le=43_200)] = Field(
        default=240,
        title="Deadline in minutes",
        description="How long a restore job may take, from its creation, before this run stops waiting for it.",
    )
    checks_minutes: Annotated[float, Field(gt=0, le=43_200)] = Field(
        default=30,
        title="Deadline for status checks, in minutes",
        description="How long the new instance may take after that to run and pass both status checks.",
    )
    credentials_block: Annotated[str, Field(pattern=BLOCK_PATTERN)] | None = Field(
        default=None,
        title="AWS Credentials block",
        description="The name of the Prefect block with the credentials; without it, AWS's default chain finds them.",
    )
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=30,
        title="Longest pause between looks, in seconds",
        description="The longest pause between two looks at jobs and instances; they are closer at first.",
    )


class RestoreOptions(Patience):
    """What few restores change: how long to wait, and what to do when one fails."""

    on_failure: Literal["stop", "continue"] = Field(
        default="stop",
        title="When a restore fails",
        description="Of several in order: stop before the next turn, or continue with it.",
    )
    copy_tags: bool = Field(
        default=True, title="Copy tags", description="Give the new instance the tags that the backup holds."
    )


DEFAULT_RESTORE_OPTIONS = RestoreOptions()


class RestoreRequest(BaseModel):
    """One restore run, as it was asked for: one recovery point, one instance, or a CSV of several."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    recovery_point: str | None = Field(default=None, description="The ARN of the recovery point to restore.")
    instance: str | None = Field(
        default=None, description="The id of the instance to restore from its newest whole recovery point."
    )
    at: str | None = Field(
        default=None,
        description="Take the newest point at or before this time, in UTC unless it says otherwise: "
        "2026-11-22T02:00, or 2026-11-22 for the end of that day.",
    )
    csv: str | None = Field(
        default=None, min_length=1, description="A CSV of instances or recovery points, restored in its order."
    )
    vault: str | None = Field(
        default=None, pattern=VAULT_PATTERN, description="Look in this vault alone; otherwise in all of the Region."
    )
    role: str = Field(default=DEFAULT_ROLE, pattern=ROLE_PATTERN, description="The role that AWS Backup assumes.")
    region: str | None = Field(default=None, pattern=REGION_PATTERN, description="The Region of what names none.")
    subnet: str | None = Field(default=None, description="Another subnet, in the same Region.")
    security_groups: str | None = Field(default=None, description="Other security groups: sg-… and more after commas.")
    instance_type: str | None = Field(default=None, description="Another instance type.")
    profile: str | None = Field(
        default=None, description="Another instance profile by name; `none` restores without one."
    )
    key_pair: str | None = Field(
        default=None, description="The original's own key pair; AWS Backup cannot restore with another one."
    )
    name: str | None = Field(default=None, description="The Name tag of the new instance.")
    dry_run: bool = Field(default=False, description="Check everything, show the plan, start nothing.")
    output: Path = Field(default=Path(DEFAULT_OUTPUT), description="The folder for the log and the reports.")
    run_key: str | None = Field(
        default=None, pattern=RUN_KEY_PATTERN, description="The key of an earlier restore, to take it up again."
    )
    options: RestoreOptions = DEFAULT_RESTORE_OPTIONS

    @field_validator("recovery_point", "instance", "at", "subnet", "security_groups", "instance_type", "profile",
                     "key_pair", "name")  # fmt: skip
    @classmethod
    def can_be_read(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Return the value as it is, None for an empty one; raise ValueError for one that a CSV could not hold."""
        if value is None or not value.strip():
            return None
        PARSERS[info.field_name or ""](value)
        return value.strip()

    @model_validator(mode="after")
    def one_thing_is_asked_for(self) -> Self:
        """Return the request; raise ValueError unless it says in exactly one way what is wanted back."""
        ways = [one for one in (self.recovery_point, self.instance, self.csv) if one]
        if len(ways) != 1 and not self.run_key:
            raise ValueError("name one recovery point by its ARN, or one --instance, or a --csv of several")
        if self.at and not self.instance:
            raise ValueError("--at goes with --instance; in a CSV it is a column")
        if self.csv and any(
            (self.subnet, self.security_groups, self.instance_type, self.profile, self.key_pair, self.name)
        ):
            raise ValueError("with --csv, changes are columns of the CSV")
        if self.recovery_point or self.instance:
            _ = self.row
        return self

    @property
    def row(self) -> RestoreRow:
        """The one row that the request itself is, where it names no CSV; raises ValueError where it is none."""
        return to_row(1, {name: str(getattr(self, name) or "") for name in PARSERS if name != "order"})


def to_backup_request(request: RestoreRequest) -> BackupRequest:
    """Return what a backup would be asked that needs the same blocks of Prefect."""
    options = BackupOptions(credentials_block=request.options.credentials_block)
    return BackupRequest(csv=request.csv or DEFAULT_CSV, options=options)


def to_restore_request(values: dict[str, object]) -> RestoreRequest:
    """Return the request that these values make. Raises UsageError that names each flag whose value is wrong."""
    try:
        return RestoreRequest.model_validate(values)
    except ValidationError as error:
        raise to_usage_error(error, "restore") from error
