"""What a run was asked is on disk before anything is started, and its report next to the log when it is over."""

import csv
import json

from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.publication import write_report
from ec2_backup.runfile import run_file_path, write_run_file
from ec2_backup.settings import BackupOptions, BackupRequest
from tests.unit.backups import BEGAN, instance_id
from tests.unit.reports import a_report, failed, proven


def test_a_run_file_holds_all_that_takes_a_run_up_again(tmp_path):
    request = BackupRequest(
        vault="Nightly", output=tmp_path / "out", tags={"Anlaß": "Übung"}, options=BackupOptions(poll_seconds=5)
    )
    run = Ledger(request, "20260301T023000Z-0c6a3a5e", BEGAN)
    run.inventory = Inventory("list.csv", (InventoryRow(2, instance_id(1), "us-east-1", "web", (5,)),))

    path = write_run_file(run)

    assert path == run_file_path(tmp_path / "out", run.run_key)
    assert path.name == "run_20260301T023000Z-0c6a3a5e.json"
    text = path.read_text(encoding="utf-8")
    content = json.loads(text)
    assert "Übung" in text
    assert content["run_key"] == run.run_key
    assert content["began_at"] == "2026-03-01T02:30:00+00:00"
    assert BackupRequest(**content["parameters"]) == request
    assert content["rows"] == [
        {
            "line": 2,
            "instance_id": instance_id(1),
            "region": "us-east-1",
            "name": "web",
            "repeated_on_lines": [5],
            "account": None,
            "role_arn": None,
        }
    ]


def test_a_run_that_is_taken_up_again_writes_its_file_anew(tmp_path):
    run = Ledger(BackupRequest(output=tmp_path), "nightly", BEGAN)
    write_run_file(run)
    run.inventory = Inventory("list.csv", (InventoryRow(2, instance_id(1)),))

    assert len(json.loads(write_run_file(run).read_text())["rows"]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["run_nightly.json"]


def test_a_report_is_written_next_to_the_log_and_knows_its_files(tmp_path):
    log = tmp_path / "backup_log.log"

    complete = write_report(a_report(proven(1), failed(2), files={"log": str(log)}))

    assert set(complete.files) == {"log", "csv", "html", "json"}
    written = json.loads((tmp_path / f"report_{complete.run_key}.json").read_text(encoding="utf-8"))
    assert written["files"] == dict(complete.files)
    with (tmp_path / f"report_{complete.run_key}.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len(list(csv.DictReader(file))) == 2
