"""How soon the program is at work, and how soon it says what is wrong: `python -m benchmarks.start_up`.

With the environment made and the Prefect server up, measured from the start of `./start-ec2-backup.sh`, five times
each, of which the median is shown:

- to the first AWS call: until the sandbox's books show it, looked at every 10 ms;
- `--help`: to its exit;
- a CSV with a wrong line: to its exit with code 2;
- beside them, the least that Python needs to import what every run needs, Prefect and boto3; and to its first call, a
  script that is nothing but boto3, and the aws CLI.

On a machine that has other work to do the seconds say more of that than of the program. So the seconds in which it kept
a core busy stand beside them (those to the first call are read from /proc, and missing where there is none).

Targets: under 6 s, under 1 s and under 3 s.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.figures import show, verdict
from benchmarks.stage import DOOR, Aws, Program, program, run_to_end, sandbox_of

TIMES = 5
PLAIN = (
    ("a boto3 script's one call", ("-c", "import boto3; boto3.client('sts').get_caller_identity()")),
    ("the aws CLI's one call", (str(Path(sys.executable).with_name("aws")), "sts", "get-caller-identity")),
)
LONGEST_WAIT = 60.0


Taken = tuple[float, float]  # seconds, and those of them in which a core was busy


def to_first_call(backup: Program, aws: Aws) -> Taken:
    """Return what passed until the sandbox had answered the run's first call."""
    aws.control.clear_calls()
    with tempfile.TemporaryDirectory() as folder:
        began = time.monotonic()
        process = subprocess.Popen(
            [str(DOOR), "--csv", str(aws.csv), "--dry-run"],
            cwd=folder,
            env={**backup.environment, **aws.env},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        while not aws.control.calls() and time.monotonic() - began < LONGEST_WAIT:
            time.sleep(0.01)
        taken = time.monotonic() - began, _busy_seconds(process.pid)
        process.wait()
    return taken


def _busy_seconds(pid: int) -> float:
    try:
        user, system = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[11:13]
    except OSError:
        return float("nan")
    return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")


def to_exit(backup: Program, code: int, *flags: str, csv: str = "") -> Taken:
    """Return what passed until the program had ended with this exit code."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "ec2_instances.csv").write_text(csv, encoding="utf-8")
        ended = backup.start({}, *flags, folder=folder)
    if ended.code != code:
        raise SystemExit(f"Exit code {ended.code} instead of {code}:\n{ended.output}")
    return ended.seconds, ended.cpu_seconds


def to_plain_call(backup: Program, aws: Aws, *command: str) -> Taken:
    """Return what another program needs for one call, from its start to its exit."""
    ended = run_to_end([sys.executable, *command], {**backup.environment, **aws.env}, ".")
    if ended.code:
        raise SystemExit(f"Exit code {ended.code}:\n{ended.output}")
    return ended.seconds, ended.cpu_seconds


def to_imports(backup: Program) -> Taken:
    """Return what Python needs for Prefect and boto3 alone."""
    ended = run_to_end([sys.executable, "-c", "import prefect.flows, prefect.tasks, boto3"], backup.environment, ".")
    return ended.seconds, ended.cpu_seconds


def measured(take: Callable[[], Taken]) -> Taken:
    """Return the medians of five measurements."""
    seconds, busy = zip(*(take() for _ in range(TIMES)), strict=True)
    return median(seconds), median(busy)


def measure() -> None:
    """Measure all four and show them."""
    with program() as backup, sandbox_of(2) as aws:
        figures = [
            ("first AWS call", measured(lambda: to_first_call(backup, aws)), 6.0),
            ("--help", measured(lambda: to_exit(backup, 0, "--help")), 1.0),
            ("a wrong line in the CSV", measured(lambda: to_exit(backup, 2, csv="instance_id\ni-wrong\n")), 3.0),
        ]
        bare, busy = measured(lambda: to_imports(backup))
        plain = [(what, measured(partial(to_plain_call, backup, aws, *words))) for what, words in PLAIN]
    rows: list[tuple[object, ...]] = [
        (what, f"{took:.2f} s", f"{cpu:.2f} s", f"{most:.0f} s", f"{took / bare:.1f} x", verdict(met=took < most))
        for what, (took, cpu), most in figures
    ]
    plain = [("importing Prefect and boto3, nothing else", (bare, busy)), *plain]
    rows += [(what, f"{took:.2f} s", f"{cpu:.2f} s", "", f"{took / bare:.1f} x", "") for what, (took, cpu) in plain]
    show("From Enter", ("", "median", "of it CPU", "target below", "of the imports", ""), rows)


if __name__ == "__main__":
    measure()
