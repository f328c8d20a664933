"""A session that is over before the run: it is refreshed, or the run ends saying so and resume completes it."""

import shlex
import sys
from collections.abc import Iterator

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs import session_source
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor, eventually

LONG = 400_000  # of the sandbox's seconds, minutes of ours: jobs end when a test lets that time pass
CALM = 600.0  # virtual seconds a second: a session of an hour is over after 6 seconds of ours
TWO_HOURS = 7200


def test_a_session_that_expires_while_jobs_are_watched_ends_the_run_and_resume_proves_them(
    door: FrontDoor, aws: Sandbox
) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script("*", {"duration_seconds": LONG})
    process = door.start("--poll-seconds", "1")
    eventually(door.log_so_far, lambda log: "0 of 2 finished" in log or process.poll() is not None)
    aws.control.fault("*", "expired")
    first = door.ended(process)
    said, csv_report, report = [first.output, first.log], first.csv_report, first.report
    jobs = {job["instance"]: job["id"] for job in aws.control.jobs()}
    verdicts = {key: first.outcome_of(key)["verdict"] for key in (GOOD, OTHER)}
    aws.control.clear_faults()
    aws.control.advance(LONG)

    second = door.run("resume", report["run_key"])

    assert first.code == 10, first.output
    assert "ExpiredTokenException" in report["error"]["message"]
    assert "Sign in again" in report["error"]["hint"]
    assert verdicts == {GOOD: "running", OTHER: "running"}
    for text in (*said, csv_report, str(report)):
        assert all(job_id in text for job_id in jobs.values())
    assert all("Sign in again" in text and "Traceback" not in text for text in said)
    assert "The run ended with exit code 10" in said[1]
    assert f"resume {report['run_key']}" in said[0]
    assert second.code == 0, second.output
    assert {job["instance"]: job["id"] for job in aws.control.jobs()} == jobs
    assert len(aws.control.jobs()) == 2
    assert {one["verdict"] for one in second.report["outcomes"]} == {"proven"}


@pytest.fixture
def calm_aws() -> Iterator[Sandbox]:
    """An AWS in which an hour is long enough for a call."""
    with running(speed=CALM, fleet=Fleet((GOOD, OTHER))) as sandbox:
        yield sandbox


@pytest.fixture
def refreshing(door: FrontDoor, calm_aws: Sandbox) -> FrontDoor:
    """The program with a profile whose sessions come from a process, as those of a role or of a sign-in do."""
    command = shlex.join([sys.executable, session_source.__file__, calm_aws.url, calm_aws.account])
    config = door.folder / "config"
    config.write_text(f"[profile nightly]\ncredential_process = {command}\n")
    keyless = {name: value for name, value in {**door.env, **calm_aws.env}.items() if "ACCESS_KEY" not in name}
    return FrontDoor(door.folder, {**keyless, "AWS_CONFIG_FILE": str(config), "AWS_PROFILE": "nightly"}, door.api)


def test_a_run_of_two_hours_whose_sessions_last_one_is_given_new_ones(refreshing: FrontDoor, calm_aws: Sandbox) -> None:
    refreshing.write_csv(GOOD, OTHER)
    calm_aws.control.script("*", {"duration_seconds": TWO_HOURS})

    ended = refreshing.run("--poll-seconds", "1")

    assert ended.code == 0, ended.output
    assert ended.report["caller"]["arn"].endswith(":assumed-role/BackupOperator/nightly")
    assert {one["verdict"] for one in ended.report["outcomes"]} == {"proven"}
    assert len(calm_aws.control.jobs()) == 2
