"""A call that AWS does not answer in time costs a run that time and nothing else."""

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.kill_points import LISTS_BEFORE_STARTING

LONGER = 21.0  # seconds of ours, one more than any call is waited for


def test_a_look_at_the_jobs_that_hangs_is_repeated_and_the_run_ends_well(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.fault("backup:ListBackupJobs", "delay", seconds=LONGER, times=1, skip=LISTS_BEFORE_STARTING)

    ended = door.run()

    assert ended.code == 0, ended.output
    assert [fault["struck"] for fault in aws.control.faults()] == [1]
    assert {one["verdict"] for one in ended.report["outcomes"]} == {"proven"}
    assert sorted(job["instance"] for job in aws.control.jobs()) == sorted([GOOD, OTHER])
