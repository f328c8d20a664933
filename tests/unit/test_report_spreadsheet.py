import csv
import io
from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.drilled import Restored
from ec2_backup.lines import one_line
from ec2_backup.report import to_csv
from ec2_backup.report.spreadsheet import COLUMNS
from ec2_backup.results import RunReport
from tests.unit.reports import a_report, failed, not_started, proven, running, unseen


def rows(report: RunReport) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(to_csv(report), newline="")))


def test_each_instance_has_one_row_in_the_order_of_the_inventory() -> None:
    report = a_report(proven(1), failed(2), unseen(3), running(4), not_started(5))

    assert [row["instance_id"] for row in rows(report)] == [o.row.instance_id for o in report.outcomes]
    assert [row["verdict"] for row in rows(report)] == ["proven", "failed", "failed", "running", "not-started"]


def test_the_row_of_a_proven_instance_holds_its_evidence() -> None:
    (row,) = rows(a_report(proven(1)))

    assert row == {
        "instance_id": "i-00000000000000001",
        "name": "web-1",
        "account": "",
        "region": "eu-central-1",
        "verdict": "proven",
        "job_id": "00000001-1111-2222-3333-444455556666",
        "job_state": "COMPLETED",
        "message": "",
        "recovery_point_arn": "arn:aws:ec2:eu-central-1::image/ami-00000000000000001",
        "image_id": "ami-00000000000000001",
        "size_gib": "100",
        "volumes": "2",
        "snapshots": "2",
        "created_at": "2026-03-01T02:30:00Z",
        "completed_at": "2026-03-01T02:50:00Z",
        "delete_at": "2026-03-08T02:30:00Z",
        "step": "",
        "reason": "",
        "advice": "",
        "audit_event": "event-1",
        "last_restored": "",
        "recovery_seconds": "",
    }


def test_a_row_says_when_a_backup_of_the_instance_was_last_restored_and_how_long_that_took():
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
    seen, unseen_one = (
        replace(proven(number), restored=Restored(at, seconds, "KEY-drill"))
        for number, seconds in ((1, 244.6), (2, None))
    )

    found = rows(a_report(seen, unseen_one))

    assert [(row["last_restored"], row["recovery_seconds"]) for row in found] == [
        ("2026-11-23T02:00:00Z", "245"),
        ("2026-11-23T02:00:00Z", ""),
    ]


def test_the_row_of_a_failure_says_where_why_and_what_to_do() -> None:
    (row,) = rows(a_report(unseen(3)))

    assert (row["step"], row["reason"], row["advice"]) == ("4", "no such instance in eu-central-1", "Correct the CSV.")
    assert (row["name"], row["job_id"], row["size_gib"]) == ("old-db", "", "")


def test_an_instance_without_a_failure_of_its_own_still_says_why_it_is_not_proven() -> None:
    assert all(row["reason"] and row["advice"] for row in rows(a_report(running(1), not_started(2))))


def test_a_report_without_instances_is_a_line_of_headings() -> None:
    assert to_csv(a_report()) == ",".join(COLUMNS) + "\n"


@pytest.mark.parametrize("name", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1+1", "\r=1+1", "  =1+1", "＝1+1"])
def test_a_cell_that_a_spreadsheet_would_run_gets_an_apostrophe(name: str) -> None:
    (row,) = rows(a_report(proven(1, name=name)))

    assert row["name"] == f"'{one_line(name)}"


@given(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8"), min_size=1))
@settings(max_examples=150, deadline=None)
def test_any_text_is_read_back_and_none_begins_a_formula(name: str, message: str) -> None:
    outcome = failed(1, message, name=name)
    text = to_csv(a_report(replace(outcome, row=replace(outcome.row, name=name))))
    (row,) = pd.read_csv(io.StringIO(text), dtype=str, keep_default_na=False).to_dict("records")

    assert text.count("\n") == 2
    for cell, value in ((row["name"], name), (row["message"], message), (row["reason"], message)):
        assert cell in {one_line(value), "'" + one_line(value)}
        assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
