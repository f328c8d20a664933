"""What a human may ask of a run: the parameters, their limits and their defaults."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ec2_backup.copies.destination import parse_destinations
from ec2_backup.drilloptions import DrillChoice
from ec2_backup.tagrules import raise_for_tag as raise_for_tag  # noqa: PLC0414 - a rule of what a human may ask

DEFAULT_CSV = "ec2_instances.csv"
DEFAULT_VAULT = "EC2-Backup"
DEFAULT_ROLE = "AWSBackupDefaultServiceRole"
DEFAULT_OUTPUT = "backup-output"
DEFAULT_ACCOUNT_ROLE = "EC2BackupAutomation"

VAULT_PATTERN = r"^[a-zA-Z0-9_-]{2,50}$"  # AWS Backup API reference, BackupVaultName
ROLE_PATTERN = r"^[\w+=,.@-]{1,64}$"  # IAM API reference, RoleName
REGION_PATTERN = r"^[a-z]{2,4}(-[a-z]+)+-\d{1,2}$"
# A path may stand before the name, without the slash that an ARN has in front of it anyway.
ACCOUNT_ROLE_PATTERN = r"^[A-Za-z0-9_+=,.@-]([A-Za-z0-9_+=,.@/-]{0,510}[A-Za-z0-9_+=,.@-])?$"
TOPIC_PATTERN = r"^arn:aws[a-z-]*:sns:[a-z]{2,4}(-[a-z]+)+-\d{1,2}:\d{12}:[A-Za-z0-9_-]{1,256}$"  # SNS API reference
# Amazon S3 user guide, "General purpose bucket naming rules" and "Object key naming guidelines": what is always safe
REPORT_TO_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9_!.*'()/=@:+-]*)?$"
BLOCK_PREFIX = "block:s3-bucket/"
BLOCK_PATTERN = r"^[a-z0-9-]{1,100}$"  # what Prefect takes as the name of a block
PLACE_PATTERN = rf"{REPORT_TO_PATTERN}|^{BLOCK_PREFIX}[a-z0-9-]{{1,100}}(/[A-Za-z0-9_!.*'()/=@:+-]*)?$"
RUN_KEY_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$"  # it becomes part of file names and of idempotency tokens

INSTANCE_TAG, RUN_TAG = "InstanceId", "RunId"
DRILL_TAG, UNTIL_TAG, PROVEN_TAG = "DrillRunId", "DrillUntil", "DrillProven"
RESERVED_TAGS = frozenset({INSTANCE_TAG, RUN_TAG, DRILL_TAG, UNTIL_TAG, PROVEN_TAG})

RetentionDays = Annotated[int, Field(ge=1, le=36500)]  # AWS Backup developer guide, Lifecycle.DeleteAfterDays
WindowMinutes = Annotated[int, Field(ge=60, le=52_560_000)]  # AWS refuses a start window under an hour


class BackupOptions(DrillChoice):
    """What few runs change: windows, waiting, and what to do about jobs that are there already."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    start_window_minutes: WindowMinutes | None = Field(
        default=None,
        title="Start window in minutes",
        description="How long AWS Backup may wait before it starts a job; its own default is 8 hours.",
    )
    complete_window_minutes: WindowMinutes | None = Field(
        default=None,
        title="Completion window in minutes",
        description="How long after its start was due a job may take before AWS Backup expires it; "
        "not less than the start window.",
    )
    windows_vss: bool = Field(
        default=False,
        title="Windows VSS",
        description="Ask for application-consistent backups of Windows instances.",
    )
    on_active_job: Literal["watch", "report"] = Field(
        default="watch",
        title="Where an instance has an active job",
        description="What to do where an instance already has an active job: watch and verify that one, or report it.",
    )
    on_busy_vault: Literal["wait", "fail"] = Field(
        default="wait",
        title="Where another run is at work in the vault",
        description="What a run of a deployment does then: wait until that is over, or fail at once.",
    )
    restarts: Annotated[int, Field(ge=0, le=3)] = Field(
        default=1,
        title="Restarts of a failed job",
        description="How often a job that failed for a passing cause is started again within the run.",
    )
    deadline_minutes: Annotated[float, Field(gt=0, le=43_200)] = Field(
        default=720,
        title="Deadline in minutes",
        description="How long a job may take, from its creation, before this run stops waiting for it.",
    )
    poll_seconds: Annotated[float, Field(gt=0, le=3600)] = Field(
        default=300,
        title="Longest pause between looks, in seconds",
        description="The longest pause between two looks at the jobs; they are closer at first and near the end.",
    )
    stop_jobs_on_cancel: bool = Field(
        default=False,
        title="Stop jobs on cancel",
        description="When interrupted, ask AWS Backup to stop the jobs that this run has started.",
    )
    publish_metrics: bool = Field(
        default=True, title="CloudWatch metrics", description="Publish the run's figures to CloudWatch."
    )
    start_jobs_per_second: Annotated[float, Field(gt=0, le=1000)] = Field(
        default=5,
        title="Jobs started per second",
        description="The StartBackupJob quota of your account and Region; AWS's default is 5 a second.",
    )
    accounts: Annotated[str, Field(min_length=1)] | None = Field(
        default=None,
        title="Accounts (CSV)",
        description="A CSV of accounts, each with its role, external id, vault and Regions: a path, an s3:// URL, "
        "or block:s3-bucket/NAME/KEY.",
    )
    account_role: Annotated[str, Field(pattern=ACCOUNT_ROLE_PATTERN)] = Field(
        default=DEFAULT_ACCOUNT_ROLE,
        title="Role in other accounts",
        description="The role through which rows of another account are backed up there, "
        "unless the list of accounts says otherwise.",
    )
    copy_to: tuple[str, ...] = Field(
        default=(),
        title="Copies into other vaults",
        description="A vault that every proven backup is copied into: its ARN, with =DAYS for a retention of its own.",
    )
    locate: bool = Field(
        default=False,
        title="Locate instances",
        description="Search instances that name no Region, or no account, in all listed accounts and Regions.",
    )
    credentials_block: Annotated[str, Field(pattern=BLOCK_PATTERN)] | None = Field(
        default=None,
        title="AWS Credentials block",
        description="The name of the Prefect block with the credentials; without it, AWS's default chain finds them.",
    )
    report_to: Annotated[str, Field(pattern=PLACE_PATTERN)] | None = Field(
        default=None,
        title="Copy of the reports in S3",
        description="Where log and reports go besides the output folder: s3://bucket/prefix, "
        "or block:s3-bucket/NAME/prefix.",
    )
    notify_topic: Annotated[str, Field(pattern=TOPIC_PATTERN)] | None = Field(
        default=None,
        title="SNS topic",
        description="The ARN of the SNS topic that gets a message when the run is over.",
    )
    notify: Literal["failure", "always"] = Field(
        default="failure",
        title="When to notify",
        description="When the topic gets a message: unless all went well, or after every run.",
    )

    @field_validator("copy_to")
    @classmethod
    def copies_have_somewhere_to_go(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        """Return the destinations as they are; raise ValueError for one that is no vault, or is there twice."""
        parse_destinations(texts)
        return texts

    @model_validator(mode="after")
    def windows_fit_each_other(self) -> Self:
        """Return the options; raise ValueError where a job would expire before it may start."""
        start, complete = self.start_window_minutes, self.complete_window_minutes
        if start and complete and complete < start:
            raise ValueError(
                "complete_window_minutes counts from when the start was due: it is at least the start window"
            )
        return self

    @model_validator(mode="after")
    def somebody_is_told(self) -> Self:
        """Return the options; raise ValueError where a message is always wanted and nobody would get it."""
        if self.notify == "always" and self.notify_topic is None:
            raise ValueError("notify says when a topic gets a message: name the topic with notify_topic")
        return self


DEFAULT_OPTIONS = BackupOptions()


class BackupRequest(BaseModel):
    """One run, as it was asked for."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    csv: str = Field(
        default=DEFAULT_CSV,
        min_length=1,
        description="The inventory: a path, an s3:// URL, block:s3-bucket/NAME/KEY, or `select:` and filters.",
    )
    vault: str = Field(default=DEFAULT_VAULT, pattern=VAULT_PATTERN, description="The backup vault.")
    role: str = Field(default=DEFAULT_ROLE, pattern=ROLE_PATTERN, description="The role that AWS Backup assumes.")
    region: str | None = Field(default=None, pattern=REGION_PATTERN, description="The Region of rows that name none.")
    retention_days: RetentionDays = Field(default=7, description="Days until AWS Backup deletes the recovery points.")
    tags: dict[str, str] = Field(default_factory=dict, description="Further tags for every recovery point.")
    dry_run: bool = Field(default=False, description="Check everything, print the plan, start nothing.")
    output: Path = Field(default=Path(DEFAULT_OUTPUT), description="The folder for the log and the reports.")
    run_key: str | None = Field(
        default=None, pattern=RUN_KEY_PATTERN, description="The name of the run, made if absent."
    )
    options: BackupOptions = DEFAULT_OPTIONS

    @field_validator("tags")
    @classmethod
    def tags_fit_aws(cls, tags: dict[str, str]) -> dict[str, str]:
        """Return the tags as they are; raise ValueError for one that AWS would refuse after the job was started."""
        for key, value in tags.items():
            raise_for_tag(key, value)
        if taken := sorted(tags.keys() & RESERVED_TAGS):
            raise ValueError(f"the tag {taken[0]} is set by the run itself")
        return tags
