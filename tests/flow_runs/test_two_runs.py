"""Two runs over the same CSV at once: AWS Backup has one job an instance, and both runs prove it."""

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor, eventually

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
