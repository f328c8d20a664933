"""What a human may ask of the restore drill that follows a backup run."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

SUBNET_PATTERN = r"^subnet-[0-9a-f]{8}([0-9a-f]{9})?$"
GROUP_PATTERN = r"^sg-[0-9a-f]{8}([0-9a-f]{9})?$"


class DrillChoice(BaseModel):
    """How many of the proven backups are restored right after the run, where to, and how each is checked."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    drill: Annotated[int, Field(ge=0, le=1000)] = Field(
        default=0,
        title="Restore drill",
        description="Restore so many of the proven backups after the run, chosen at random, prove them, remove them.",
    )
    drill_subnet: Annotated[str, Field(pattern=SUBNET_PATTERN)] | None = Field(
        default=None, title="Subnet of the drill", description="The isolated subnet that the drill restores into."
    )
    drill_security_group: Annotated[str, Field(pattern=GROUP_PATTERN)] | None = Field(
        default=None,
        title="Security group of the drill",
        description="The closed security group that the drill's instances get.",
    )
    drill_check: Annotated[str, Field(min_length=1, max_length=4000)] | None = Field(
        default=None,
        title="Check command of the drill",
        description="A command that Systems Manager runs on each restored instance; exit code 0 is success.",
    )
    drill_profile: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        title="Instance profile of the drill",
        description="The instance profile that the drill's instances get, by its name; without it they have none.",
    )

    @model_validator(mode="after")
    def the_drill_has_a_place(self) -> Self:
        """Return the options; raise ValueError where a drill is wanted and nobody says where to restore."""
        if self.drill and not (self.drill_subnet and self.drill_security_group):
            raise ValueError("a drill needs an isolated place: drill_subnet, and drill_security_group of its VPC")
        return self
