"""When a run is over its topic is told and its files go to S3; trouble with either changes nothing of its verdict."""

import json
import signal
from typing import Any

import pytest

from sandbox.running import Sandbox
from tests.aws.inbox import BUCKET, Inbox, a_bucket, an_inbox, client_of, objects_in
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor

PLACE = f"s3://{BUCKET}/nightly"


def terminate(aws: Sandbox, instance_id: str) -> None:
    client_of(aws, "ec2").terminate_instances(InstanceIds=[instance_id])


@pytest.fixture
def inbox(aws: Sandbox) -> Inbox:
    return an_inbox(aws)


@pytest.fixture
def s3(aws: Sandbox) -> Any:
    return a_bucket(aws)


def test_a_run_with_a_failed_backup_sends_one_message_and_puts_its_four_files_to_s3(
    door: FrontDoor, aws: Sandbox, inbox: Inbox, s3: Any
) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"state": "FAILED", "cause": "kms-disabled", "times": 1})

    ended = door.run("--report-to", PLACE, "--notify-topic", inbox.topic)

    assert ended.code == 3, ended.output
    (mail,) = inbox.mails()
    report = ended.report
    key = report["run_key"]
    assert mail.subject.startswith("EC2 backup FAILED: 1 of 2 instances proven (EC2-Backup, ")
    assert mail.status == "incomplete"
    assert ended.outcome_of(OTHER)["failure"]["reason"] in mail.text
    assert f"--only-failed backup-output/report_{key}.json" in mail.text
    assert f"Report: {PLACE}/{key}/report_{key}.html" in mail.text
    assert report["run_url"] in mail.text
    there = objects_in(s3)
    assert {f"s3://{BUCKET}/{name}" for name in there} == set(report["copies"].values())
    assert {kind: there[url.removeprefix(f"s3://{BUCKET}/")][0] for kind, url in report["copies"].items()} == {
        "log": "text/plain; charset=utf-8",
        "csv": "text/csv; charset=utf-8",
        "html": "text/html; charset=utf-8",
        "json": "application/json",
    }
    (log,) = (text for name, (_, text) in there.items() if name.endswith(".log"))
    assert "The run ended with exit code 3 (incomplete)." in log
    assert ended.log.startswith(log)
    assert f"log and report are in {PLACE}/{key}/" in ended.log
    assert report["copies"]["html"] in ended.output
    assert not list(ended.folder.glob("uploads_*"))


def test_a_run_that_went_well_sends_a_message_only_where_that_was_asked_for(door: FrontDoor, inbox: Inbox) -> None:
    door.write_csv(GOOD)

    quiet = door.run("--notify-topic", inbox.topic)
    unheard = inbox.mails()
    told = door.run("--notify-topic", inbox.topic, "--notify", "always")

    assert (quiet.code, told.code) == (0, 0), quiet.output + told.output
    assert unheard == []
    (mail,) = inbox.mails()
    assert mail.subject.startswith("EC2 backup done: 1 of 1 instance proven")


def test_a_run_that_ends_early_sends_a_message_too(door: FrontDoor, inbox: Inbox) -> None:
    door.write_csv(GOOD)

    no_vault = door.run("--notify-topic", inbox.topic, "--vault", "Absent")
    (about_vault,) = inbox.mails()
    door.write_csv("i-nonsense")
    bad_csv = door.run("--notify-topic", inbox.topic)
    (about_csv,) = inbox.mails()

    assert (no_vault.code, bad_csv.code) == (12, 2), no_vault.output + bad_csv.output
    assert about_vault.subject.startswith("EC2 backup FAILED: VaultError, 0 of 1 instance proven")
    assert "VaultError: " in about_vault.text
    assert "What to do: " in about_vault.text
    assert "InventoryError" in about_csv.text
    assert {about_vault.status, about_csv.status} == {"aborted"}


def test_an_interrupted_run_sends_one_message_with_the_command_that_takes_it_up_again(
    door: FrontDoor, aws: Sandbox, inbox: Inbox
) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"duration_seconds": 24_000, "times": 1})
    process = door.start_until(lambda: len(aws.control.jobs()) == 2, "--notify-topic", inbox.topic)

    ended = door.interrupt(process, signal.SIGINT)

    assert ended.code == 130, ended.output
    (mail,) = inbox.mails()
    assert mail.status == "interrupted"
    assert f"Next: ./start-ec2-backup.sh resume {ended.report['run_key']}" in mail.text


def test_what_could_not_be_sent_is_said_changes_nothing_and_is_sent_by_resume(
    door: FrontDoor, aws: Sandbox, inbox: Inbox, s3: Any
) -> None:
    door.write_csv(GOOD)
    aws.control.fault("s3:PutObject", code="AccessDenied", message="Access Denied", skip=1)
    aws.control.fault("sns:Publish", code="AuthorizationError", message="not authorized to perform: SNS:Publish")

    first = door.run("--report-to", PLACE, "--notify-topic", inbox.topic, "--notify", "always")
    report, log, key = first.report, first.log, first.report["run_key"]
    sent = objects_in(s3)
    aws.control.clear_faults()
    terminate(aws, GOOD)
    second = door.run("resume", key)

    assert (first.code, second.code) == (0, 0), first.output + second.output
    assert report["status"] == "proven"
    assert set(report["copies"]) == {"csv"}
    assert set(report["copies"].values()) == {f"s3://{BUCKET}/{name}" for name in sent}
    for text in (log, first.output):
        assert f"not all of the report is in S3 (./start-ec2-backup.sh resume {key} sends the rest)" in text
        assert "AccessDenied: Access Denied" in text
        assert "no message was sent to" in text
    there = objects_in(s3)
    assert set(second.report["copies"]) == {"csv", "html", "json", "log"}
    assert {f"s3://{BUCKET}/{name}" for name in there} == set(second.report["copies"].values())
    assert second.report["status"] == "proven", "the instance is gone, its proven backup is not"
    assert [text.startswith(log) for name, (_, text) in there.items() if name.endswith(".log")] == [True]
    assert json.loads(there[f"nightly/{key}/report_{key}.json"][1]) == second.report
    assert inbox.mails() == []
    assert not list(second.folder.glob("uploads_*"))


def test_a_run_that_is_taken_up_again_sends_the_log_of_the_time_before_too(
    door: FrontDoor, aws: Sandbox, s3: Any
) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"state": "CREATED"})
    aws.control.fault("s3:PutObject", code="AccessDenied", message="Access Denied", times=1)
    first = door.run("--report-to", PLACE, "--deadline-minutes", "0.1")
    log, sent = first.log, objects_in(s3)

    second = door.run("resume", first.report["run_key"], "--deadline-minutes", "0.1")

    assert (first.code, second.code) == (3, 3), first.output + second.output
    assert sent == {}
    assert len([name for name in objects_in(s3) if name.endswith(".log")]) == 2
    assert log in {text for _, text in objects_in(s3).values()}
