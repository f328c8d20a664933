"""A Prefect server as a team has it, on loopback and for as long as a block lasts: PostgreSQL, Redis, and the server.

PostgreSQL and Redis are Debian's packages `postgresql` and `redis-server`, of which only the programs are used: each
begins with an empty folder of its own.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deployments.prefect_settings import LOOPBACK, server_environment

POSTGRES_USER = "postgres"  # that of the package; PostgreSQL refuses to run as root
POSTGRES_PROGRAMS = Path("/usr/lib/postgresql")
WITHIN = 90.0  # seconds for each of them to answer
REDIS_MODULES: Mapping[str, str] = {
    "PREFECT_MESSAGING_BROKER": "prefect_redis.messaging",
    "PREFECT_MESSAGING_CACHE": "prefect_redis.messaging",
    "PREFECT_SERVER_EVENTS_CAUSAL_ORDERING": "prefect_redis.ordering",
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect_redis.lease_storage",
}


@dataclass(frozen=True, slots=True)
class TeamServer:
    """The server's API, and the processes that it is made of, by their names."""

    api: str
    processes: Mapping[str, int]


@contextmanager
def team_server(folder: Path) -> Iterator[TeamServer]:
    """Keep a Prefect server on PostgreSQL, with Redis as its broker, while the block runs; its logs are in `folder`."""
    with postgres(folder / "postgres") as (database, database_pid), redis(folder / "redis") as (broker, broker_pid):
        port = free_port()
        home = folder / "prefect"
        home.mkdir(mode=0o700)
        told = {
            "PREFECT_SERVER_DATABASE_CONNECTION_URL": database,
            "PREFECT_REDIS_MESSAGING_URL": broker,
            "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
            **REDIS_MODULES,
        }
        command = [sys.executable, "-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(port)]
        api = f"http://{LOOPBACK}:{port}/api"
        with running(command, home / "server.log", {**server_environment(os.environ, home), **told}) as process:
            wait_for(lambda: _is_healthy(api), process, "The Prefect server")
            yield TeamServer(api, {"Prefect server": process.pid, "PostgreSQL": database_pid, "Redis": broker_pid})


@contextmanager
def postgres(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the URL, for asyncpg, of a fresh PostgreSQL, and its process id."""
    programs = sorted(POSTGRES_PROGRAMS.glob("*/bin"), key=lambda path: int(path.parent.name))
    if not programs:
        raise SystemExit("There is no PostgreSQL here: apt-get install postgresql")
    folder.mkdir()
    as_user: dict[str, str] = {}
    if os.geteuid() == 0:
        as_user = {"user": POSTGRES_USER, "group": POSTGRES_USER}
        shutil.chown(folder, POSTGRES_USER, POSTGRES_USER)
        folder.parent.chmod(0o711)  # so that this user reaches its folder
    data, port = str(folder / "data"), free_port()
    subprocess.run(
        [str(programs[-1] / "initdb"), "--pgdata", data, "--username", "prefect", "--auth", "trust", "--no-sync"],
        cwd="/", check=True, stdout=subprocess.DEVNULL, **as_user,  # type: ignore[call-overload]
    )  # fmt: skip
    command = [str(programs[-1] / "postgres"), "-D", data, "-p", str(port), "-k", str(folder)]
    command += ["-c", f"listen_addresses={LOOPBACK}", "-c", "max_connections=200"]
    with running(command, folder.parent / "postgres.log", os.environ, **as_user) as process:
        wait_for(lambda: _listens(port), process, "PostgreSQL")
        yield f"postgresql+asyncpg://prefect@{LOOPBACK}:{port}/postgres", process.pid


@contextmanager
def redis(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the URL of a fresh Redis that keeps everything in memory, and its process id."""
    program = shutil.which("redis-server")
    if program is None:
        raise SystemExit("There is no Redis here: apt-get install redis-server")
    folder.mkdir()
    port = free_port()
    command = [program, "--bind", LOOPBACK, "--port", str(port), "--save", "", "--dir", str(folder)]
    with running(command, folder.parent / "redis.log", os.environ) as process:
        wait_for(lambda: _listens(port), process, "Redis")
        yield f"redis://{LOOPBACK}:{port}/0", process.pid


@contextmanager
def running(command: list[str], log: Path, env: Mapping[str, str], **more: str) -> Iterator["subprocess.Popen[bytes]"]:
    """Keep a process while the block runs, in a session of its own so that a Ctrl-C here is not one there."""
    with log.open("wb") as output:
        process = subprocess.Popen(  # type: ignore[call-overload]
            command, cwd="/" if more else log.parent, env=dict(env), stdin=subprocess.DEVNULL, stdout=output,
            stderr=subprocess.STDOUT, start_new_session=True, **more,
        )  # fmt: skip
    try:
        yield process
    finally:
        end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """Ask a process to end, and end it where it does not."""
    process.send_signal(signal.SIGINT)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def wait_for(is_up: Callable[[], bool], process: "subprocess.Popen[bytes]", name: str) -> None:
    """Return once it is up; end the script where its process ends first, or it takes too long."""
    deadline = time.monotonic() + WITHIN
    while not is_up():
        if process.poll() is not None or time.monotonic() > deadline:
            raise SystemExit(f"{name} did not start.")
        time.sleep(0.1)


def free_port() -> int:
    """Return a port that nothing listens on."""
    with socket.create_server((LOOPBACK, 0)) as listening:
        return int(listening.getsockname()[1])


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


def _is_healthy(api: str) -> bool:
    try:
        with urlopen(f"{api}/health", timeout=2) as answer:
            return bool(answer.status == 200)
    except (URLError, OSError):
        return False
