"""What a human may ask of a fleet beside what each of its runs is asked."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ec2_backup.settings import REPORT_TO_PATTERN

DEFAULT_SHARDS = "backup-output/shards"
DEFAULT_DEPLOYMENT = "ec2-backup/shard"

# A run key of a fleet becomes the beginning of those of its shards, and has to say when the fleet began.
FLEET_KEY_PATTERN = r"^\d{8}T\d{6}Z-[0-9a-f]{8}$"
SHARDS_PATTERN = rf"{REPORT_TO_PATTERN}|^[^:]+$"  # what has no colon is a folder


class FleetOptions(BaseModel):
    """How the runs of a fleet's shards are started and waited for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_once: Annotated[int, Field(ge=1, le=200)] = Field(
        default=20,
        title="Shards at once",
        description="How many shards are under way at the same time; the others wait their turn.",
    )
    again: Annotated[int, Field(ge=0, le=10)] = Field(
        default=2,
        title="Repetitions of a crashed shard",
        description="How often a shard is run again whose worker died.",
    )
    deployment: Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")] = Field(
        default=DEFAULT_DEPLOYMENT,
        title="Deployment of the shards",
        description="The deployment of the backup that runs a shard, as flow/deployment: its work pool does the work.",
    )
    look_seconds: Annotated[float, Field(ge=0.5, le=3600)] = Field(
        default=15,
        title="Pause between looks, in seconds",
        description="The pause between two looks at the runs of the shards.",
    )
    deadline_minutes: Annotated[float, Field(gt=0, le=43_200)] = Field(
        default=1440,
        title="Deadline in minutes",
        description="How long the fleet waits for its shards in all, before it reports what there is.",
    )
