"""Why backup jobs end as they do, in the words that AWS documents (Developer Guide, backup dashboards)."""

from collections.abc import Mapping
from enum import StrEnum


class Cause(StrEnum):
    """Ends of a job that AWS documents, by a short name."""

    KMS_DISABLED = "kms-disabled"
    KMS_NOT_ACCESSIBLE = "kms-not-accessible"
    TAGS_OVER_50 = "tags-over-50"
    IMAGE_THROTTLED = "image-throttled"
    SNAPSHOTS_IN_PROGRESS = "snapshots-in-progress"
    IMAGE_QUOTA = "image-quota"
    ACCESS_DENIED = "access-denied"
    ROLE_NOT_ASSUMABLE = "role-not-assumable"
    VAULT_GONE = "vault-gone"
    LOCK_RANGE = "lock-range"
    VOLUME_NOT_FOUND = "volume-not-found"
    INSTANCE_ABSENT = "instance-absent"
    INSTANCE_STATE = "instance-state"
    INSTANCE_STORE = "instance-store"
    INTERNAL_ERROR = "internal-error"
    NETWORK_INTERFACES = "network-interfaces"
    VSS_FALLBACK = "vss-fallback"
    EXPIRED = "expired"
    BUSY = "busy"
    STOPPED = "stopped"


STATUS_MESSAGES: Mapping[Cause, tuple[str, str]] = {
    Cause.KMS_DISABLED: (
        "KMS key is either disabled or pending deletion or access to KMS key is denied",
        "InvalidParameters",
    ),
    Cause.KMS_NOT_ACCESSIBLE: ("Given key ID is not accessible", "InvalidParameters"),
    Cause.TAGS_OVER_50: ("The resultant tag set must not have more than 50 user tags.", "InvalidParameters"),
    Cause.IMAGE_THROTTLED: (
        "Image creation throttled due to maximum number of concurrent snapshots on an EBS volume.",
        "LimitExceeded",
    ),
    Cause.SNAPSHOTS_IN_PROGRESS: (
        "Maximum allowed in-progress snapshots for a single volume exceeded.",
        "LimitExceeded",
    ),
    Cause.IMAGE_QUOTA: (
        "You have reached your quota of 50,000 for the number of public and private images allowed in this Region.",
        "LimitExceeded",
    ),
    Cause.ACCESS_DENIED: (
        (
            "Your backup job failed as AWS Backup does not have permission to describe resource {resource}. "
            "Please review your IAM policies to ensure AWS Backup can protect your resources."
        ),
        "AccessDenied",
    ),
    Cause.ROLE_NOT_ASSUMABLE: ("IAM Role {role} cannot be assumed by AWS Backup", "AccessDenied"),
    Cause.VAULT_GONE: ("Backup job failed because backup vault {vault} does not exist.", "InvalidParameters"),
    Cause.LOCK_RANGE: (
        (
            "Backup job failed. The retention specified in the job is not within the range specified for the target "
            "Backup Vault."
        ),
        "InvalidParameters",
    ),
    Cause.VOLUME_NOT_FOUND: ("The specified volume was not found.", "InvalidParameters"),
    Cause.INSTANCE_ABSENT: ("The instance ID '{instance}' does not exist", "InvalidParameters"),
    Cause.INSTANCE_STATE: ("Instance is not in state 'running' or 'stopped'.", "InvalidParameters"),
    Cause.INSTANCE_STORE: ("Unsupported resource type: {resource}", "InvalidParameters"),
    Cause.INTERNAL_ERROR: ("An internal error occurred.", "InternalError"),
    Cause.NETWORK_INTERFACES: (
        (
            "Your backup succeeded, but we were unable to persist NetworkInterfaces metadata as its size exceeded our "
            "internal limits."
        ),
        "NetworkInterfaces",
    ),
    Cause.VSS_FALLBACK: ("Windows VSS Backup Job Error encountered, trying for regular backup", "VSS"),
    Cause.EXPIRED: ("Backup job expired before completion.", "Expired"),
    Cause.BUSY: ("Backup job failed because there was a running job for the same resource.", "Expired"),
    Cause.STOPPED: ("Backup job was stopped by user.", "Aborted"),
}
"""StatusMessage and MessageCategory of each cause; the categories beyond AWS's three documented ones are guesses."""
