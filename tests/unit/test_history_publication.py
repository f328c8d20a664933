"""A run that ends tells what is new since the last one, and nothing that lies in its folder can keep it from ending."""

from datetime import timedelta
from pathlib import Path

from ec2_backup.narration import Mark
from ec2_backup.publication import write_report
from ec2_backup.report import from_json
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import RunStatus
from tests.unit.listeners import heard
from tests.unit.pages import Page
from tests.unit.reports import STARTED, a_report, failed, planned, proven, unseen


def published(folder: Path, day: int, *outcomes: Outcome, **more: object) -> RunReport:
    began = STARTED + timedelta(days=day)
    fields = {"run_key": f"run-{day}", "started_at": began, "ended_at": began + timedelta(minutes=20)}
    return write_report(a_report(*outcomes, files={"log": str(folder / "log")}, **(fields | more)))


def page_of(report: RunReport) -> Page:
    return Page(Path(report.files["html"]).read_text(encoding="utf-8"))


def sections(report: RunReport) -> set[str]:
    headings = page_of(report).all("h2")
    return {"since", "trend"} & {heading.attributes.get("id", "") for heading in headings}


def test_a_first_run_shows_no_history(tmp_path):
    report = published(tmp_path, 1, proven(1))

    assert report.since_last is None
    assert sections(report) == set()


def test_a_second_run_says_what_is_new_in_its_json_and_on_its_page(tmp_path):
    published(tmp_path, 1, proven(1), unseen(3))

    report = published(tmp_path, 2, failed(1), proven(2))

    assert report.since_last
    assert report.since_last.run_key == "run-1"
    assert report.since_last.newly_failing == (failed(1).row.instance_id,)
    assert report.since_last.names == {unseen(3).row.instance_id: "old-db"}
    assert from_json(Path(report.files["json"]).read_bytes()).since_last == report.since_last
    assert sections(report) == {"since", "trend"}


def test_a_run_that_is_taken_up_again_is_compared_with_the_run_before_it_and_not_with_itself(tmp_path):
    published(tmp_path, 1, proven(1))
    published(tmp_path, 2, failed(1), status=RunStatus.INTERRUPTED)

    again = published(tmp_path, 2, proven(1))

    assert again.since_last
    assert again.since_last.run_key == "run-1"
    assert again.since_last.still_proven == (proven(1).row.instance_id,)


def test_dry_runs_show_no_history_and_are_in_none(tmp_path):
    published(tmp_path, 1, proven(1))
    dry = published(tmp_path, 2, planned(1), status=RunStatus.PLANNED)
    report = published(tmp_path, 3, failed(1))

    assert (dry.since_last, sections(dry)) == (None, set())
    assert report.since_last
    assert report.since_last.run_key == "run-1"
    assert len([bar for bar in page_of(report).with_class("took") if bar.tag == "rect"]) == 2


def test_a_run_that_ended_before_it_had_signed_in_is_in_the_trend_of_its_list(tmp_path):
    published(tmp_path, 1, proven(1))
    early = published(tmp_path, 2, status=RunStatus.ABORTED, caller=None)
    later = published(tmp_path, 3, proven(1))

    assert sections(early) == {"trend"}
    assert later.since_last
    assert later.since_last.run_key == "run-1"
    assert [rect.tag for rect in page_of(later).with_class("took")].count("rect") == 3


def test_the_trend_has_the_last_thirty_runs(tmp_path):
    reports = [published(tmp_path, day, proven(1)) for day in range(33)]

    page = page_of(reports[-1])
    rows = [cell.text for cell in page.all("td") if cell.text.startswith("run-")]
    assert rows == [f"run-{day}" for day in reversed(range(3, 33))]


def test_what_is_no_report_is_told_once_and_left_out(tmp_path):
    published(tmp_path, 1, proven(1))
    (tmp_path / "report_half.json").write_text('{"schema_version": 1,')
    (tmp_path / "report_other.json").write_text('{"schema_version": 99}')

    with heard() as listener:
        report = published(tmp_path, 2, failed(1))

    (warning,) = listener.texts(Mark.WARNING)
    assert warning.startswith("left out of the comparison with earlier runs: report_")
    assert warning.endswith("and 1 more file")
    assert report.since_last
    assert set(report.files) == {"log", "csv", "html", "json"}
