"""A run that names an earlier run instead of a CSV is a run over that one's CSV."""

import json
from pathlib import Path

import pytest

from ec2_backup.history.origin import to_origin
from ec2_backup.history.past_run import Origin
from ec2_backup.ledger import Ledger
from ec2_backup.model import Inventory, InventoryRow
from ec2_backup.runfile import to_resumed_request, write_run_file
from ec2_backup.settings import BackupRequest
from tests.unit.backups import BEGAN, instance_id


def asked(folder: Path, name: str, csv: str) -> None:
    (folder / name).write_text(json.dumps({"parameters": {"csv": csv}}))


@pytest.mark.parametrize(
    ("written", "read"),
    [("list.csv", "list.csv"), ("./list.csv", "list.csv"), ("a//list.csv", "a/list.csv"), ("s3://b//l.csv", "s3://b//l.csv")],
)  # fmt: skip
def test_a_csv_is_its_own_origin_however_it_is_written(tmp_path, written, read):
    assert to_origin(written, tmp_path) == Origin(read)


def test_a_run_file_stands_for_the_whole_list_of_its_run(tmp_path):
    asked(tmp_path, "run_1.json", "list.csv")

    assert to_origin("elsewhere/run_1.json", tmp_path) == Origin("list.csv")


def test_a_report_stands_for_a_part_of_the_list_of_its_run(tmp_path):
    asked(tmp_path, "report_1.json", "list.csv")

    assert to_origin("backup-output/report_1.json", tmp_path) == Origin("list.csv", is_part=True)


def test_a_report_in_another_folder_is_found_by_the_path_that_was_given(tmp_path):
    (tmp_path / "here").mkdir()
    asked(tmp_path, "kept.json", "list.csv")

    assert to_origin(str(tmp_path / "kept.json"), tmp_path / "here") == Origin("list.csv", is_part=True)


def test_a_repeat_of_a_repeat_that_was_taken_up_again_leads_to_the_csv_of_the_first(tmp_path):
    asked(tmp_path, "run_1.json", "list.csv")
    asked(tmp_path, "run_2.json", "backup-output/report_1.json")
    asked(tmp_path, "run_3.json", "backup-output/report_2.json")

    assert to_origin("run_3.json", tmp_path) == Origin("list.csv", is_part=True)


@pytest.mark.parametrize("content", ["", "{", "[]", '{"parameters": 7}', '{"parameters": {"csv": "run_1.json"}}'])
def test_what_leads_nowhere_is_an_origin_of_its_own(tmp_path, content):
    (tmp_path / "run_1.json").write_text(content)

    assert to_origin("run_1.json", tmp_path) == Origin("run_1.json")
    assert to_origin("x\0" + "y" * 5000 + ".json", tmp_path).is_part


def test_files_that_name_each_other_end_somewhere(tmp_path):
    asked(tmp_path, "run_1.json", "run_2.json")
    asked(tmp_path, "run_2.json", "run_1.json")

    assert to_origin("run_1.json", tmp_path).csv in {"run_1.json", "run_2.json"}


def test_a_run_that_is_taken_up_again_still_knows_its_csv_and_does_so_every_time(tmp_path):
    request = BackupRequest(csv="list.csv", output=tmp_path)
    for _ in range(3):
        run = Ledger(request, "20260301T023000Z-0c6a3a5e", BEGAN)
        run.inventory = Inventory(request.csv, (InventoryRow(2, instance_id(1)),))
        write_run_file(run)
        request = to_resumed_request(run.run_key, None, tmp_path)
        assert request.csv != "list.csv"

        assert to_origin(request.csv, tmp_path) == Origin("list.csv")
