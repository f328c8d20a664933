"""A report on the coverage in all its forms: page, spreadsheet, JSON, Markdown, terminal."""

import base64
import csv
import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from ec2_backup.coverage.command import to_next_command
from ec2_backup.coverage.document import to_document, to_json
from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.log_lines import closing_lines
from ec2_backup.coverage.markdown import to_markdown, to_table
from ec2_backup.coverage.page import to_html
from ec2_backup.coverage.publication import write_coverage
from ec2_backup.coverage.report import CoverageStatus
from ec2_backup.coverage.spreadsheet import COLUMNS, to_csv, to_missed_csv
from ec2_backup.coverage.words import headline
from ec2_backup.inventory import read_inventory
from ec2_backup.results import RunError
from ec2_backup.terminal import console_for
from ec2_backup.terminal.coverage import print_coverage
from tests.unit.coverages import mixed
from tests.unit.pages import Page

MIXED = mixed()
EMPTY = mixed(coverages=(), vaults=(), leftovers=(), closed=())
ENDED = mixed(
    coverages=(),
    vaults=(),
    status=CoverageStatus.ABORTED,
    exit_code=11,
    error=RunError("AccessError", "<no>", "Ask.", 11),
)
REPORTS = pytest.mark.parametrize("report", [MIXED, EMPTY, ENDED], ids=["mixed", "empty", "ended early"])


def shown(report, width=None, **how):
    stream = io.StringIO()
    console = console_for(stream) if width is None else Console(file=stream, width=width, force_terminal=True,
        color_system=None, highlight=False, markup=False, emoji=False)  # fmt: skip
    print_coverage(report, console, **how)
    return stream.getvalue()


def test_the_headline_counts_what_is_covered_and_what_was_not_looked_at():
    assert headline(MIXED) == (
        "2 of 6 instances have a proven recovery point younger than 24 h; 1 place could not be looked at"
    )
    assert headline(ENDED) == "The look at the coverage ended early; no instance was seen"


def test_the_figures_name_standings_keepers_expiry_and_leftovers():
    found = dict(figures(MIXED))

    assert found["Instances"].startswith("6: 1 never backed up, 1 not proven, 1 too old, 1 partly covered, 2 covered")
    assert found["Kept by"] == "a backup plan 2, hand 2"
    assert found["Expiring soon"] == "1 instance: the last proven recovery point is deleted within 3 d"
    assert found["Left over"] == "1 EXPIRED, not deleted (50 GiB), 1 of an instance that is gone (50 GiB)"


@REPORTS
def test_the_page_has_one_heading_and_runs_only_what_it_came_with(report):
    page = Page(to_html(report))
    (policy,) = (e.attributes["content"] for e in page.all("meta") if "http-equiv" in e.attributes)

    assert page.one("h1").text.endswith(headline(report))
    for element in page.all("script", "style"):
        digest = base64.b64encode(hashlib.sha256(element.text.encode()).digest()).decode()
        assert f"{element.tag}-src 'sha256-{digest}'" in policy
    assert not {"link", "img", "iframe", "b"} & {element.tag for element in page.elements}


def test_a_look_that_found_nothing_at_all_looks_like_a_warning_in_every_form():
    nothing = replace(EMPTY, status=CoverageStatus.MET, exit_code=0)

    assert headline(nothing).startswith("No instance was found, so nothing is covered")
    assert to_markdown(nothing).startswith("# ⚠️ ")
    page = Page(to_html(nothing))
    assert page.one("title").text.startswith("There was nothing to look at")
    assert page.one("h1").text.startswith("!")
    assert "⚠   No instance was found" in shown(nothing, quiet=True)


@REPORTS
def test_every_anchor_leads_somewhere_and_every_table_says_what_it_is(report):
    page = Page(to_html(report))
    ids = [element.attributes["id"] for element in page.elements if "id" in element.attributes]
    inner = {link.attributes["href"][1:] for link in page.all("a") if link.attributes["href"].startswith("#")}

    assert len(ids) == len(set(ids))
    assert inner <= set(ids)
    assert len(page.all("caption")) == len(page.all("table"))
    assert {element.attributes.get("scope") for element in page.all("th")} <= {"col", "row"}


