"""The Prefect server as a process of the operating system: start it, know it again, end it.

It is known again by what `server.json` in its home says of it, and by the command line of the process with that pid: a
pid alone may have gone to another program since.
"""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from deployments.prefect_settings import LOOPBACK, server_environment

STATE_FILE = "server.json"
LOG_FILE = "server.log"
MAX_LOG_BYTES = 5_000_000
LOG_TAIL_LINES = 15

_ENDINGS = ((signal.SIGINT, 15.0), (signal.SIGTERM, 5.0), (signal.SIGKILL, 5.0))
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))  # no proxy ever leads to our own loopback


@dataclass(frozen=True, slots=True)
class ServerProcess:
    """A server that was started: its process id, its port on the loopback, and the Prefect it runs."""

    pid: int
    port: int
    version: str

    @property
    def url(self) -> str:
        """The address of its API."""
        return f"http://{LOOPBACK}:{self.port}/api"

    def is_alive(self) -> bool:
        """True while the process with this pid is the server that was started."""
        return _command_line(self.pid)[-len(self.arguments) :] == self.arguments

    def is_healthy(self, timeout: float = 1.0) -> bool:
        """True where the server says so itself within `timeout` seconds."""
        try:
            with _DIRECT.open(f"{self.url}/health", timeout=timeout) as answer:
                return bool(json.load(answer) is True)
        except (OSError, ValueError):
            return False

    def active_runs(self) -> int | None:
        """How many flow runs are running or about to, None where the server does not say."""
        wanted = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING", "CANCELLING"]}}}}
        request = urllib.request.Request(  # noqa: S310 - the address is our own, http on the loopback
            f"{self.url}/flow_runs/count",
            data=json.dumps(wanted).encode(),
            headers={"Content-Type": "application/json"},
        )
        try:
            with _DIRECT.open(request, timeout=10) as answer:
                return int(json.load(answer))
        except (OSError, ValueError, TypeError):
            return None

    @property
    def arguments(self) -> list[str]:
        """The end of its command line, which no other program has."""
        return ["-m", "prefect", "server", "start", "--host", LOOPBACK, "--port", str(self.port)]


def launch(home: Path, port: int, version: str) -> tuple[ServerProcess, subprocess.Popen[bytes]]:
    """Start a server that outlives this terminal, and remember it in `home` before it is up."""
    unborn = ServerProcess(pid=0, port=port, version=version)
    log_path = home / LOG_FILE
    if log_path.exists() and log_path.stat().st_size > MAX_LOG_BYTES:
        log_path.replace(log_path.with_suffix(".log.1"))
    with log_path.open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
            [sys.executable, *unborn.arguments],
            cwd=home,  # so that no prefect.toml or .env of the caller's folder reaches it
            env=server_environment(os.environ, home),
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    started = ServerProcess(process.pid, port, version)
    _remember(home, started)
    return started, process


def recall(home: Path) -> ServerProcess | None:
    """Return the server that was last started in `home`, alive or not; None where none is known."""
    try:
        saved = json.loads((home / STATE_FILE).read_text(encoding="utf-8"))
        return ServerProcess(int(saved["pid"]), int(saved["port"]), str(saved["version"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def terminate(home: Path, server: ServerProcess) -> bool:
    """End the server, first by asking, and forget it; return whether there was one to end."""
    was_alive = server.is_alive()
    for number, patience in _ENDINGS:
        if not server.is_alive():
            break
        with suppress(ProcessLookupError):
            os.kill(server.pid, number)
        _wait_until_gone(server, patience)
    (home / STATE_FILE).unlink(missing_ok=True)
    return was_alive


def choose_port(preferred: int) -> int:
    """Return the preferred port, or one that the system chooses where something else listens on that one."""
    for port in (preferred, 0):
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            with suppress(OSError):
                probe.bind((LOOPBACK, port))
                return int(probe.getsockname()[1])
    raise OSError(f"no port is free on {LOOPBACK}")


def log_tail(home: Path) -> str:
    """Return the last lines of the server's log, or what hinders reading it."""
    try:
        lines = (home / LOG_FILE).read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError as error:
        return str(error)
    return "\n".join(lines[-LOG_TAIL_LINES:])


def _remember(home: Path, server: ServerProcess) -> None:
    fresh = home / f"{STATE_FILE}.new"
    fresh.write_text(json.dumps(asdict(server)) + "\n", encoding="utf-8")
    fresh.replace(home / STATE_FILE)


def _wait_until_gone(server: ServerProcess, patience: float) -> None:
    deadline = time.monotonic() + patience
    while server.is_alive() and time.monotonic() < deadline:
        with suppress(ChildProcessError):
            os.waitpid(server.pid, os.WNOHANG)  # where we are its parent, it stays a zombie until it is asked after
        time.sleep(0.05)


def _command_line(pid: int) -> Sequence[str]:
    """Return the arguments of a process, none where it is gone or a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")[:-1]
        except OSError:
            return []
    answer = subprocess.run(  # noqa: S603 - macOS and the BSDs have no /proc
        ["ps", "-ww", "-o", "command=", "-p", str(pid)],  # noqa: S607 - found on PATH, as everywhere
        capture_output=True,
        text=True,
        check=False,
    )
    return answer.stdout.split()
