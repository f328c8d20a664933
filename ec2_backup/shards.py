"""How a fleet is cut into shards: one for each account and Region, which AWS's quotas are of, and each a run by itself.

Two runs in one account and Region would each keep to the whole quota, and so be twice as fast as AWS allows.
"""

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from io import StringIO
from pathlib import Path, PurePosixPath

from ec2_backup.model import InventoryRow
from ec2_backup.report.units import count
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import is_in_s3

PREFIX = "shard_"
_TITLES = ("instance_id", "name", "region", "account", "role_arn")


@dataclass(frozen=True, slots=True)
class Shard:
    """The part of a fleet that is in one Region of one account, and the key of the run that backs it up."""

    run_key: str
    account: str
    region: str
    rows: tuple[InventoryRow, ...]

    def __str__(self) -> str:
        """Return where it is: `eu-west-1 of 210987654321`."""
        return f"{self.region} of {self.account}"


def to_shards(rows: Iterable[InventoryRow], run_key: str, own_account: str) -> tuple[Shard, ...]:
    """Return the rows cut into shards, the largest first: what takes longest should begin soonest.

    Each row is in one shard and names its account there, so that a worker whose own account is another one finds it.
    """
    found: dict[tuple[str, str], list[InventoryRow]] = {}
    for row in rows:
        account = row.account or own_account
        found.setdefault((account, row.region or ""), []).append(replace(row, account=account))
    made = (
        Shard(f"{run_key}-{account}-{region}", account, region, tuple(some))
        for (account, region), some in found.items()
    )
    return tuple(sorted(made, key=lambda shard: (-len(shard.rows), shard.account, shard.region)))


def to_csv(shard: Shard) -> str:
    """Return the inventory of a shard, as the backup reads it."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
    writer.writerow(_TITLES)
    writer.writerows([row.instance_id, row.name, row.region, row.account, row.role_arn] for row in shard.rows)
    return text.getvalue()


@dataclass(frozen=True, slots=True)
class ShardStart:
    """All that is needed to start a run of a shard.

    Attributes:
        where: What the shard is called.
        inventory: Where its inventory is written.
        csv: What is written there.
        name: What its run is called in Prefect.
        parameters: What its run is asked, as JSON values.
        tag: The tag that all runs of the fleet's shards have.
        idempotency_key: The same key again starts nothing.
    """

    where: str
    inventory: str
    csv: str
    name: str
    parameters: Mapping[str, object]
    tag: str
    idempotency_key: str


def to_start(shard: Shard, request: BackupRequest, place: "SharedPlace", number: int) -> ShardStart:
    """Return how the shard's run of this number is started, where the first ever is 1."""
    return ShardStart(
        where=str(shard),
        inventory=place.inventory(shard),
        csv=to_csv(shard),
        name=" · ".join((request.vault, count(len(shard.rows), "instance"), str(shard))),
        parameters=place.parameters(shard, request),
        tag=to_tag(place.fleet_key),
        idempotency_key=f"{shard.run_key}:{number}",
    )


def to_tag(fleet_key: str) -> str:
    """Return the tag by which Prefect knows the runs of a fleet's shards."""
    return f"fleet:{fleet_key}"


def fleet_of(tags: Iterable[str]) -> str:
    """Return the key of the fleet whose shard has a run with these tags, "" where it is of none."""
    return next((tag.removeprefix(to_tag("")) for tag in tags if tag.startswith(to_tag(""))), "")


def is_shard(source: str) -> bool:
    """Say whether this inventory is that of a shard."""
    return PurePosixPath(source).name.startswith(PREFIX)


@dataclass(frozen=True, slots=True)
class SharedPlace:
    """Where a fleet and its shards hand each other their inventories and reports: a folder, or `s3://bucket/prefix`.

    All that belongs to a fleet is below its run key.
    """

    root: str
    fleet_key: str

    @property
    def is_in_s3(self) -> bool:
        """Whether it is in S3."""
        return is_in_s3(self.root)

    @property
    def folder(self) -> str:
        """Where everything of the fleet is."""
        return f"{self.root.rstrip('/') or '/'}/{self.fleet_key}"

    @property
    def rows(self) -> str:
        """Where the fleet writes down its rows before it starts any shard."""
        return f"{self.folder}/fleet_{self.fleet_key}.json"

    def inventory(self, shard: Shard) -> str:
        """Return where the fleet writes a shard's inventory."""
        return f"{self.folder}/{PREFIX}{shard.run_key}.csv"

    def report(self, shard: Shard) -> str:
        """Return where the shard's run leaves its report."""
        return f"{self.folder}/{shard.run_key}/report_{shard.run_key}.json"

    def parameters(self, shard: Shard, request: BackupRequest) -> dict[str, object]:
        """Return the parameters of the shard's run, as JSON values: the fleet's own, for these rows.

        Messages and copies of the report are the fleet's affair. A run that reports to S3 keeps its own files in the
        folder that its deployment names, for its worker may be gone the next time.
        """
        asked = request.model_dump(mode="json") | {"csv": self.inventory(shard), "run_key": shard.run_key}
        alone = {"locate": False, "notify": "failure", "notify_topic": None, "report_to": None}
        asked["options"] |= alone
        if self.is_in_s3:
            del asked["output"]
            asked["options"]["report_to"] = self.folder
        else:
            asked["output"] = str(Path(self.folder) / shard.run_key)
        return asked
