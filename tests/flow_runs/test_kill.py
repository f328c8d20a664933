"""A run can die anywhere and be resumed: nothing is started twice, and the report is whole."""

from pathlib import Path

import pytest

from deployments.prefect_server import Server
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.flow_runs.conftest import SPEED
from tests.flow_runs.front_door import FrontDoor, clean_environment
from tests.flow_runs.kill_points import COPYING, INSTANCES, PHASES, Point, to_points
from tests.flow_runs.killing import kill_and_resume

SEED = 20260301


@pytest.mark.parametrize("point", to_points(len(PHASES) + len(COPYING), SEED), ids=lambda point: point.phase)
def test_a_run_that_is_killed_is_resumed_and_every_instance_has_one_job(
    point: Point, server: Server, tmp_path: Path
) -> None:
    with running(speed=SPEED, fleet=Fleet.of_size(INSTANCES)) as aws:
        door = FrontDoor(tmp_path, {**clean_environment(server.home.parent), **aws.env}, server.url)

        tried = kill_and_resume(point, door, aws)

    assert tried.violations == (), str(tried)


def test_the_points_of_a_seed_are_always_the_same_and_spread_over_all_phases() -> None:
    points = to_points(60, SEED)

    assert points == to_points(60, SEED)
    assert points != to_points(60, SEED + 1)
    assert {point.phase for point in points} == {*PHASES, *COPYING}
