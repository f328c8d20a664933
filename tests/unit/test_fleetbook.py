"""What a fleet knows of its shards: a report counts where it is of all rows, and what has none is said of each row."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from ec2_backup.fleetbook import FleetBook, ShardRun, to_failures, to_record
from ec2_backup.inventory import read_inventory
from ec2_backup.ledger import Ledger
from ec2_backup.model import Caller, Inventory, InventoryRow
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import Calls
from ec2_backup.shards import Shard, to_shards
from ec2_backup.states import RunStatus, Verdict
from tests.unit.reports import STARTED, a_report, failed, planned, proven

OWN, OTHER = "123456789012", "210987654321"
KEY = "20260301T023000Z-0c6a3a5e"
ROWS = (
    InventoryRow(2, proven(1).row.instance_id, "eu-central-1", account=OWN),
    InventoryRow(3, proven(2).row.instance_id, "eu-central-1", "db, old", account=OTHER),
)


@pytest.fixture
def run() -> Ledger:
    found = Ledger(BackupRequest(), KEY, STARTED, caller=Caller(OWN, "arn:own"))
    found.inventory = Inventory("fleet.csv", ROWS)
    return found


@pytest.fixture
def book() -> FleetBook:
    made = FleetBook()
    made.cut(to_shards(ROWS, KEY, OWN))
    return made


def shard_of(book: FleetBook, account: str) -> Shard:
    return book.shards[f"{KEY}-{account}-eu-central-1"]


def test_a_report_of_other_rows_is_none_of_this_fleet(book):
    shard = shard_of(book, OWN)

    assert not book.keep(shard, a_report(proven(2)))
    assert not book.keep(shard, a_report(proven(1), proven(2)))
    assert not book.keep(shard, a_report())
    assert book.reports == {}
    assert book.keep(shard, a_report(proven(1)))


@pytest.mark.parametrize(
    ("report", "is_good"),
    [
        (a_report(proven(1)), True),
        (a_report(planned(1), status=RunStatus.PLANNED), True),
        (a_report(failed(1)), False),
        (a_report(proven(1), status=RunStatus.INTERRUPTED), False),
    ],
)
def test_a_shard_is_done_where_all_of_it_is_proven_or_planned(book, report, is_good):
    shard = shard_of(book, OWN)

    book.keep(shard, report)

    assert book.is_good(shard) is is_good


def test_what_is_over_is_counted_by_its_instances(book):
    shard = shard_of(book, OTHER)
    book.under_way[shard.run_key] = ShardRun(shard, uuid4())

    book.close(shard)

    assert (book.done, book.under_way) == (1, {})


def test_the_fleet_reports_of_every_row_also_of_those_that_no_shard_reports_of(book, run):
    lost = shard_of(book, OTHER)
    book.keep(shard_of(book, OWN), a_report(proven(1)))
    run.note(to_failures(lost, "its worker died three times", KEY, "Mend the worker."))

    report = book.settle(run, STARTED + timedelta(hours=1), Calls({"sts:GetCallerIdentity": 1}, 0), None)

    assert [one.verdict for one in report.outcomes] == [Verdict.PROVEN, Verdict.FAILED]
    assert [one.account for one in report.outcomes] == [OWN, OTHER]
    assert report.outcomes[1].failure
    assert report.outcomes[1].failure.reason == "its worker died three times"
    assert report.outcomes[1].failure.advice == (
        f"Mend the worker. Run the fleet again with run_key {KEY}: what was started is found, and nothing is started "
        "twice."
    )
    assert (report.status, report.exit_code, report.statistics.seconds) == (RunStatus.INCOMPLETE, 3, 3600)
    assert report.statistics.api_calls["sts:GetCallerIdentity"] == 2


def test_the_rows_that_were_written_down_are_the_list_of_a_fleet_that_is_taken_up(run):
    run.inventory = replace(run.inventory, rows=(replace(ROWS[0], role_arn=f"arn:aws:iam::{OWN}:role/R"), ROWS[1]))

    read = read_inventory(f"fleet_{KEY}.json", content=to_record(run).encode())

    assert read.rows == run.rows
