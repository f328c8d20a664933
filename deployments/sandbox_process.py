"""The sandbox as a process of its own, for as long as a command needs it."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from ec2_backup.errors import Ec2BackupError, UsageError
from ec2_backup.selection import is_selection
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import is_url, names_blocks

PROJECT = Path(__file__).resolve().parent.parent
START_TIMEOUT = 60.0
Say = Callable[[str], None]

DRILL_SUBNET, DRILL_GROUP, DRILL_PROFILE = (
    f"EC2_BACKUP_DRILL_{name}" for name in ("SUBNET", "SECURITY_GROUP", "PROFILE")
)
LATER = {"subnet": "subnet-00000000", "security_group": "sg-00000000"}  # until the sandbox says which it has
FLEET = "24"  # what a selection chooses from
SPEED = "1200"  # a job that takes AWS an hour takes three seconds


def raise_for_blocks(request: BackupRequest) -> None:
    """Raise UsageError where a request names a block of Prefect, whose credentials and endpoints lead to a real AWS."""
    if names_blocks(request):
        raise UsageError(
            "--sandbox is an AWS of its own: it uses no block of Prefect.",
            hint="Leave out --credentials-block, and what begins with block:",
        )


@contextmanager
def sandbox_process(
    csv: str, region: str | None, say: Say = lambda _: None, *, past: bool = False, copy_to: Sequence[str] = ()
) -> Iterator[Mapping[str, str]]:
    """Serve a sandbox with the CSV's instances, or some for a selection; the block has its environment, and gets it.

    With a `past` the instances have recovery points of the days before, and some of them lack these; the environment
    then also names the place for drills. The vaults of `copy_to` are there with a key, in another account with a role
    through which that is entered.

    No real credentials or profile can be used in the block: the sandbox's environment replaces all that AWS reads.
    Raises UsageError for an inventory in S3, which a new AWS does not have; Ec2BackupError where it does not start.
    """
    if is_url(csv):
        raise UsageError(f"--sandbox is a new, empty AWS: it has no {csv}.", hint="Name a local CSV with --csv.")
    before = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    with tempfile.TemporaryDirectory(prefix="ec2-backup-sandbox-") as folder:
        ready = Path(folder) / "environment.json"
        fleet = ["--instances", FLEET] if is_selection(csv) else ["--csv", str(Path(csv).resolve())]
        command = [sys.executable, "-m", "sandbox", *fleet, "--ready-file", str(ready)]
        command += ["--speed", SPEED, "--quotas", "--exit-with-parent"] + (["--region", region] if region else [])
        command += ["--past"] if past else []
        command += [word for text in copy_to for word in ("--copy-to", text)]
        process = subprocess.Popen(command, cwd=PROJECT, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603 - our own words
        try:
            served = _wait(process, ready)
            _set({name: value for name, value in served.items() if name.startswith("AWS_")})
            say("Sandbox: an AWS of its own on this machine, a thousand times faster. No real account is touched.")
            yield served
        finally:
            process.terminate()
            process.wait()
            _set(before)


def _set(variables: Mapping[str, str]) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    os.environ.update(variables)


def _wait(process: "subprocess.Popen[bytes]", ready: Path) -> Mapping[str, str]:
    deadline = time.monotonic() + START_TIMEOUT
    while not ready.exists():
        if process.poll() is not None or time.monotonic() > deadline:
            process.kill()
            said = process.communicate()[1].decode(errors="replace").strip()
            raise Ec2BackupError(f"The sandbox did not start: {said or 'it gave no reason'}")
        time.sleep(0.05)
    environment: dict[str, str] = json.loads(ready.read_text())
    return environment
