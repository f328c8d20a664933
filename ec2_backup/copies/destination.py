"""Where copies go: the vaults that somebody asks for, as `ARN` or `ARN=DAYS`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

# Longest vault name and its characters: AWS Backup API reference, BackupVaultName.
_VAULT = re.compile(
    r"arn:(aws[a-z-]*):backup:([a-z]{2,4}(?:-[a-z]+)+-\d{1,2}):(\d{12}):backup-vault:([a-zA-Z0-9_-]{2,50})"
)
_DAYS = re.compile(r"[1-9][0-9]{0,4}")
_MOST_DAYS = 36500  # AWS Backup developer guide, Lifecycle.DeleteAfterDays
_FORM = "arn:aws:backup:REGION:ACCOUNT:backup-vault:NAME, and =DAYS after it for a retention of its own"


@dataclass(frozen=True, slots=True)
class CopyDestination:
    """A backup vault that copies go into; `retention_days` None is the retention of the run."""

    arn: str
    partition: str
    region: str
    account: str
    vault_name: str
    retention_days: int | None = None

    def __str__(self) -> str:
        """Return its name and place: `EC2-Backup-Copy in eu-west-1 of account 123456789012`."""
        return f"{self.vault_name} in {self.region} of account {self.account}"


def parse_destination(text: str) -> CopyDestination:
    """Return the destination that a text names; raise ValueError with the reason why it names none."""
    arn, sign, days = text.strip().partition("=")
    match = _VAULT.fullmatch(arn)
    if match is None:
        raise ValueError(f"{arn[:120]!r} is not the ARN of a backup vault: write {_FORM}")
    if sign and not (_DAYS.fullmatch(days) and int(days) <= _MOST_DAYS):
        raise ValueError(f"{days[:20]!r} is no retention: 1 to {_MOST_DAYS} days, as in {arn}=30")
    partition, region, account, vault_name = match.groups()
    return CopyDestination(arn, partition, region, account, vault_name, int(days) if sign else None)


def parse_destinations(texts: Iterable[str]) -> tuple[CopyDestination, ...]:
    """Return the destinations that these texts name; raise ValueError for one that is none, or is there twice."""
    found: dict[str, CopyDestination] = {}
    for destination in map(parse_destination, texts):
        if destination.arn in found:
            raise ValueError(f"{destination.arn} is there twice")
        found[destination.arn] = destination
    return tuple(found.values())


def to_destinations(texts: Iterable[str], retention_days: int) -> tuple[CopyDestination, ...]:
    """Return the destinations, each with its retention; what says none of its own has that of the run."""
    return tuple(replace(one, retention_days=one.retention_days or retention_days) for one in parse_destinations(texts))
