"""A run that did not come to its end is taken up again: by its key or its file, here or elsewhere, and only once."""

import json
import shutil
import signal
import time
from collections.abc import Iterator

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import Ended, FrontDoor

HOUR = 3600 / SPEED  # after which AWS forgets idempotency tokens, in seconds of this machine


def interrupted(door: FrontDoor, aws: Sandbox, *flags: str, number: int = signal.SIGINT) -> Ended:
    """Start a run of both instances, one of which never ends by itself, and interrupt it once both have a job."""
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"duration_seconds": 24_000, "times": 1})
    process = door.start_until(lambda: len(aws.control.jobs()) == 2, *flags)
    return door.interrupt(process, number)


def jobs_of(aws: Sandbox) -> list[str]:
    return sorted(job["instance"] for job in aws.control.jobs())


def test_an_interrupted_run_is_resumed_by_its_key_with_the_rows_that_it_had(door: FrontDoor, aws: Sandbox) -> None:
    first = interrupted(door, aws, "--tag", "Team=web")
    run_key = first.report["run_key"]
    assert f"./start-ec2-backup.sh resume {run_key}" in first.output
    door.write_csv("i-0123456789abcdef0")
    time.sleep(HOUR)

    second = door.run("resume", run_key)

    assert second.code == 0, second.output
    assert second.report["run_key"] == run_key
    assert [one["row"]["instance_id"] for one in second.report["outcomes"]] == [GOOD, OTHER]
    assert {one["verdict"] for one in second.report["outcomes"]} == {"proven"}
    assert second.outcome_of(GOOD)["recovery_point"]["tags"]["Team"] == "web"
    assert not any(one["job"]["adopted"] for one in second.report["outcomes"])
    assert jobs_of(aws) == sorted([GOOD, OTHER])
    assert len(list(second.folder.glob("backup_log_*.log"))) == 2


def test_a_run_is_resumed_on_another_machine_from_its_file_alone(door: FrontDoor, aws: Sandbox) -> None:
    first = interrupted(door, aws, number=signal.SIGTERM)
    elsewhere = door.folder / "elsewhere"
    (elsewhere / "home").mkdir(parents=True)
    (run_file,) = first.folder.glob("run_*.json")
    shutil.copy(run_file, elsewhere)
    home = str(elsewhere / "home")
    env = {**door.env, "HOME": home, "EC2_BACKUP_HOME": home, "PREFECT_API_URL": door.api}

    second = FrontDoor(elsewhere, env, door.api).run("resume", run_file.name, "--output", "backup-output")

    assert second.code == 0, second.output
    assert second.report["run_key"] == first.report["run_key"]
    assert jobs_of(aws) == sorted([GOOD, OTHER])


def test_what_cannot_be_resumed_is_refused_with_a_sentence(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    dry = door.run("--dry-run")
    dry_key = dry.report["run_key"]

    unknown, again = door.run("resume", "20200101T000000Z-00000000"), door.run("resume", dry_key)

    assert (unknown.code, again.code) == (2, 2)
    assert "backup-output" in unknown.output
    assert dry_key in unknown.output, "the keys that there are help to find the typing error"
    assert "dry run" in again.output
    assert aws.control.jobs() == []


def test_a_run_is_not_resumed_with_the_credentials_of_another_account(door: FrontDoor, aws: Sandbox) -> None:
    first = interrupted(door, aws)
    (run_file,) = first.folder.glob("run_*.json")
    run_file.write_text(json.dumps(json.loads(run_file.read_text()) | {"account": "999999999999"}))

    second = door.run("resume", first.report["run_key"])

    assert second.code == 2, second.output
    assert "999999999999" in second.output
    assert len(aws.control.jobs()) == 2


def test_only_what_a_report_says_is_not_proven_is_backed_up_again(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"state": "ABORTED", "times": 1})
    first = door.run()
    report = first.folder / f"report_{first.report['run_key']}.json"
    kept = door.folder / "report.json"
    shutil.move(report, kept)

    second = door.run("--only-failed", str(kept))
    third = door.run("--only-failed", str(second.folder / f"report_{second.report['run_key']}.json"))

    assert (first.code, second.code, third.code) == (3, 0, 2), second.output
    assert jobs_of(aws) == sorted([GOOD, OTHER, OTHER])
    assert "every instance of this report has a proven recovery point" in third.output


def test_jobs_are_stopped_with_the_run_where_that_was_asked_for(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.script(GOOD, {"duration_seconds": 100_000})

    ended = interrupted(door, aws, "--stop-jobs-on-cancel", number=signal.SIGTERM)

    assert ended.code == 130, ended.output
    assert {job["state"] for job in aws.control.jobs()} <= {"ABORTING", "ABORTED"}
    for instance_id in (GOOD, OTHER):
        assert ended.outcome_of(instance_id)["verdict"] == "failed"
        assert "was told to stop" in ended.outcome_of(instance_id)["failure"]["reason"]
    assert "2 of 2 jobs of this run were told to stop" in ended.log
    assert f"--only-failed backup-output/report_{ended.report['run_key']}.json" in ended.output


def test_a_second_interrupt_does_not_cost_the_log_or_the_report(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    for instance_id in (GOOD, OTHER):
        aws.control.script(instance_id, {"state": "CREATED"})
    process = door.start_until(lambda: len(aws.control.jobs()) == 2)
    process.send_signal(signal.SIGINT)
    time.sleep(0.1)

    ended = door.interrupt(process)

    assert ended.code == 130, ended.output
    assert ended.report["status"] == "interrupted"
    assert len(ended.report["outcomes"]) == 2
    assert "exit code 130 (interrupted)" in ended.log


@pytest.fixture(params=[-290, 290], ids=["behind", "ahead"])
def skewed(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    """An AWS whose clock differs from this machine's, by less than makes it refuse our signatures."""
    with running(speed=SPEED, fleet=Fleet((GOOD, OTHER)), ahead_seconds=request.param) as sandbox:
        yield sandbox


def test_a_clock_that_differs_from_awss_costs_no_second_job_and_takes_no_other_runs_job(
    skewed: Sandbox, door: FrontDoor
) -> None:
    door = FrontDoor(door.folder, {**door.env, **skewed.env}, door.api)
    first = interrupted(door, skewed)
    run_key = first.report["run_key"]
    time.sleep(HOUR)

    resumed = door.run("resume", run_key)
    (first.folder / f"run_{run_key}.json").unlink()
    by_key = door.run("--run-key", run_key)
    for path in first.folder.glob("report_*"):
        path.unlink()
    another = door.run()

    assert [one.code for one in (resumed, by_key, another)] == [0, 0, 0], resumed.output + by_key.output
    assert jobs_of(skewed) == sorted([GOOD, OTHER, GOOD, OTHER])
