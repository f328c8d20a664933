"""Prefect is a witness: what goes wrong with it never costs a backup, its proof, its log or its report."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from subprocess import Popen
from urllib.parse import urlsplit

import pytest

from deployments.prefect_server import Server, ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import Ended, FrontDoor, clean_environment, eventually, prefect

LONG = 400_000  # of the sandbox's seconds, two minutes of ours: jobs end when a test lets that time pass


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A home with a server of its own, which no other module's runs report to."""
    folder = tmp_path_factory.mktemp("home")
    yield folder
    stop_server(folder / "prefect")


@pytest.fixture
def own_server(home: Path) -> Server:
    """That server, up again whatever a test has done to it."""
    return ensure_server(made_private(home / "prefect"), port=0)


@pytest.fixture
def door(aws: Sandbox, own_server: Server, tmp_path: Path) -> FrontDoor:
    """The program, which looks for its server itself."""
    return FrontDoor(tmp_path, {**clean_environment(own_server.home.parent), **aws.env}, own_server.url)


def watching(door: FrontDoor, aws: Sandbox, **env: str) -> Popen[str]:
    """Start a run of two instances and return it while both jobs are watched."""
    door.write_csv(GOOD, OTHER)
    aws.control.script("*", {"duration_seconds": LONG})
    process = door.start("--poll-seconds", "1", env=env)
    eventually(door.log_so_far, lambda log: "0 of 2 finished" in log or process.poll() is not None)
    assert process.poll() is None, process.communicate()[0]
    return process


def assert_nothing_is_lost(ended: Ended, aws: Sandbox) -> None:
    """Hold the run against AWS's books: it ended well, both are proven, and log and reports say so."""
    assert ended.code == 0, ended.output
    assert {one["verdict"] for one in ended.report["outcomes"]} == {"proven"}
    assert "The run ended with exit code 0 (proven)." in ended.log
    assert ended.csv_report.count(",proven,") == len(list(ended.folder.glob("report_*.html"))) * 2 == 2
    assert sorted(job["instance"] for job in aws.control.jobs()) == sorted([GOOD, OTHER])
    assert "Traceback" not in ended.output + ended.log
    assert "Error logging to API" not in ended.output


def state_of(ended: Ended, api: str) -> str:
    """Return the type of the state in which Prefect has the run."""
    (run,) = prefect(api, "/flow_runs/filter", flow_runs={"id": {"any_": [ended.report["run_url"].rpartition("/")[2]]}})
    return str(run["state"]["type"])


def test_a_server_that_is_restarted_while_jobs_are_watched_has_the_runs_end_and_its_artifacts(
    door: FrontDoor, aws: Sandbox, own_server: Server
) -> None:
    process = watching(door, aws)
    stop_server(own_server.home)
    ensure_server(own_server.home, port=urlsplit(own_server.url).port or 0)
    aws.control.advance(LONG)

    ended = door.ended(process)

    assert_nothing_is_lost(ended, aws)
    assert state_of(ended, door.api) == "COMPLETED"
    assert "its artifacts in Prefect are not" not in ended.log


def test_results_that_cannot_be_stored_cost_nothing(door: FrontDoor, aws: Sandbox) -> None:
    storage = door.folder / "storage"
    storage.write_text("a file, where Prefect would keep the results of tasks in a folder\n")
    process = watching(door, aws, PREFECT_LOCAL_STORAGE_PATH=str(storage))
    aws.control.advance(LONG)

    ended = door.ended(process)

    assert_nothing_is_lost(ended, aws)
    assert state_of(ended, door.api) == "COMPLETED"


def test_a_database_that_is_locked_until_the_report_is_written_has_the_runs_end_afterwards(
    door: FrontDoor, aws: Sandbox, own_server: Server
) -> None:
    process = watching(door, aws)
    with closing(sqlite3.connect(own_server.home / "prefect.db", timeout=60, isolation_level=None)) as database:
        database.execute("BEGIN EXCLUSIVE")
        aws.control.advance(LONG)
        eventually(door.log_so_far, lambda log: "The run ended" in log)
        assert process.poll() is None, "Prefect must take the run's end, which it cannot write yet"
        database.execute("ROLLBACK")

    ended = door.ended(process)

    assert_nothing_is_lost(ended, aws)
    assert state_of(ended, door.api) == "COMPLETED"


def test_a_server_that_never_comes_back_costs_the_history_alone(
    door: FrontDoor, aws: Sandbox, own_server: Server
) -> None:
    process = watching(door, aws, PREFECT_CLIENT_MAX_RETRIES="0")
    stop_server(own_server.home)
    aws.control.advance(LONG)

    ended = door.ended(process)

    assert_nothing_is_lost(ended, aws)
    assert "the report's files are written, its artifacts in Prefect are not" in ended.output
    assert "Prefect was not told how this run ended" in ended.output
    assert "2 of 2 instances have a proven recovery point" in ended.output
