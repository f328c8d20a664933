import re
import shlex
from dataclasses import replace

import pytest

from ec2_backup.report import figures
from ec2_backup.report.console import instance_url, job_url
from ec2_backup.report.html import to_html
from ec2_backup.states import BackupJobState, Verdict
from tests.unit.page_reports import ABORTED, DRY, KEY, LARGE, MIXED, RUN_URL, page_of
from tests.unit.reports import ROLE_ARN, a_report, failed, proven

LINE = re.compile(r"line (\d+) of the CSV")


def test_the_run_is_told_with_who_where_and_how_long():
    page = page_of(MIXED)
    told = page.with_class("facts")[0].text

    facts = (MIXED.run_key, "123456789012", "user/backup-operator", "eu-central-1", "EC2-Backup", ROLE_ARN, "7 days")
    assert [fact for fact in (*facts, "2026-03-01 02:30:00 UTC", "22 min 05 s", RUN_URL) if fact not in told] == []
    assert page.one("a", href=RUN_URL).text == RUN_URL


def test_what_failed_is_told_with_aws_words_and_one_advice_for_all_that_need_it():
    page = page_of(MIXED)
    trouble = page.one("section", **{"aria-labelledby": "failures"}).text

    assert trouble.count("Insufficient privileges to perform this action.") == 2
    assert trouble.count("Attach AWSBackupServiceRolePolicyForBackup to the role") == 1
    assert "5 instances without a proven recovery point" in trouble
    assert all(outcome.row.instance_id in trouble for outcome in MIXED.failures)


def test_the_error_that_ended_a_run_is_told_with_what_to_do():
    trouble = page_of(ABORTED).one("section", **{"aria-labelledby": "error"}).text

    assert "there is no such vault" in trouble
    assert "Correct --vault." in trouble


def test_the_donut_says_in_words_what_it_shows():
    page = page_of(MIXED)

    assert page.one("desc", id="donut-desc").text == (
        "2 instances proven, 3 instances failed, 1 instance still running, 1 instance not started"
    )
    assert [" ".join(item.text.split()) for item in page.all("li") if item.attributes.get("class") in set(Verdict)] == [
        "2 proven 28.6 %", "3 failed 42.9 %", "1 still running 14.3 %", "1 not started 14.3 %",
    ]  # fmt: skip


def test_a_job_that_failed_without_a_date_of_its_end_is_not_said_to_go_on():
    outcome = failed(1)
    outcome = replace(outcome, job=replace(outcome.job, state=BackupJobState.FAILED, completed_at=None))

    page = to_html(a_report(outcome, proven(2)))

    assert "an end that AWS does not date" in page
    assert "goes on" not in page


@pytest.mark.parametrize("report", [MIXED, LARGE], ids=["few", "many"])
def test_the_timeline_has_a_bar_for_each_job_coloured_by_its_outcome(report):
    page = page_of(report)
    (lanes,) = page.with_class("lanes")
    bars = [element.attributes["class"].split()[-1] for element in page.inside(lanes) if element.tag == "rect"]

    assert bars == [outcome.verdict.value for outcome in report.outcomes if outcome.job]


def test_one_outcome_is_a_whole_ring():
    page = page_of(a_report(proven(1)))
    (donut,) = page.with_class("donut")

    assert [e.attributes.get("stroke-dasharray") for e in page.inside(donut) if e.tag == "circle"] == [None]


def test_without_a_job_there_is_no_timeline():
    assert not page_of(DRY).with_class("timeline")


def test_every_instance_has_its_evidence():
    folded = [element.text for element in page_of(MIXED).with_class("evidence")]
    of_line = {int(LINE.search(text)[1]): text for text in folded}

    assert len(folded) == len(of_line) == len(MIXED.outcomes)
    for outcome in MIXED.outcomes:
        told, point = of_line[outcome.row.line], outcome.recovery_point
        assert all(volume.volume_id in told for volume in (outcome.instance.volumes if outcome.instance else ()))
        assert all(snapshot.snapshot_id in told for snapshot in (point.snapshots if point else ()))
        assert point is None or {point.arn, outcome.audit.event_id} <= {*told.replace(",", " ").split()}


def test_every_instance_and_every_job_has_a_link_to_the_console():
    addresses = {link.attributes["href"] for link in page_of(MIXED).all("a")}

    assert {instance_url(outcome.row.instance_id, outcome.region) for outcome in MIXED.outcomes} <= addresses
    assert {job_url(outcome.job.job_id, outcome.region) for outcome in MIXED.outcomes if outcome.job} <= addresses


def test_a_volume_without_a_snapshot_stands_out():
    outcome = proven(1)
    point = replace(outcome.recovery_point, snapshots=outcome.recovery_point.snapshots[:1])
    (evidence,) = page_of(a_report(replace(outcome, recovery_point=point))).with_class("evidence")

    assert "no snapshot" in evidence.text


def test_each_proven_instance_and_no_other_has_its_restore_commands_whole():
    commands = [block.text.splitlines() for block in page_of(MIXED).all("pre")]
    arns = [outcome.recovery_point.arn for outcome in MIXED.outcomes if outcome.verdict is Verdict.PROVEN]

    assert [len(lines) for lines in commands] == [1, 2, 1, 2]
    for own, lines, arn in zip(commands[::2], commands[1::2], arns, strict=True):
        assert shlex.split(own[0])[1:] == ["restore", arn]
        for words in map(shlex.split, lines):
            assert words[words.index("--recovery-point-arn") + 1] == arn


def test_the_statistics_are_those_of_every_other_report_with_all_api_calls():
    page = page_of(MIXED)
    told = page.one("section", **{"aria-labelledby": "statistics"}).text

    assert all(value in told for label, value in figures(MIXED) if label != "Most called")
    assert all(operation in told for operation in MIXED.statistics.api_calls)


def test_volumes_are_counted_and_their_keys_named():
    told = page_of(MIXED).one("section", **{"aria-labelledby": "volumes"}).text

    assert "up to 128 GiB" in told
    assert "gp3" in told
    assert KEY in told


def test_two_thousand_instances_stay_below_six_megabytes():
    outcomes = [proven(number, name=f"fleet-{number}") for number in range(1, 2001)]

    assert len(to_html(a_report(*outcomes)).encode()) < 6_000_000


def test_an_address_of_the_run_that_is_no_web_address_is_no_link():
    page = page_of(replace(MIXED, run_url="javascript:alert(1)"))

    assert "javascript:alert(1)" in page.one("main").text
    assert not [link for link in page.all("a") if link.attributes["href"].startswith("javascript")]
