"""A restore's report: verdicts that follow from what is known, alike in every form."""

import json
import shlex
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ec2_backup.errors import AccessError, Interrupted
from ec2_backup.restore.command import to_next_command
from ec2_backup.restore.document import to_document
from ec2_backup.restore.jobs import RestoreJobState
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.log_lines import closing_lines, opening_lines
from ec2_backup.restore.markdown import to_markdown, to_table
from ec2_backup.restore.model import ChosenPoint, RestoreFailure
from ec2_backup.restore.page import to_html
from ec2_backup.restore.request import RestoreRequest
from ec2_backup.restore.runfile import find_restore_file, is_restore, to_resumed_request, write_restore_file
from ec2_backup.restore.words import headline
from tests.unit.restores import ARN, KEY, NEW, ORIGINAL, a_job, a_plan, a_point, a_run, restored, settled


def proven_run() -> RestoreLedger:
    run = a_run()
    run.note([a_job(), restored(a_plan())])
    run.proven.add(1)
    return run


def test_a_restore_that_was_proven_says_how_long_it_took_from_the_jobs_creation_to_its_checks():
    report = settled(proven_run())

    assert (report.status, report.exit_code, report.statistics.proven) == ("proven", 0, 1)
    assert report.outcomes[0].recovery_seconds == 300
    assert headline(report) == "1 of 1 instance is restored and proven, within 5 min 00 s"


def test_nobody_invents_a_time_for_what_was_over_before_the_run_looked():
    run = a_run()
    run.found_over.add(1)
    run.note([a_job(), restored(a_plan())])
    run.proven.add(1)

    assert settled(run).outcomes[0].recovery_seconds is None


def test_the_clocks_difference_is_taken_out_of_the_time():
    run = proven_run()
    run.ahead = timedelta(minutes=4)

    assert settled(run).outcomes[0].recovery_seconds == 540


def test_what_comes_after_a_failure_is_not_begun():
    run = a_run(lines=2)
    run.fail(RestoreFailure(1, "why", "what to do"))

    report = settled(run)

    assert [one.verdict for one in report.outcomes] == ["failed", "not-started"]
    assert (report.status, report.exit_code) == ("incomplete", 3)
    assert "an earlier one of the order failed" in report.outcomes[1].failure.reason


def test_a_plan_that_nobody_agreed_to_is_a_plan():
    run = a_run()
    run.is_agreed = False

    report = settled(run)

    assert (report.status, report.exit_code) == ("planned", 0)
    assert "nothing was started" in headline(report)


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"state": RestoreJobState.RUNNING, "created_arn": ""}, "goes on at AWS as RUNNING"),
        ({}, f"the new instance {NEW} was not verified"),
    ],
)
def test_what_goes_on_after_an_interruption_says_how_to_take_it_up(job, said):
    run = a_run()
    run.note([a_job(**job)])

    report = settled(run, Interrupted("stop"))

    assert (report.status, report.exit_code, report.outcomes[0].verdict) == ("interrupted", 130, "running")
    assert said in report.outcomes[0].failure.reason
    assert f"resume {KEY}" in report.outcomes[0].failure.advice
    assert f"resume {KEY}" in report.error.hint


def test_an_error_of_the_run_is_in_the_report_with_its_exit_code():
    report = settled(a_run(), AccessError("iam:GetRole", "NoSuchEntity", "no role"))

    assert (report.status, report.exit_code, report.error.kind) == ("aborted", 11, "AccessError")


def test_every_form_of_the_report_says_the_same():
    report = replace(settled(proven_run()), files={"log": "a.log", "html": "a.html"})
    texts = [to_markdown(report), to_html(report), json.dumps(to_document(report)), "\n".join(closing_lines(report))]

    for text in texts:
        assert NEW in text
        assert ORIGINAL in text
        assert "restored and proven" in text
    assert to_table(report)[0]["Recovery time"] == "5 min 00 s"
    assert to_document(report)["outcomes"][0]["plan"]["metadata"]["InstanceType"] == "m5.large"
    assert "restore" in "\n".join(opening_lines(proven_run()))


def test_what_comes_from_outside_stays_a_text_in_the_page():
    run = a_run()
    run.chosen[1] = ChosenPoint(run.rows[0], a_point(tags={"Name": "<script>alert(1)</script>"}))
    run.fail(RestoreFailure(1, "<img src=x onerror=alert(1)>"))

    page = to_html(settled(run))

    assert "<script>" not in page
    assert "<img" not in page
    assert "default-src" in page


def test_a_run_file_keeps_the_plans_and_brings_the_run_back(tmp_path: Path):
    run = a_run(folder=tmp_path)
    path = write_restore_file(run)

    file = find_restore_file(run.request, KEY)
    again = to_resumed_request(KEY, tmp_path)

    assert file is not None
    assert file.plans == tuple(run.plans.values())
    assert file.rows == run.rows
    assert (again.run_key, again.output, again.dry_run) == (KEY, tmp_path, False)
    assert to_resumed_request(str(path), tmp_path) == again
    assert is_restore(KEY, tmp_path)
    assert not is_restore("20200101T000000Z-00000000", tmp_path)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"instance": ORIGINAL, "at": "2026-11-22"}, ["--instance", ORIGINAL, "--at", "2026-11-22"]),
        ({"recovery_point": ARN, "name": "a b"}, [ARN, "--name", "a b"]),
        ({"csv": "x.csv", "options": {"on_failure": "continue", "copy_tags": False}},
         ["--csv", "x.csv", "--on-failure", "continue", "--no-copy-tags"]),
    ],
)  # fmt: skip
def test_a_plan_without_a_flaw_is_carried_out_by_the_command_that_is_named(values, words):
    run = a_run()
    run.request, run.is_agreed = RestoreRequest(**values), False

    assert shlex.split(to_next_command(settled(run))) == ["./start-ec2-backup.sh", "restore", *words, "--yes"]


def test_what_goes_on_is_taken_up_and_what_is_proven_leaves_nothing_to_do(tmp_path: Path):
    run = a_run(folder=tmp_path)
    run.note([a_job(state=RestoreJobState.RUNNING, created_arn="")])

    assert to_next_command(settled(run)) == f"./start-ec2-backup.sh resume {KEY} --output {tmp_path}"
    assert to_next_command(settled(proven_run())) == ""