def test_the_page_shows_each_instance_once_with_its_standing_and_its_evidence():
    page = Page(to_html(MIXED))
    rows = [one for one in page.all("tbody") if "Evidence" in one.text]

    assert len(rows) == len(MIXED.coverages)
    assert all(coverage.instance.instance_id in row.text for coverage, row in zip(MIXED.coverages, rows, strict=True))


def test_the_spreadsheet_has_a_row_for_each_instance_and_no_formula():
    rows = list(csv.DictReader(io.StringIO(to_csv(MIXED))))

    assert tuple(rows[0]) == COLUMNS
    assert [row["instance_id"] for row in rows] == [one.instance.instance_id for one in MIXED.coverages]
    assert {row["name"] for row in rows} >= {"'=1+1"}
    assert [row["expires_soon"] for row in rows].count("yes") == 1


def test_the_list_of_what_misses_the_objective_is_an_inventory_for_a_run():
    inventory = read_inventory("missed.csv", content=to_missed_csv(MIXED).encode())

    assert [row.instance_id for row in inventory.rows] == [one.instance.instance_id for one in MIXED.missed]
    assert {(row.region, row.account) for row in inventory.rows} == {("eu-central-1", "123456789012")}


def test_the_json_has_version_counts_and_evidence():
    document = json.loads(to_json(MIXED))

    assert list(document)[:3] == ["schema_version", "kind", "headline"]
    assert document["statistics"]["standings"] == {
        "never": 1, "unproven": 1, "late": 1, "partly": 1, "unknown": 0, "covered": 2,
    }  # fmt: skip
    assert document["coverages"][2]["last"]["point"]["snapshots"][0]["state"] == "completed"
    assert document["measured_at"] == "2026-11-23T08:00:00Z"
    assert to_document(MIXED)["leftovers"][0]["why"] in {"expired", "orphaned"}


def test_markdown_and_table_escape_what_comes_from_outside():
    text = to_markdown(MIXED)

    assert text.startswith("# ❌ 2 of 6 instances")
    assert "\\<b\\>bold\\</b\\>" in text
    assert "\\| late" in text
    assert "- **partly covered:** Back it up again" in text
    assert to_table(MIXED, 2)[-1]["Instance"] == "and 4 more instances in the CSV report"


def test_the_terminal_shows_what_misses_the_objective_with_each_remedy_once():
    said = shown(MIXED)

    assert all(one.instance.instance_id in said for one in MIXED.missed)
    assert said.count("Back it up now, and put it under a backup plan or on the list of a scheduled run.") == 1
    assert "❌  2 of 6 instances have" in said
    assert "not looked at: account 210987654321" in said


def test_a_narrow_screen_stacks_the_columns_and_no_line_is_too_long():
    said = shown(MIXED, 80)

    assert max(map(len, said.splitlines())) <= 80
    assert "kept by plan Daily, to do (3)" in said.replace("\n", " ")


def test_a_quiet_look_ends_with_the_verdict():
    said = shown(replace(MIXED, files={"html": "x.html"}), quiet=True)

    assert said.rstrip().splitlines()[-1].startswith("❌  2 of 6")
    assert "AWS API calls" not in said


def test_at_most_50_instances_are_shown_and_the_rest_is_counted():
    said = shown(replace(MIXED, coverages=MIXED.missed[:1] * 60, files={"csv": "c.csv"}))

    assert said.count(MIXED.missed[0].instance.instance_id) == 50
    assert "and 10 more instances in c.csv" in said


def test_all_files_are_written_and_the_lists_only_where_something_is_on_them(tmp_path: Path):
    log = {"files": {"log": str(tmp_path / "x.log")}}

    full, bare = (write_coverage(replace(one, **log)) for one in (MIXED, replace(EMPTY, run_key="other")))

    assert list(full.files) == ["log", "csv", "html", "json", "missed", "leftovers"]
    assert list(bare.files) == ["log", "csv", "html", "json"]
    assert all(Path(name).stat().st_size for kind, name in full.files.items() if kind != "log")
    assert to_next_command(full) == f"./start-ec2-backup.sh --csv {full.files['missed']}"
    assert to_next_command(bare) == ""


@REPORTS
def test_the_log_ends_with_the_exit_code_and_names_every_instance_that_misses_the_objective(report):
    lines = closing_lines(report)

    assert lines[-2] == f"The look ended with exit code {report.exit_code} ({report.status})."
    assert all(any(one.instance.instance_id in line for line in lines) for one in report.missed)
