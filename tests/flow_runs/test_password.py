"""A Prefect server with a password: runs that know it are recorded whole, others are told what is missing."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from deployments.prefect_server import server_status, stop_server
from deployments.server_home import made_private
from ec2_backup.narration import STEPS
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD
from tests.flow_runs.front_door import FrontDoor, clean_environment, eventually

USER, PASSWORD = "backup", "s3cret"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """The folder of a server that the program starts itself."""
    folder = made_private(tmp_path / "home" / "prefect")
    yield folder
    stop_server(folder)


@pytest.fixture
def door(aws: Sandbox, home: Path, tmp_path: Path) -> FrontDoor:
    """The program, whose server will ask for a password."""
    asks = {"PREFECT_SERVER_API_AUTH_STRING": f"{USER}:{PASSWORD}"}
    return FrontDoor(tmp_path, {**clean_environment(home.parent), **aws.env, **asks}, "")


def step_numbers(home: Path, auth: tuple[str, str]) -> set[int]:
    """Return the numbers of the steps of which the server has task runs."""
    server = server_status(home)
    assert server
    answer = requests.post(f"{server.url}/task_runs/filter", json={}, auth=auth, timeout=30)
    answer.raise_for_status()
    return {int(one["name"][:2]) for one in answer.json()}


def test_a_run_that_knows_the_password_is_recorded_and_one_that_does_not_is_told(
    door: FrontDoor, home: Path, aws: Sandbox
) -> None:
    door.write_csv(GOOD)

    told = door.run(env={"PREFECT_API_AUTH_STRING": f"{USER}:{PASSWORD}"})
    jobs = len(aws.control.jobs())
    untold = door.run("--output", "untold")

    assert (told.code, untold.code) == (0, 1), told.output + untold.output
    assert eventually(lambda: step_numbers(home, (USER, PASSWORD)), lambda found: found == set(STEPS)) == set(STEPS)
    with pytest.raises(requests.HTTPError, match="401"):
        step_numbers(home, (USER, "guessed"))
    assert "Set PREFECT_API_AUTH_STRING to that server's user:password" in untold.output
    assert len(aws.control.jobs()) == jobs
