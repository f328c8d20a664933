"""Two runs over the same CSV at once: AWS Backup has one job an instance, and both runs prove it."""

from collections.abc import Iterator

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import FrontDoor, eventually, wait_while_at_work

MANY = 60  # whose start takes longer than another run needs to come to its own
LONG = 400_000  # of the sandbox's seconds, two minutes of ours: jobs end when a test lets that time pass


def test_a_second_run_watches_and_proves_the_jobs_of_the_first_and_starts_none(door: FrontDoor, aws: Sandbox) -> None:
    csv = str(door.write_csv(GOOD, OTHER))
    beside = FrontDoor(door.folder / "beside", door.env, door.api)
    beside.folder.mkdir()
    aws.control.script("*", {"duration_seconds": LONG})
    processes = [door.start("--csv", csv, "--poll-seconds", "1")]
    eventually(door.log_so_far, lambda log: "0 of 2 finished" in log)
    processes.append(beside.start("--csv", csv, "--poll-seconds", "1"))
    eventually(beside.log_so_far, lambda log: "0 of 2 finished" in log)
    aws.control.advance(LONG)

    first, second = door.ended(processes[0]), beside.ended(processes[1])

    assert (first.code, second.code) == (0, 0), first.output + second.output
    assert sorted(job["instance"] for job in aws.control.jobs()) == sorted([GOOD, OTHER])
    assert "2 found at AWS" in second.log
    for key in (GOOD, OTHER):
        jobs = [run.outcome_of(key)["job"] for run in (first, second)]
        assert jobs[0]["job_id"] == jobs[1]["job_id"]
        assert [job["adopted"] for job in jobs] == [False, True]
        assert [run.outcome_of(key)["verdict"] for run in (first, second)] == ["proven", "proven"]


@pytest.fixture
def wide_aws() -> Iterator[Sandbox]:
    """An AWS with instances enough for a start that takes some seconds."""
    with running(speed=SPEED, fleet=Fleet.of_size(MANY)) as sandbox:
        sandbox.control.script("*", {"duration_seconds": LONG})
        yield sandbox


def test_a_second_run_that_begins_while_the_first_starts_its_jobs_starts_none(
    door: FrontDoor, wide_aws: Sandbox
) -> None:
    first = FrontDoor(door.folder, {**door.env, **wide_aws.env}, door.api)
    second = FrontDoor(door.folder / "beside", first.env, door.api)
    second.folder.mkdir()
    csv = str(first.write_csv(*Fleet.of_size(MANY).machines))
    flags = ("--csv", csv, "--poll-seconds", "1", "--start-jobs-per-second", "3")
    process = first.start_until(lambda: len(wide_aws.control.jobs()) >= 3, *flags)
    beside = second.start(*flags)
    done = f"0 of {MANY} finished"
    wait_while_at_work(process, lambda: done in first.log_so_far())
    wait_while_at_work(beside, lambda: done in second.log_so_far())
    wide_aws.control.advance(LONG)

    ended = first.ended(process), second.ended(beside)

    assert [one.code for one in ended] == [0, 0], ended[0].output + ended[1].output
    assert len(wide_aws.control.jobs()) == MANY
    assert f"{MANY} found at AWS" in ended[1].log
