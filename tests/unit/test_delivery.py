"""What a run owes when its files are safe: each piece is tried, and what fails is said."""

from dataclasses import replace

import pytest

from ec2_backup.delivery import attempted, notified, uploaded
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.narration import Mark
from ec2_backup.uploads import read_unsent, unsent_path
from tests.unit.deliveries import DENIED, KEY, TOPIC, Bucket, on_disk, written
from tests.unit.listeners import heard
from tests.unit.reports import a_report, proven


def test_the_files_go_under_the_runs_key_the_log_last(tmp_path):
    report, bucket = written(tmp_path), Bucket()

    with heard() as listener:
        delivered = uploaded(report, bucket.put)

    place = f"s3://reports/nightly/{KEY}"
    assert bucket.urls == [f"{place}/report_{KEY}.{kind}" for kind in ("csv", "html", "json")] + [f"{place}/backup.log"]
    assert delivered == report == on_disk(tmp_path)
    assert list(report.copies.values()) == bucket.urls
    assert listener.texts(Mark.DONE) == [f"log and report are in {place}/"]
    assert not unsent_path(tmp_path, KEY).exists()


def test_a_run_that_was_not_asked_to_sends_no_file(tmp_path):
    report, bucket = written(tmp_path, report_to=None), Bucket()

    assert uploaded(report, bucket.put) == report
    assert (bucket.urls, report.copies) == ([], {})


@pytest.mark.parametrize("why", [DENIED, OSError("the network is down"), KeyboardInterrupt()])
def test_what_was_not_sent_is_said_named_no_more_and_remembered(tmp_path, why):
    report, bucket = written(tmp_path), Bucket("html", why)

    with heard() as listener:
        delivered = uploaded(report, bucket.put)

    (said,) = listener.texts(Mark.WARNING)
    assert said.startswith(f"not all of the report is in S3 (./start-ec2-backup.sh resume {KEY} sends the rest): ")
    assert (str(why) or "KeyboardInterrupt") in said
    assert set(delivered.copies) == {"csv"}
    assert on_disk(tmp_path) == delivered
    assert replace(delivered, copies=report.copies) == report
    unsent = read_unsent(tmp_path, KEY)
    assert [path.name for path in unsent] == [f"report_{KEY}.html", f"report_{KEY}.json", "backup.log"]


def test_the_topic_gets_one_message_about_the_report(tmp_path):
    report, sent = written(tmp_path), []

    with heard() as listener:
        notified(report, lambda topic, message: sent.append((topic, message.status)))

    assert sent == [(TOPIC, "incomplete")]
    assert listener.texts(Mark.DONE) == [f"a message was sent to {TOPIC}"]


def test_without_a_topic_or_trouble_nobody_is_told(tmp_path):
    sent: list[object] = []
    good = a_report(proven(1), parameters=written(tmp_path).parameters)

    notified(good, lambda *what: sent.append(what))
    notified(written(tmp_path, notify_topic=None), lambda *what: sent.append(what))

    assert sent == []


def test_a_message_that_is_refused_is_said_with_what_to_do(tmp_path):
    def refuse(_topic: str, _message: object) -> None:
        raise AccessError("sns:Publish", "AuthorizationError", "not authorized", hint="Allow it.")

    with heard() as listener:
        notified(written(tmp_path), refuse)

    assert listener.texts(Mark.WARNING) == [
        f"no message was sent to {TOPIC}: sns:Publish: AuthorizationError: not authorized. Allow it."
    ]


def test_for_what_passes_nobody_is_told_to_repeat_a_run_that_is_over(tmp_path):
    def refuse(_topic: str, _message: object) -> None:
        raise AwsError("sns:Publish", "Throttling", "Rate exceeded", retryable=True, hint="Repeat the command.")

    with heard() as listener:
        notified(written(tmp_path), refuse)

    assert listener.texts(Mark.WARNING) == [f"no message was sent to {TOPIC}: sns:Publish: Throttling: Rate exceeded."]


def test_what_was_attempted_says_whether_it_was_done():
    done: list[int] = []

    assert attempted("not noted", done.append, 1)
    assert not attempted("not noted", [].remove, 1)
    assert done == [1]
