"""The page's history says in words what it shows, and lets no text from an earlier run become anything else."""

import re
from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ec2_backup.history.past_run import Origin, PastRun
from ec2_backup.history.trend import to_trend
from ec2_backup.lines import one_line
from ec2_backup.report.html import to_html
from ec2_backup.results import RunReport
from ec2_backup.since import SinceLast
from ec2_backup.states import RunStatus
from tests.unit.pages import Element, Page
from tests.unit.past_runs import FAILED, PROVEN, a_past_run
from tests.unit.reports import STARTED, a_report, failed, proven

IDS = {number: proven(number).row.instance_id for number in range(1, 40)}
SINCE = SinceLast(
    "run-1", STARTED, newly_failing=(IDS[1],), newly_fixed=(IDS[2],), still_proven=(IDS[3], IDS[4]),
    vanished=("i-gone",), names={"i-gone": "old-db"},
)  # fmt: skip
REPORT = a_report(failed(1), proven(2, name="payroll"), proven(3), proven(4), since_last=SINCE)
RUNS = [
    a_past_run(1, a=PROVEN),
    a_past_run(2, RunStatus.ABORTED),
    a_past_run(3, RunStatus.INTERRUPTED, a=FAILED, b=PROVEN),
    a_past_run(4, a=FAILED, b=PROVEN, c=PROVEN, seconds=4000),
]


def page_of(report: RunReport = REPORT, runs: list[PastRun] = RUNS) -> Page:
    return Page(to_html(report, to_trend(runs)))


def section(page: Page, name: str) -> Element:
    return page.one("section", **{"aria-labelledby": name})


def test_what_is_new_is_listed_with_names_and_ids_what_needs_attention_first():
    page = page_of()
    told = section(page, "since")
    headings = [one.text for one in page.inside(told) if one.tag == "h3"]

    assert headings == ["Newly failing: 1 instance", "Newly fixed: 1 instance", "Vanished from the CSV: 1 instance"]
    assert "old-db i-gone" in told.text
    assert f"payroll {IDS[2]} in eu-central-1" in told.text
    assert "run-1 of 2026-03-01 02:30 UTC" in told.text
    assert "Proven then and now: 2 instances" in told.text


def test_where_nothing_is_new_the_page_says_so():
    told = section(page_of(replace(REPORT, since_last=SinceLast("run-1", STARTED, still_proven=(IDS[3],)))), "since")

    assert "Nothing is new" in told.text


def test_what_a_run_did_not_get_to_or_was_not_asked_for_is_counted():
    since = SinceLast("run-1", STARTED, unsettled=(IDS[1],), left_out=("i-1", "i-2"))
    told = section(page_of(replace(REPORT, since_last=since)), "since").text

    assert "This run ended before it could tell: 1 instance" in told
    assert "which repeats a part of the CSV: 2 instances" in told


def test_of_many_instances_ten_are_shown_and_the_others_folded():
    report = a_report(*map(failed, IDS), since_last=SinceLast("run-1", STARTED, newly_failing=tuple(IDS.values())))
    page = page_of(report)
    told = section(page, "since")

    assert [one.text for one in page.inside(told) if one.tag == "summary"] == ["29 more instances"]
    assert all(key in told.text for key in IDS.values())


def test_the_trend_says_in_words_and_in_a_table_what_it_shows():
    page = page_of()
    told = section(page, "trend")
    rows = [" ".join(row.text.split()) for row in page.inside(told) if row.tag == "tr"][1:]

    assert page.one("desc", id="trend-desc").text == (
        "1 run of 4 proved every instance. The longest took 1 h 06 min. "
        "This run: 2026-03-05 02:30: incomplete, 2 of 3 instances proven, 1 h 06 min. The table below has them all."
    )
    assert [one.attributes["scope"] for one in page.inside(told) if one.tag == "th"] == ["col"] * 7 + ["row"] * 4
    assert rows[0].startswith("2026-03-05 02:30run-4✕ incomplete2 of 366.7 %")
    assert rows[2].startswith("2026-03-03 02:30run-2✕ ended early––")


def test_each_run_is_drawn_with_its_outcome_and_its_duration_and_says_so_to_the_pointer():
    page = page_of()
    (drawing,) = page.with_class("trend")
    drawn = [one for one in page.inside(drawing) if one.tag == "rect"]
    fills = [one.attributes["class"].removeprefix("bar ").removeprefix("edge ") for one in drawn]

    assert fills == ["proven", "took", "failed", "took", "proven", "running", "took", "proven", "failed", "took now"]
    assert len([one for one in page.inside(drawing) if one.tag == "title"]) == len(RUNS) + 1


def test_the_page_with_a_history_still_stands_alone_and_is_whole():
    page, html = page_of(), to_html(REPORT, to_trend(RUNS))
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]
    inner = {link.attributes["href"][1:] for link in page.all("a") if link.attributes["href"].startswith("#")}
    levels = [int(one.tag[1]) for one in page.all("h1", "h2", "h3")]

    assert sorted(ids) == sorted(set(ids))
    assert {"since", "trend"} <= inner <= set(ids)
    assert all(after - before <= 1 for before, after in zip([0, *levels], levels, strict=False))
    assert set(re.findall(r"url\((.)|(@import)", html)) <= {("#", "")}
    assert all("aria-hidden" in one.attributes or "aria-labelledby" in one.attributes for one in page.all("svg"))
    assert not [one for one in page.elements if "style" in one.attributes]
    assert len(page.all("caption")) == len(page.all("table"))


def test_a_page_without_a_history_has_no_trace_of_one():
    page = Page(to_html(replace(REPORT, since_last=None)))

    assert not {"since", "trend"} & {one.attributes.get("id") for one in page.elements}
    assert not {"#since", "#trend"} & {one.attributes["href"] for one in page.all("a")}


def hostile_page(text: str) -> str:
    since = SinceLast(text, STARTED, newly_failing=(text,), vanished=(text,), names={text: text})
    runs = [replace(run, run_key=text, origin=Origin(text), vault=text, account=text) for run in RUNS]
    return to_html(replace(REPORT, since_last=since), to_trend(runs))


@pytest.mark.parametrize("status", list(RunStatus))
def test_every_way_a_run_can_end_has_its_words(status):
    told = section(page_of(runs=[a_past_run(1, status), a_past_run(2, a=PROVEN)]), "trend").text

    assert "2026-03-02 02:30run-1" in told


PLAIN = list(Page(hostile_page("plain")).shape())


@given(st.text(max_size=20).filter(one_line))
@example("</title></svg><script>alert(1)</script>")
@example("' onmouseover='alert(1)")
@example("{{ 7 * 7 }}{% include 'x' %}")
@settings(max_examples=60, deadline=None)
def test_a_hostile_text_changes_no_element_and_no_attribute(text):
    assert list(Page(hostile_page(text)).shape()) == PLAIN
