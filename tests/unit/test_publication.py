"""The report's files lie beside the log, are named in it and by the run's key, and are there whole or not at all."""

import csv
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from ec2_backup.errors import UsageError
from ec2_backup.narration import Mark
from ec2_backup.publication import write_report
from ec2_backup.report import from_json, headline
from ec2_backup.results import RunReport
from tests.unit.listeners import heard
from tests.unit.reports import a_report, failed, proven

KEY = "20260301-023000-k3f9"


def a_report_in(folder: Path) -> RunReport:
    return a_report(proven(1), failed(2), files={"log": str(folder / "backup.log")})


def test_the_files_are_named_by_the_run_key_beside_the_log(tmp_path):
    complete = write_report(a_report_in(tmp_path / "output"))

    assert complete.files == {
        "log": str(tmp_path / "output" / "backup.log"),
        "csv": str(tmp_path / "output" / f"report_{KEY}.csv"),
        "html": str(tmp_path / "output" / f"report_{KEY}.html"),
        "json": str(tmp_path / "output" / f"report_{KEY}.json"),
    }
    assert sorted((tmp_path / "output").iterdir()) == [Path(complete.files[kind]) for kind in ("csv", "html", "json")]


def test_nothing_but_the_files_is_added_to_the_report(tmp_path):
    report = a_report_in(tmp_path)

    assert replace(write_report(report), files=report.files) == report


def test_the_json_says_the_whole_report_with_the_names_of_its_files(tmp_path):
    complete = write_report(a_report_in(tmp_path))

    assert from_json(Path(complete.files["json"]).read_text(encoding="utf-8")) == complete


def test_the_csv_has_a_row_for_each_instance(tmp_path):
    complete = write_report(a_report_in(tmp_path))

    with Path(complete.files["csv"]).open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    ids = {outcome.row.instance_id for outcome in complete.outcomes}
    assert len(rows) == 3
    assert all(any(cell in ids for cell in row) for row in rows[1:])


def test_a_run_that_is_taken_up_again_replaces_its_earlier_report(tmp_path):
    write_report(a_report_in(tmp_path))

    again = write_report(a_report(proven(1), proven(2), files={"log": str(tmp_path / "later.log")}))

    assert from_json((tmp_path / f"report_{KEY}.json").read_text(encoding="utf-8")) == again
    assert len(list(tmp_path.iterdir())) == 3


def test_the_page_says_the_headline_and_names_all_the_files(tmp_path):
    complete = write_report(a_report_in(tmp_path))

    page = Path(complete.files["html"]).read_text(encoding="utf-8")
    assert f"{headline(complete)}</h1>" in page
    assert [place for place in complete.files.values() if f"<code>{place}</code>" not in page] == []


def test_a_page_that_cannot_be_written_costs_neither_csv_nor_json_and_is_not_named(tmp_path):
    (tmp_path / f"report_{KEY}.html").mkdir()

    with heard() as listener:
        complete = write_report(a_report_in(tmp_path))

    assert set(complete.files) == {"log", "csv", "json"}
    assert from_json((tmp_path / f"report_{KEY}.json").read_text(encoding="utf-8")) == complete
    assert (tmp_path / f"report_{KEY}.csv").is_file()
    assert "the HTML report cannot be written" in listener.texts(Mark.WARNING)[0]


def test_a_report_that_cannot_be_drawn_costs_neither_csv_nor_json(tmp_path):
    without_zone = replace(proven(1).job, created_at=datetime(2026, 3, 1))  # noqa: DTZ001 - what is wrong with it
    report = a_report(replace(proven(1), job=without_zone), files={"log": str(tmp_path / "backup.log")})

    assert set(write_report(report).files) == {"log", "csv", "json"}
    assert sorted(path.name for path in tmp_path.iterdir()) == [f"report_{KEY}.csv", f"report_{KEY}.json"]


def test_a_folder_that_cannot_be_written_is_an_error_that_names_it(tmp_path):
    (tmp_path / "file").write_text("")

    with pytest.raises(UsageError, match="file cannot be written"):
        write_report(a_report_in(tmp_path / "file"))
