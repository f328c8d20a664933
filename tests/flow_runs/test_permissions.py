"""The caller's policy is what runs need: not an action less, and not one more."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from ec2_backup.aws.cloudtrail import FEW
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import BUCKET, a_bucket, an_inbox
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.least_privilege import actions_of, become_user, statements_for

MANY = [f"i-0{number:016x}" for number in range(FEW + 1)]
LIST, REPORTS = f"s3://{BUCKET}/lists/nightly.csv", f"s3://{BUCKET}/reports"
# The two ways in which calls and permissions are not the same, each by AWS's own rules.
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}  # AWS answers it even under an explicit deny
IS_NO_CALL = {"iam:PassRole"}  # asked of the caller when StartBackupJob names a role


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD, OTHER, *MANY)).instance_store_disks(OTHER)


@pytest.fixture
def aws(fleet: Fleet) -> Iterator[Sandbox]:
    """A fresh AWS whose account has a trail."""
    with running(speed=SPEED, fleet=fleet, trail=True) as sandbox:
        yield sandbox


@pytest.fixture
def topic(aws: Sandbox) -> str:
    return an_inbox(aws).topic


@pytest.fixture
def listed(aws: Sandbox) -> None:
    """The inventory lies in S3."""
    text = "\n".join(["instance_id", GOOD, OTHER, ""])
    a_bucket(aws).put_object(Bucket=BUCKET, Key="lists/nightly.csv", Body=text.encode())


def caller(door: FrontDoor, env: dict[str, str]) -> FrontDoor:
    """Return the front door as another caller."""
    return FrontDoor(door.folder, {**door.env, **env}, door.api)


def interrupted(user: FrontDoor, aws: Sandbox, *arguments: str) -> Any:
    """Start a run and press Ctrl-C once both jobs are under way."""
    before = len(aws.control.jobs())
    process = user.start_until(lambda: len(aws.control.jobs()) >= before + 2, *arguments)
    return user.interrupt(process, signal.SIGINT)


@pytest.mark.usefixtures("listed")
def test_runs_of_every_kind_call_exactly_what_the_policy_allows(door: FrontDoor, aws: Sandbox, topic: str) -> None:
    statements = statements_for(aws, csv=LIST, report_to=REPORTS, notify_topic=topic)
    user = caller(door, become_user(aws, statements))
    everything = ["--csv", LIST, "--report-to", REPORTS, "--notify-topic", topic, "--notify", "always"]
    aws.control.clear_calls()

    user.write_csv(*MANY)
    audited = user.run("--start-jobs-per-second", "1000", "--output", "audited")
    planned = user.run(*everything, "--dry-run", "--output", "planned")
    nowhere = user.run(*everything, "--vault", "Nowhere", "--output", "nowhere")
    aws.control.script("*", {"duration_seconds": 60_000, "times": 2})
    stopped = interrupted(user, aws, *everything, "--stop-jobs-on-cancel")
    resumed = user.run("resume", stopped.report["run_key"])
    aws.control.switch(list_lag_seconds=10**7)  # a job that no list shows is asked for by its id
    aws.control.script(GOOD, {"point": "missing"})  # and so is a recovery point
    looked_for = user.run(*everything, "--output", "looked-for", "--poll-seconds", "1")

    runs = (audited, planned, nowhere, stopped, resumed, looked_for)
    assert [run.code for run in runs] == [0, 0, 12, 130, 3, 3], "\n".join(run.output for run in runs)
    assert set(aws.control.calls()) - NEEDS_NO_PERMISSION == actions_of(statements) - IS_NO_CALL


@pytest.mark.parametrize(
    ("sid", "code", "said"),
    [
        ("Look", 11, "is not allowed backup:ListBackupJobs, ec2:DescribeImages"),
        ("BackUp", 11, "is not authorized to perform: backup:DescribeBackupVault"),
        ("StopWhatWasStarted", 0, "2 of 2 instances have a proven recovery point"),
        ("UseTheRole", 11, "is not authorized to perform: iam:GetRole"),
        ("PassTheRole", 11, "is not allowed iam:PassRole"),
        ("ReadTheList", 11, "is not authorized to perform: s3:GetObject"),
        ("SendReports", 0, "not all of the report is in S3"),
        ("TellTheTopic", 0, "no message was sent to"),
        ("PublishMetrics", 0, "cloudwatch:PutMetricData"),
        ("ReadTheTrail", 0, "2 StartBackupJob events in CloudTrail"),
        ("KnowMore", 0, "permissions could not be checked beforehand"),
    ],
)
@pytest.mark.usefixtures("listed")
def test_a_statement_that_is_taken_away_is_missed_in_plain_words(
    door: FrontDoor, aws: Sandbox, topic: str, sid: str, code: int, said: str
) -> None:
    statements = statements_for(aws, csv=LIST, report_to=REPORTS, notify_topic=topic)
    fewer = [statement for statement in statements if statement["Sid"] != sid]
    assert len(fewer) == len(statements) - 1
    user = caller(door, become_user(aws, fewer))

    ended = user.run("--csv", LIST, "--report-to", REPORTS, "--notify-topic", topic, "--notify", "always")

    assert ended.code == code, ended.output
    assert said in ended.output, ended.output
    assert "Traceback" not in ended.output + ended.log
    assert len(aws.control.jobs()) == (2 if code == 0 else 0)


def test_without_the_permission_to_stop_jobs_an_interrupted_run_says_that_they_go_on(
    door: FrontDoor, aws: Sandbox
) -> None:
    statements = [one for one in statements_for(aws) if one["Sid"] != "StopWhatWasStarted"]
    user = caller(door, become_user(aws, statements))
    user.write_csv(GOOD, OTHER)
    aws.control.script("*", {"duration_seconds": 60_000})

    ended = interrupted(user, aws, "--stop-jobs-on-cancel")

    assert ended.code == 130, ended.output
    assert "could not be stopped" in ended.output
    assert "is not authorized to perform: backup:StopBackupJob" in ended.output
    assert {job["state"] for job in aws.control.jobs()} <= {"CREATED", "RUNNING"}


def test_a_run_without_s3_and_topic_is_proven_by_the_policy_without_their_statements(
    door: FrontDoor, aws: Sandbox
) -> None:
    statements = statements_for(aws)
    assert not {"s3:GetObject", "s3:PutObject", "sns:Publish"} & actions_of(statements)
    user = caller(door, become_user(aws, statements))
    user.write_csv(GOOD, OTHER)

    ended = user.run()

    assert ended.code == 0, ended.output
    assert "permissions confirmed by policy simulation" in ended.output
    assert "⚠" not in ended.output.replace("⚠    5", ""), "nothing was left out for want of a permission"
