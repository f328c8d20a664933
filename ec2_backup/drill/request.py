"""What a human may ask of a drill: the parameters, their limits and their defaults."""

import re
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, ValidationInfo, field_validator, model_validator

from ec2_backup.drilloptions import GROUP_PATTERN, SUBNET_PATTERN
from ec2_backup.restore.cells import PARSERS
from ec2_backup.restore.model import NO_PROFILE, Changes
from ec2_backup.restore.request import Patience, RestoreOptions, RestoreRequest
from ec2_backup.settings import (
    DEFAULT_CSV,
    DEFAULT_OUTPUT,
    DEFAULT_ROLE,
    REGION_PATTERN,
    ROLE_PATTERN,
    RUN_KEY_PATTERN,
    VAULT_PATTERN,
)
from ec2_backup.usage import to_usage_error

SAMPLE_PATTERN = r"^(all|[1-9][0-9]{0,3})$"


class DrillOptions(Patience):
    """What few drills change: how long to wait, how many at once, and what to do with an instance that failed."""

    check_minutes: Annotated[float, Field(gt=0, le=1440)] = Field(
        default=30,
        title="Deadline for the check, in minutes",
        description="How long Systems Manager may take to see the new instance, and then the check command to end.",
    )
    at_once: Annotated[int, Field(ge=1, le=100)] = Field(
        default=5, title="At once", description="How many restored instances there may be at the same time."
    )
    keep_failed: bool = Field(
        default=False,
        title="Keep what failed",
        description="Leave a new instance that failed there for a look; the next drill removes it.",
    )
    accept_connected: bool = Field(
        default=False,
        title="Accept a network that is not isolated",
        description="Drill although the restored copies could reach other servers. The report says so.",
    )


DEFAULT_DRILL_OPTIONS = DrillOptions()


class DrillRequest(BaseModel):
    """One drill, as it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    csv: str = Field(
        default=DEFAULT_CSV,
        min_length=1,
        description="The inventory: a path, an s3:// URL, block:s3-bucket/NAME/KEY, or `select:` and filters.",
    )
    recovery_points: dict[str, str] = Field(
        default_factory=dict,
        description="Drill exactly these recovery points, ARNs by the ids of their instances.",
    )
    subnet: str = Field(
        default="", pattern=f"^$|{SUBNET_PATTERN}", description="The isolated subnet that instances are restored into."
    )
    security_group: str = Field(
        default="", pattern=f"^$|{GROUP_PATTERN}", description="The closed security group that they get, no other."
    )
    sample: str = Field(default="all", description="How many instances, chosen at random: a number, or all.")
    vault: str | None = Field(
        default=None, pattern=VAULT_PATTERN, description="Look in this vault alone; otherwise in all of the Region."
    )
    role: str = Field(default=DEFAULT_ROLE, pattern=ROLE_PATTERN, description="The role that AWS Backup assumes.")
    region: str | None = Field(
        default=None, pattern=REGION_PATTERN, description="The Region of the subnet, and of rows that name none."
    )
    instance_type: str | None = Field(default=None, description="Another instance type, the same for all.")
    profile: str = Field(
        default=NO_PROFILE, min_length=1, description="The instance profile that the new instances get, by its name."
    )
    check: str | None = Field(
        default=None,
        max_length=4000,
        description="A command that Systems Manager runs on each; exit code 0 is success.",
    )
    dry_run: bool = Field(default=False, description="Check everything, show the plan, start nothing.")
    output: Path = Field(default=Path(DEFAULT_OUTPUT), description="The folder for the log and the reports.")
    run_key: str | None = Field(
        default=None, pattern=RUN_KEY_PATTERN, description="The key of an earlier drill, to take it up again."
    )
    options: DrillOptions = DEFAULT_DRILL_OPTIONS

    @field_validator("check", "instance_type")
    @classmethod
    def blank_is_none(cls, value: str | None) -> str | None:
        """Return the text, None for a blank one, such as a variable of the shell that is empty."""
        return value if value and value.strip() else None

    @field_validator("instance_type", "profile")
    @classmethod
    def can_be_read(cls, value: str | None, info: ValidationInfo) -> str | None:
        """Return the value as it is; raise ValueError for one that AWS would not take."""
        if value:
            PARSERS[info.field_name or ""](value)
        return value

    @field_validator("sample")
    @classmethod
    def sample_is_all_or_a_number(cls, value: str) -> str:
        """Return the sample as it is; raise ValueError for one that is neither all nor a number of instances."""
        if not re.fullmatch(SAMPLE_PATTERN, value):
            raise ValueError(f"{value[:40]!r} is neither a whole number from 1 to 9999 nor all")
        return value

    @model_validator(mode="after")
    def the_place_is_named(self) -> Self:
        """Return the request; raise ValueError where it does not say into which subnet and group."""
        if not (self.run_key or (self.subnet and self.security_group)):
            raise ValueError("name where to restore: --subnet, and a --security-group of its VPC, both isolated")
        return self

    @property
    def changes(self) -> Changes:
        """What every new instance is to have other than its original."""
        return Changes(
            subnet=self.subnet,
            security_groups=(self.security_group,),
            instance_type=self.instance_type or "",
            profile=self.profile,
        )


def to_restores(request: DrillRequest) -> RestoreRequest:
    """Return what a restore would be asked that is done as this drill's are: one failing never stops the others."""
    known = {name: getattr(request.options, name) for name in Patience.model_fields}
    return RestoreRequest(
        csv=request.csv,
        vault=request.vault,
        role=request.role,
        region=request.region,
        dry_run=request.dry_run,
        output=request.output,
        run_key=request.run_key,
        options=RestoreOptions(**known, copy_tags=False, on_failure="continue"),
    )


def to_drill_request(values: dict[str, object]) -> DrillRequest:
    """Return the request that these values make. Raises UsageError that names each flag whose value is wrong."""
    try:
        return DrillRequest.model_validate(values)
    except ValidationError as error:
        raise to_usage_error(error, "drill") from error
