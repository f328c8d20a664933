"""Why restore and copy jobs fail.

The words are AWS's own: those of the Developer Guide (backup dashboards, EventBridge examples, backup and tag copy,
aws-backup-encoded-authorization-failure), and those of EC2 where EC2 is what refuses.
"""

from collections.abc import Mapping
from enum import StrEnum

NOT_AUTHORIZED = (
    "You are not authorized to perform this operation. Please consult the permissions associated with your AWS Backup "
    "role(s), and refer to the AWS Backup documentation for more details. "
    "Encoded authorization failure message: {encoded}"
)
"""What a restore says whose role lacks a permission; its first two sentences are in AWS's knowledge center."""


class RestoreCause(StrEnum):
    """Ends of a restore job, by a short name."""

    METADATA = "metadata"
    NEW_PROFILE = "new-profile"
    CAPACITY = "capacity"
    NOT_AUTHORIZED = "not-authorized"
    ROLE_NOT_ASSUMABLE = "role-not-assumable"
    KMS_DISABLED = "kms-disabled"
    KMS_NOT_ACCESSIBLE = "kms-not-accessible"
    POINT_GONE = "point-gone"
    INTERNAL_ERROR = "internal-error"


RESTORE_MESSAGES: Mapping[RestoreCause, str] = {
    RestoreCause.METADATA: "Restore metadata is invalid.",
    RestoreCause.NEW_PROFILE: (
        "AWS Backup does not permit attaching a new instance profile to an EC2 instance. "
        "Please restore using the backed up instance profile."
    ),
    RestoreCause.CAPACITY: (
        "We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested ({zone}). "
        "Our system will be working on provisioning additional capacity."
    ),
    RestoreCause.NOT_AUTHORIZED: NOT_AUTHORIZED,
    RestoreCause.ROLE_NOT_ASSUMABLE: "IAM Role {role} cannot be assumed by AWS Backup",
    RestoreCause.KMS_DISABLED: "KMS key is either disabled or pending deletion or access to KMS key is denied",
    RestoreCause.KMS_NOT_ACCESSIBLE: "Given key ID is not accessible",
    RestoreCause.POINT_GONE: "Cannot find recovery point",
    RestoreCause.INTERNAL_ERROR: "An internal error occurred.",
}
"""StatusMessage of each cause; a restore job has no MessageCategory."""


class CopyCause(StrEnum):
    """Ends of a copy job, by a short name."""

    LOCK_RANGE = "lock-range"
    SERVICE_KEY = "service-key"
    MANAGED_KEY = "managed-key"
    KEY_NOT_SHARED = "key-not-shared"
    KMS_DISABLED = "kms-disabled"
    ACCESS_DENIED = "access-denied"
    NOT_AUTHORIZED = "not-authorized"
    TAGS_DENIED = "tags-denied"
    ORGANIZATION = "organization"
    FEATURE_OFF = "feature-off"
    MARKETPLACE = "marketplace"
    TOO_MANY = "too-many"
    IMAGE_NOT_ALLOWED = "image-not-allowed"
    ROLE_NOT_ASSUMABLE = "role-not-assumable"
    POINT_GONE = "point-gone"
    INTERNAL_ERROR = "internal-error"


COPY_MESSAGES: Mapping[CopyCause, tuple[str, str]] = {
    CopyCause.LOCK_RANGE: (
        (
            "Copy job failed. The retention specified in the job is not within the range specified for the target "
            "Backup Vault."
        ),
        "InvalidParameters",
    ),
    CopyCause.SERVICE_KEY: (
        (
            "Copy job failed because the destination Backup vault is encrypted with the default Backup service managed "
            "key. The contents of this vault cannot be copied. Only the contents of a Backup vault encrypted by an AWS "
            "KMS key may be copied."
        ),
        "AccessDenied",
    ),
    CopyCause.MANAGED_KEY: (
        "Snapshots encrypted with the AWS managed key can't be shared. Specify another snapshot.",
        "AccessDenied",
    ),
    CopyCause.KEY_NOT_SHARED: (
        (
            "AMI snapshot copy failed with error: Given key ID is not accessible. You must have DescribeKey "
            "permissions on the default key"
        ),
        "InvalidParameters",
    ),
    CopyCause.KMS_DISABLED: (
        "KMS key is either disabled or pending deletion or access to KMS key is denied",
        "InvalidParameters",
    ),
    CopyCause.ACCESS_DENIED: ("Access Denied trying to call AWS Backup service", "AccessDenied"),
    CopyCause.NOT_AUTHORIZED: ("You are not authorized to perform this operation.", "AccessDenied"),
    CopyCause.TAGS_DENIED: ("Access denied exception while trying to list tags", "AccessDenied"),
    CopyCause.ORGANIZATION: (
        "Copy job failed. Both source and destination account must be a member of the same organization.",
        "AccessDenied",
    ),
    CopyCause.FEATURE_OFF: (
        "Copy job failed. Cross-account copy feature is not enabled for the current organization.",
        "AccessDenied",
    ),
    CopyCause.MARKETPLACE: ("Images from AWS Marketplace cannot be copied to another AWS account.", "AccessDenied"),
    CopyCause.TOO_MANY: ("There are too many copy jobs running for resource.", "LimitExceeded"),
    CopyCause.IMAGE_NOT_ALLOWED: ("Source AMI not found in Region", "InvalidParameters"),
    CopyCause.ROLE_NOT_ASSUMABLE: ("IAM Role {role} cannot be assumed by AWS Backup", "AccessDenied"),
    CopyCause.POINT_GONE: ("Cannot find recovery point", "InvalidParameters"),
    CopyCause.INTERNAL_ERROR: ("An internal error occurred.", "InternalError"),
}
"""StatusMessage and MessageCategory of each cause."""
