"""Another Region and another account: clients, vaults, and copies into them."""

from functools import cache

import boto3

from sandbox.backup.failures import COPY_MESSAGES
from sandbox.clock import CLOCK

ELSEWHERE = "eu-west-1"
OTHER = "210987654321"


def client(aws, service, region=ELSEWHERE, **credentials):
    """Return a client of another Region, or of other credentials."""
    keys = credentials or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return _client(aws.sandbox.url, service, region, **keys)


@cache
def _client(url, service, region, **credentials):
    return boto3.client(service, endpoint_url=url, region_name=region, **credentials)


def administrator(aws):
    """Return the credentials of the other account's administrator, which the test's fleet has to have an account of."""
    role = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
    made = aws.client("sts").assume_role(RoleArn=role, RoleSessionName="dr")["Credentials"]
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    keys = ("aws_access_key_id", "aws_secret_access_key", "aws_session_token")
    return dict(zip(keys, (made[name] for name in names), strict=True))


def vault_in(aws, region=ELSEWHERE, name="DR", key="", **credentials):
    """Make a vault with a key of its own, and return its ARN."""
    key = key or client(aws, "kms", region, **credentials).create_key()["KeyMetadata"]["Arn"]
    backup = client(aws, "backup", region, **credentials)
    made = backup.create_backup_vault(BackupVaultName=name, EncryptionKeyArn=key)
    return made["BackupVaultArn"]


def start_copy(aws, point, vault, **parameters):
    given = {"RecoveryPointArn": point, "SourceBackupVaultName": aws.vault, "DestinationBackupVaultArn": vault}
    return aws.backup.start_copy_job(**(given | {"IamRoleArn": aws.role} | parameters))["CopyJobId"]


def copied(aws, point, vault, **parameters):
    """Start a copy job, let six hours pass and return what became of it."""
    job_id = start_copy(aws, point, vault, **parameters)
    CLOCK.advance(6 * 3600)
    return describe(aws, job_id)


def describe(aws, job_id):
    return aws.backup.describe_copy_job(CopyJobId=job_id)["CopyJob"]


def message(cause):
    """Return what a copy job says of a cause."""
    return COPY_MESSAGES[cause][0]


def failed(aws, point, vault, **parameters):
    """Return the message of a copy job that fails, and names no copy."""
    job = copied(aws, point, vault, **parameters)

    assert (job["State"], "DestinationRecoveryPointArn" in job) == ("FAILED", False)
    return job["StatusMessage"]
