"""The page says which backups a drill has restored, when and in what time, and how the drills went."""

from dataclasses import replace
from datetime import timedelta

from ec2_backup.drilled import DrillVerdict, Restored
from ec2_backup.history.trend import to_trend
from ec2_backup.report.html import to_html
from tests.unit.pages import Page
from tests.unit.past_runs import FAILED, PROVEN, a_past_run
from tests.unit.reports import STARTED, a_report, proven

RUNS = to_trend([a_past_run(1, a=PROVEN), a_past_run(2, a=PROVEN)])
DRILLS = to_trend([a_past_run(1, a=PROVEN, seconds=300), replace(a_past_run(2, a=FAILED), seconds=None)])
VERDICT = DrillVerdict("KEY-drill", "1 of 2 is <proven>", is_good=False, files={"html": "out/drill_KEY-drill.html"})


def restored(number: int, days: int, seconds: float | None = 254.0):
    return replace(proven(number, name=f"<b>{number}"), restored=Restored(STARTED - timedelta(days), seconds, "D-1"))


def test_each_instance_that_was_restored_is_listed_with_its_recovery_time_the_newest_first():
    page = Page(to_html(a_report(restored(1, 7), restored(2, 1, None), proven(3), drill=VERDICT)))
    told = page.one("section", **{"aria-labelledby": "drills"})
    rows = [one.text for one in page.inside(told) if one.tag == "tr"][1:]

    assert "2 of 3 instances have a backup that a drill has restored and proven" in told.text
    assert "1 of 2 is <proven>. Its report: out/drill_KEY-drill.html" in told.text
    assert ["<b>2" in rows[0], "–" in rows[0], "<b>1" in rows[1], "4 min 14 s" in rows[1]] == [True] * 4


def test_after_twenty_instances_the_others_are_folded_and_none_is_left_out():
    page = Page(to_html(a_report(*(restored(number, number) for number in range(1, 24)))))
    told = page.one("section", **{"aria-labelledby": "drills"})

    assert len([one for one in page.inside(told) if one.tag == "bdi"]) == 23
    assert "3 more instances" in told.text


def test_the_trend_of_drills_stands_beside_that_of_runs_and_no_id_is_used_twice():
    page = Page(to_html(a_report(restored(1, 7)), RUNS, DRILLS))
    ids = [one.attributes["id"] for one in page.elements if "id" in one.attributes]

    assert len(ids) == len(set(ids))
    assert "The longest median recovery took 5 min 00 s" in page.one("desc", id="drill-desc").text
    assert "–" in page.one("section", **{"aria-labelledby": "drills"}).text


def test_a_run_of_which_nothing_was_ever_restored_has_no_such_section():
    assert 'id="drills"' not in to_html(a_report(proven(1)))
