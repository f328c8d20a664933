"""Vaults that the flow tests copy backups into, and what the sandbox's own books say of copies."""

from collections import Counter
from typing import Any

import boto3

from ec2_backup.copies.destination import parse_destination
from sandbox.copyvaults import seed_copy_vault
from sandbox.fleet import Fleet
from sandbox.running import Sandbox

PAYMENTS = "210987654321"
ELSEWHERE = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup-Copy"
VAULTED = f"arn:aws:backup:us-east-1:{PAYMENTS}:backup-vault:Vaulted"


def a_vault(fleet: Fleet, arn: str = ELSEWHERE) -> str:
    """Make the vault with all that copies of the fleet need, and return its ARN."""
    seed_copy_vault(parse_destination(arn), fleet)
    return arn


def copies_of(aws: Sandbox) -> Counter[tuple[str, str]]:
    """Return how many copy jobs there are of each instance into each vault."""
    return Counter((job["instance"], job["vault"]) for job in aws.control.copies())


def verdicts(outcome: Any) -> list[str]:
    """Return the verdicts on the copies of one instance, as the JSON report has them."""
    return [copy["verdict"] for copy in outcome["copies"]]


def elsewhere(aws: Sandbox, service: str, **credentials: str) -> Any:
    """Return a client in the Region that copies go into."""
    keys = credentials or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, endpoint_url=aws.url, region_name="eu-west-1", **keys)  # type: ignore[call-overload]
