"""The key `aws/backup`, which AWS makes in an account and Region for the first vault that names no other."""

from moto.kms.models import kms_backends

ALIAS = "alias/aws/backup"


def service_key(account: str, region: str) -> str:
    """Return the ARN of the account's AWS-managed key for AWS Backup, which is made if it is not there."""
    kms = kms_backends[account][region]
    if not kms.alias_exists(ALIAS):
        description = "Default key that protects my Backup data when no other key is defined"
        key = kms.create_key("", "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", description, None)
        key.key_manager = "AWS"
        kms.create_alias(key.id, ALIAS)
    return str(kms.describe_key(ALIAS).arn)
