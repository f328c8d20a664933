"""What a setup is asked for."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from ec2_backup.settings import (
    ACCOUNT_ROLE_PATTERN,
    DEFAULT_ROLE,
    DEFAULT_VAULT,
    REGION_PATTERN,
    REPORT_TO_PATTERN,
    ROLE_PATTERN,
    TOPIC_PATTERN,
    VAULT_PATTERN,
)

DEFAULT_POLICY = "EC2BackupCaller"
POLICY_PATTERN = r"^[\w+=,.@-]{1,128}$"  # IAM API reference, PolicyName
CSV_IN_S3_PATTERN = r"^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.+$"

Region = Annotated[str, Field(pattern=REGION_PATTERN)]


class SetupRequest(BaseModel):
    """The names of what is to be there; the optional ones only widen the caller's policy."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    vault: str = Field(default=DEFAULT_VAULT, pattern=VAULT_PATTERN, description="The backup vault.")
    role: str = Field(default=DEFAULT_ROLE, pattern=ROLE_PATTERN, description="The role that AWS Backup assumes.")
    regions: tuple[Region, ...] = Field(
        min_length=1, description="A Region that gets a vault with a key; as often as wanted."
    )
    policy: str = Field(
        default=DEFAULT_POLICY, pattern=POLICY_PATTERN, description="The policy for whoever runs backups."
    )
    csv: Annotated[str, Field(pattern=CSV_IN_S3_PATTERN)] | None = Field(
        default=None, description="The policy lets the caller read this list: s3://bucket/key."
    )
    report_to: Annotated[str, Field(pattern=REPORT_TO_PATTERN)] | None = Field(
        default=None, description="The policy lets the caller put reports there: s3://bucket/prefix."
    )
    notify_topic: Annotated[str, Field(pattern=TOPIC_PATTERN)] | None = Field(
        default=None, description="The policy lets the caller publish to this SNS topic: its ARN."
    )
    account_role: Annotated[str, Field(pattern=ACCOUNT_ROLE_PATTERN)] | None = Field(
        default=None, description="The policy lets the caller assume the role of this name in other accounts."
    )
