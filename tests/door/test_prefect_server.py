"""The local Prefect server: started once, found again, replaced when it is gone, ended when it is told to."""

import json
import os
import signal
import socket
import stat
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deployments.prefect_server import Server, ensure_server, server_status, stop_server
from deployments.prefect_settings import client_environment
from deployments.server_home import PrefectServerError
from deployments.server_process import STATE_FILE
from tests.door.prefect_scripts import ENSURE, FLOW

PROJECT = Path(__file__).parents[2]


def _shell(home: Path, port: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", ENSURE, str(home), str(port)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _ask(server: Server, path: str, **question: object) -> Any:
    request = urllib.request.Request(
        f"{server.url}{path}", data=json.dumps(question).encode(), headers={"Content-Type": "application/json"}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        if error.code != 503:  # SQLite was locked for a moment: Prefect's own client asks again, too
            raise
        time.sleep(0.5)
        return _ask(server, path, **question)


def _pretend_version(home: Path, told: str) -> None:
    state = home / STATE_FILE
    state.write_text(json.dumps({**json.loads(state.read_text(encoding="utf-8")), "version": told}), encoding="utf-8")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("server") / "home of" / "prefect"
    yield folder
    stop_server(folder)


@pytest.fixture(scope="module")
def port() -> int:
    return _free_port()


@pytest.fixture
def server(home: Path, port: int) -> Server:
    return ensure_server(home, port)


def test_two_shells_at_once_get_one_server(home: Path, port: int) -> None:
    shells = [_shell(home, port), _shell(home, port)]
    said = [shell.communicate(timeout=150) for shell in shells]

    pids, urls, started = zip(*(out.split() for out, _ in said), strict=True)
    assert len(set(pids)) == 1, said
    assert set(urls) == {f"http://127.0.0.1:{port}/api"}
    assert sorted(started) == ["False", "True"]
    assert "".join(err for _, err in said).count("Starting the Prefect server (the first time about 20 s) ...") == 1


def test_a_server_that_is_up_is_found_and_not_started(server: Server, home: Path, port: int) -> None:
    told: list[str] = []

    again = ensure_server(home, port, say=told.append)

    assert (again.pid, again.url, again.started) == (server.pid, server.url, False)
    assert told == []
    assert server_status(home) == again


def test_its_folder_is_for_its_owner_alone(server: Server) -> None:
    assert stat.S_IMODE(server.home.stat().st_mode) == 0o700
    assert (server.home / "prefect.db").exists()


def test_it_listens_on_the_loopback_alone_and_serves_its_own_ui(server: Server) -> None:
    with urllib.request.urlopen(f"{server.ui_url}/ui-settings", timeout=30) as answer:
        assert json.load(answer)["api_url"] == "/api"
    with pytest.raises(OSError, match=r"refused|timed out|assign"):  # one that listens everywhere would answer here too
        socket.create_connection(("127.0.0.2", urlsplit(server.url).port or 0), timeout=2)


def test_every_task_run_of_a_fleet_is_recorded_and_the_terminal_shows_only_what_the_flow_prints(
    server: Server, tmp_path: Path
) -> None:
    script = tmp_path / "fleet.py"
    script.write_text(FLOW, encoding="utf-8")

    run = subprocess.run(
        [sys.executable, script, "200"],
        cwd=tmp_path,
        env={**os.environ, **client_environment(server.url, os.environ, server.home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert (run.returncode, run.stdout, run.stderr) == (0, "failed: 1\ndone\n", "")
    deadline = time.monotonic() + 60
    finished = {"task_runs": {"state": {"type": {"any_": ["COMPLETED", "FAILED"]}}}}
    while _ask(server, "/task_runs/count", **finished) < 200 and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _ask(server, "/task_runs/count", **finished) == 200
    logs = {line["message"] for offset in range(0, 800, 200) for line in _ask(server, "/logs/filter", offset=offset)}
    assert {f"narrated {number}" for number in range(200)} <= logs


def test_a_killed_server_is_started_anew_with_its_history(server: Server, home: Path, port: int) -> None:
    before = _ask(server, "/task_runs/count")
    os.kill(server.pid, signal.SIGKILL)
    while server_status(home):
        time.sleep(0.05)

    anew = ensure_server(home, port)

    assert anew.started
    assert anew.pid != server.pid
    assert _ask(anew, "/task_runs/count") == before


def test_a_busy_server_of_another_prefect_is_not_replaced(server: Server, home: Path, port: int) -> None:
    flow = _ask(server, "/flows/", name="night")
    run = _ask(server, "/flow_runs/", flow_id=flow["id"], state={"type": "RUNNING"})
    _pretend_version(home, "3.0.0")

    with pytest.raises(PrefectServerError, match="it has 1 active flow runs") as refused:
        ensure_server(home, port)

    assert f"kill -INT {server.pid}" in refused.value.hint
    _ask(server, f"/flow_runs/{run['id']}/set_state", state={"type": "COMPLETED"})
    _pretend_version(home, version("prefect"))


def test_an_idle_server_of_another_prefect_is_replaced_elsewhere_if_its_port_is_taken_by_a_stranger(
    server: Server, home: Path
) -> None:
    _pretend_version(home, "3.0.0")
    told: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]

        replaced = ensure_server(home, taken, say=told.append)

    assert told[0].startswith("Replacing the Prefect server 3.0.0 by ")
    assert replaced.started
    assert replaced.url not in {server.url, f"http://127.0.0.1:{taken}/api"}


def test_stopping_ends_the_server_and_may_be_repeated(server: Server, home: Path) -> None:
    assert stop_server(home)
    assert not stop_server(home)
    assert server_status(home) is None
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(f"{server.url}/health", timeout=5)


def test_a_process_that_has_inherited_the_saved_pid_is_left_alone(tmp_path: Path) -> None:
    with subprocess.Popen(["sleep", "60"]) as stranger:
        saved = {"pid": stranger.pid, "port": 4217, "version": "3.8.8"}
        (tmp_path / STATE_FILE).write_text(json.dumps(saved), encoding="utf-8")

        assert server_status(tmp_path) is None
        assert not stop_server(tmp_path)
        assert stranger.poll() is None
        stranger.kill()
