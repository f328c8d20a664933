"""The local Prefect server: one for each user, started when it is first needed, left running afterwards.

A run's history needs a server that stays: the temporary one that Prefect starts by default drops most task runs at its
end. Nothing here imports Prefect, so finding a server that is up already costs milliseconds.
"""

import fcntl
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from deployments import server_process
from deployments.prefect_settings import ui_url
from deployments.server_home import PrefectServerError, made_private
from deployments.server_process import LOG_FILE, ServerProcess

DEFAULT_PORT = 4217  # beside Prefect's own 4200, which another project's server may want
START_TIMEOUT = 120.0
ANSWER_TIMEOUT = 30.0
PORT_ATTEMPTS = 3

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Server:
    """A running server of ours; `started` tells whether this call has started it."""

    url: str
    ui_url: str
    pid: int
    home: Path
    started: bool


def ensure_server(home: Path, port: int = DEFAULT_PORT, say: Say = lambda _: None) -> Server:
    """Return the running server of `home`, started where there is none.

    Args:
        home: The server's own folder: its database, its log, and what is known of its process.
        port: The port that is tried first; another free one is taken where something else listens there.
        say: Called with a sentence where this will take seconds.

    Raises:
        PrefectServerError: It died while starting, was not up within two minutes, or is of another Prefect version and
            busy.
    """
    if server := server_status(home):
        return server
    made_private(home)
    with _locked(home, say):
        known = server_process.recall(home)
        if known and known.is_alive() and _is_fit(home, known, say):
            return _server(home, known, started=False)
        if known:
            server_process.terminate(home, known)
        began = time.monotonic()
        first = "" if (home / "prefect.db").exists() else " (the first time about 20 s)"
        say(f"Starting the Prefect server{first} ...")
        server = _server(home, _start(home, port), started=True)
        say(f"The Prefect server is up after {time.monotonic() - began:.0f} s: {server.ui_url}")
        return server


def server_status(home: Path) -> Server | None:
    """Return the server of `home` where it is up, answers, and runs the Prefect that is installed here."""
    known = server_process.recall(home)
    if known and known.version == version("prefect") and known.is_alive() and known.is_healthy():
        return _server(home, known, started=False)
    return None


def stop_server(home: Path) -> bool:
    """End the server of `home` and wait until it is gone; return False where none was running."""
    if not home.is_dir():
        return False
    with _locked(home):
        known = server_process.recall(home)
        return server_process.terminate(home, known) if known else False


def _server(home: Path, process: ServerProcess, *, started: bool) -> Server:
    return Server(process.url, ui_url(process.url, {}), process.pid, home, started)


def _is_fit(home: Path, known: ServerProcess, say: Say) -> bool:
    """Return whether a server that is alive can be used; raise where it should be replaced but is busy."""
    installed = version("prefect")
    if known.version == installed:
        return _wait_until_healthy(known, None, START_TIMEOUT if _is_young(home) else ANSWER_TIMEOUT)
    busy = known.active_runs() if known.is_healthy(timeout=5) else 0
    if busy != 0:
        raise PrefectServerError(
            f"the Prefect server at {known.url} runs Prefect {known.version}, installed is {installed}, and it has "
            f"{'an unknown number of' if busy is None else busy} active flow runs",
            # A run whose process was killed stays "running" for ever, so there must be a way past it.
            hint=f"Start again when they have ended, or end the server now: kill -INT {known.pid}",
        )
    say(f"Replacing the Prefect server {known.version} by {installed} ...")
    return False


def _is_young(home: Path) -> bool:
    """Return whether the server was started so lately that it may still be on its way."""
    try:
        return time.time() - (home / server_process.STATE_FILE).stat().st_mtime < START_TIMEOUT
    except OSError:
        return False


def _start(home: Path, port: int) -> ServerProcess:
    """Start the server and wait until it answers, on another port where its own is snatched away meanwhile."""
    for _ in range(PORT_ATTEMPTS):
        chosen = server_process.choose_port(port)
        known, process = server_process.launch(home, chosen, version("prefect"))
        if _wait_until_healthy(known, process, START_TIMEOUT):
            return known
        died = process.poll() is not None
        server_process.terminate(home, known)
        if not died or server_process.choose_port(chosen) == chosen:
            break
    what = "ended while it was starting" if died else f"did not answer within {START_TIMEOUT:.0f} s"
    raise PrefectServerError(
        f"the Prefect server {what}; the last lines of {home / LOG_FILE}:\n{server_process.log_tail(home)}",
        hint="Set PREFECT_API_URL to use another Prefect server, or EC2_BACKUP_HOME to begin with an empty folder.",
    )


def _wait_until_healthy(known: ServerProcess, process: subprocess.Popen[bytes] | None, patience: float) -> bool:
    """Wait for the server's own word; return False where it dies or `patience` seconds pass."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if process and process.poll() is not None:
            return False
        # Alive is asked after healthy: an answer on its port counts only while the port must be its own.
        if known.is_healthy(timeout=5) and known.is_alive():
            return True
        if not process and not known.is_alive():
            return False
        time.sleep(0.1)
    return False


@contextmanager
def _locked(home: Path, say: Say = lambda _: None) -> Iterator[None]:
    """Hold the lock of `home`: of two shells at once, one starts the server and the other waits for it."""
    with (home / "start.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("Waiting for the Prefect server that another shell is starting ...")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield
