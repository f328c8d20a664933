"""What a fleet knows of its shards: which are under way, which are over, and what these have left."""

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from uuid import UUID

from ec2_backup.ledger import Ledger
from ec2_backup.merging import merge_reports
from ec2_backup.results import Failure, RunReport
from ec2_backup.settlement import Calls, settle
from ec2_backup.shards import Shard
from ec2_backup.states import RunStatus

GOOD = frozenset({RunStatus.PROVEN, RunStatus.PLANNED})


@dataclass(frozen=True, slots=True)
class ShardRun:
    """A run of a shard in Prefect; `number` counts from 1 the runs that this fleet's run has started of it."""

    shard: Shard
    flow_run_id: UUID
    number: int = 1


@dataclass(slots=True)
class FleetBook:
    """The shards of a fleet, all by their run keys.

    Attributes:
        runs: How many runs of each were ever started, also by earlier runs of the fleet.
        under_way: The run of each that has one now.
        reports: What their runs have left.
        over: Those that nothing more will come of.
    """

    shards: dict[str, Shard] = field(default_factory=dict)
    runs: Counter[str] = field(default_factory=Counter)
    under_way: dict[str, ShardRun] = field(default_factory=dict)
    reports: dict[str, RunReport] = field(default_factory=dict)
    over: set[str] = field(default_factory=set)

    def cut(self, shards: Iterable[Shard]) -> None:
        """Write down what the fleet was cut into."""
        self.shards = {shard.run_key: shard for shard in shards}

    def keep(self, shard: Shard, report: RunReport) -> bool:
        """Write down what a shard's run has left; return whether that is of all its rows, as a merged report needs."""
        is_whole = {one.row.instance_id for one in report.outcomes} == {row.instance_id for row in shard.rows}
        if is_whole:
            self.reports[shard.run_key] = report
        return is_whole

    def is_good(self, shard: Shard) -> bool:
        """Say whether all of the shard is proven, or planned where nothing more was asked for."""
        report = self.reports.get(shard.run_key)
        return report is not None and report.status in GOOD

    def close(self, shard: Shard) -> None:
        """Write down that nothing more will come of a shard."""
        self.under_way.pop(shard.run_key, None)
        self.over.add(shard.run_key)

    @property
    def done(self) -> int:
        """How many instances are in the shards that are over."""
        return sum(len(self.shards[run_key].rows) for run_key in self.over)

    def settle(self, run: Ledger, ended_at: datetime, calls: Calls, error: BaseException | None) -> RunReport:
        """Return the report over all shards; of rows that none of them reports of it says what the ledger says."""
        return merge_reports(settle(run, ended_at, calls, error), self.reports.values())


def to_failures(shard: Shard, reason: str, fleet_key: str, hint: str = "") -> list[Failure]:
    """Return a Failure for each row of a shard of which there is no report."""
    again = f"Run the fleet again with run_key {fleet_key}: what was started is found, and nothing is started twice."
    return [Failure(row.instance_id, 6, reason, f"{hint} {again}".strip()) for row in shard.rows]


def to_record(run: Ledger) -> str:
    """Return the rows of a fleet as JSON: the inventory of a fleet that is taken up again, wherever that is."""
    return json.dumps({"run_key": run.run_key, "rows": [asdict(row) for row in run.rows]}, ensure_ascii=False) + "\n"
