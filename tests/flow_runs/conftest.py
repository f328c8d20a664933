"""What the flow tests share: one Prefect server for all of them, and a fresh AWS for each."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from deployments.prefect_server import Server, ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs.front_door import FrontDoor, clean_environment, kill_what_is_left

GOOD, OTHER = "i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a49382"
SPEED = 3000.0


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home folder that the program has for itself."""
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="session")
def server(home: Path) -> Iterator[Server]:
    """The Prefect server that all runs report to."""
    prefect_home = made_private(home / "prefect")
    yield ensure_server(prefect_home, port=0)
    stop_server(prefect_home)


@pytest.fixture(autouse=True)
def _nothing_runs_on() -> Iterator[None]:
    """A test that fails leaves no program at work, which the tests after it would have to share the machine with."""
    yield
    kill_what_is_left()


@pytest.fixture
def fleet() -> Fleet:
    """The instances of the sandbox; a module that needs others overrides this."""
    return Fleet((GOOD, OTHER))


@pytest.fixture
def aws(fleet: Fleet) -> Iterator[Sandbox]:
    """A fresh AWS."""
    with running(speed=SPEED, fleet=fleet) as sandbox:
        yield sandbox


@pytest.fixture
def door(aws: Sandbox, server: Server, tmp_path: Path) -> FrontDoor:
    """The program, with credentials for that AWS."""
    return FrontDoor(tmp_path, {**clean_environment(server.home.parent), **aws.env}, server.url)
