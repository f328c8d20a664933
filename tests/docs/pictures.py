"""What scripts/pictures runs: a terminal with a run in it, the report, and Prefect's pages, as they really look.

The run backs up 74 instances of a sandbox, two of which fail: the terminal is tmux's, the browser a headless Chromium.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.text import Text

from deployments.prefect_server import Server, ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs.front_door import PROJECT, clean_environment

PICTURES = PROJECT / "docs" / "pictures"
INSTANCES, SPEED = 74, 40.0
COLUMNS, ROWS = 118, 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
BROWSER_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
LONGEST_RUN, PAGE_MILLISECONDS = 240.0, 15_000


def make_pictures() -> None:
    """Run the program once, in a terminal, and take all pictures of it."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ec2-backup-pictures-") as folder, prefect_server(Path(folder)) as server:
        with running(speed=SPEED, fleet=Fleet.of_size(INSTANCES)) as aws:
            _make_trouble(aws)
            output = _run_in_terminal(Path(folder), aws, server)
        (report,) = output.glob("report_*.html")
        take_page(report.as_uri(), "report.png", 1280, 1500)
        run_url = json.loads(report.with_suffix(".json").read_text(encoding="utf-8"))["run_url"]
        take_page(run_url, "prefect-run.png", 1400, 1000)


@contextmanager
def prefect_server(folder: Path) -> Iterator[Server]:
    """Run a Prefect server of its own in the folder."""
    home = made_private(folder / "prefect")
    try:
        yield ensure_server(home, port=0)
    finally:
        stop_server(home)


def _make_trouble(aws: Sandbox) -> None:
    ids = list(Fleet.of_size(INSTANCES).machines)
    aws.control.script(ids[16], {"state": "FAILED", "cause": "kms-disabled"})
    aws.control.script(ids[40], {"missing_snapshot": "/dev/xvda"})
    for number, key in enumerate(ids):
        aws.control.script(key, {"duration_seconds": 60 + 12 * number}) if number not in {16, 40} else None


def _run_in_terminal(folder: Path, aws: Sandbox, server: Server) -> Path:
    """Run the program in tmux, take the terminal in the middle and in the end, and return where the reports are."""
    Fleet.of_size(INSTANCES).write_csv(folder / "ec2_instances.csv")
    kept = {"PATH": os.environ["PATH"], "TERM": "xterm-256color", "PREFECT_API_URL": server.url}
    env = {**clean_environment(folder), **aws.env, **kept}
    for name in ("COLUMNS", "NO_COLOR"):
        env.pop(name, None)
    size = ["-x", str(COLUMNS), "-y", str(ROWS)]
    command = f"clear; {sys.executable} {PROJECT / 'cli.py'} --start-jobs-per-second 20; echo; echo ended; sleep 60"
    _tmux(folder, "new-session", "-d", *size, "-c", str(folder), command, env=env)
    try:
        _until(folder, lambda shown: re.search(rf"\b[2-5]\d of {INSTANCES} finished", shown))
        take_terminal(_screen(folder), "live.svg")
        _until(folder, lambda shown: "\nended" in shown)
        take_terminal(_screen(folder, "-S", "-200").partition("\nended")[0], "terminal.svg")
    finally:
        _tmux(folder, "kill-server")
    return folder / "backup-output"


def _tmux(folder: Path, *words: str, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        ["tmux", "-S", str(folder / "tmux"), *words], env=env, capture_output=True, text=True, check=False
    )
    return done.stdout


def _screen(folder: Path, *words: str) -> str:
    return _tmux(folder, "capture-pane", "-e", "-p", *words).rstrip()


def _until(folder: Path, is_good: Callable[[str], object]) -> None:
    deadline = time.monotonic() + LONGEST_RUN
    while not is_good(_tmux(folder, "capture-pane", "-p", "-S", "-200")):
        if time.monotonic() > deadline:
            raise SystemExit("The terminal never showed what the picture is of:\n" + _screen(folder))
        time.sleep(0.05)


def take_terminal(text: str, name: str) -> None:
    """Write what a terminal shows, with its colours, as an SVG."""
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS, file=nowhere, force_terminal=True)
        console.print(Text.from_ansi(text), soft_wrap=True)
        console.save_svg(str(PICTURES / name), title="./start-ec2-backup.sh")


def take_page(url: str, name: str, width: int, height: int) -> None:
    """Write a page as headless Chromium shows it."""
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if not browser:
        raise SystemExit(f"None of {', '.join(BROWSERS)} is on PATH.")
    with tempfile.TemporaryDirectory() as profile:
        flags = [*BROWSER_FLAGS, f"--user-data-dir={profile}", f"--window-size={width},{height}"]
        flags += [f"--virtual-time-budget={PAGE_MILLISECONDS}", f"--screenshot={PICTURES / name}"]
        subprocess.run([browser, *flags, url], check=True, capture_output=True)


if __name__ == "__main__":
    make_pictures()
