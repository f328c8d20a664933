"""What an earlier run left serves as an inventory: the rows of its run file, or what its report says is not proven."""

import json
from pathlib import Path

import pytest

from ec2_backup.errors import InventoryError, UsageError
from ec2_backup.inventory import read_inventory
from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.report import to_json
from ec2_backup.runfile import write_run_file
from ec2_backup.settings import BackupRequest
from tests.unit.backups import BEGAN, instance_id
from tests.unit.reports import a_report, failed, not_started, proven, running


def test_a_run_file_gives_back_the_very_rows_of_its_run(tmp_path: Path) -> None:
    run = Ledger(BackupRequest(output=tmp_path), "night-1", BEGAN)
    rows = (InventoryRow(2, instance_id(1), "eu-central-1", "Süd", (7, 9)), InventoryRow(3, instance_id(2)))
    run.inventory = Inventory("list.csv", rows)

    path = write_run_file(run)

    assert read_inventory(str(path)) == Inventory(str(path), rows)


def test_a_report_gives_the_rows_that_have_no_proven_recovery_point(tmp_path: Path) -> None:
    report = a_report(proven(1), failed(2), running(3), not_started(4))
    path = tmp_path / "report.json"
    path.write_text(to_json(report), encoding="utf-8")

    rows = read_inventory(str(path)).rows

    assert rows == tuple(outcome.row for outcome in report.outcomes[1:])


def test_a_report_without_a_failure_leaves_nothing_to_do() -> None:
    with pytest.raises(InventoryError, match="every instance of this report has a proven recovery point"):
        read_inventory("s3://reports/report.json", content=to_json(a_report(proven(1))).encode())


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"instance_id\ni-0a1b2c3d4e5f60718\n", "this is not JSON"),
        (b"\xff\xfe", "this is not JSON"),
        (b"[]", "neither a run file nor a report"),
        (b'{"a": 1}', "neither a run file nor a report"),
        (b'{"rows": [{"line": "two"}]}', "rows.0.line"),
        (b'{"rows": 5}', "rows."),
    ],
)
def test_what_is_neither_is_refused_by_name(content: bytes, said: str) -> None:
    with pytest.raises(InventoryError) as caught:
        read_inventory("strange.json", content=content)

    assert caught.value.message.startswith("strange.json: ")
    assert said in caught.value.message
    assert "run_KEY.json" in caught.value.hint


def test_a_report_of_a_later_version_is_not_guessed_at() -> None:
    document = json.loads(to_json(a_report(failed(1)))) | {"schema_version": 99}

    with pytest.raises(UsageError, match="schema version 99"):
        read_inventory("report.json", content=json.dumps(document).encode())
