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

WHAT_FITS = {
    "vault": "the name of a vault: 2 to 50 letters, digits, - and _",
    "role": "the name of a role: up to 64 letters, digits and + = , . @ - _, without its path",
    "regions": "the code of a Region, such as us-east-1",
    "policy": "the name of a policy: up to 128 letters, digits and + = , . @ - _",
    "csv": "an object in S3: write s3://bucket/key, also for a list in the bucket of a block",
    "report_to": "a place in S3: write s3://bucket/prefix, also for the bucket of a block",
    "notify_topic": "the ARN of an SNS topic, such as arn:aws:sns:us-east-1:123456789012:ops",
    "account_role": "the name of a role: Backups, or with its path ops/Backups and no / in front",
}
"""What the pattern of each field asks for, in words."""

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
