"""One run at a time starts jobs in an account and Region, as far as one machine can see to that.

AWS Backup takes a second job of an instance that has one under way. A run therefore looks for such jobs before it
starts its own; two that look before either has started any would both find none.
"""

import fcntl
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from time import monotonic
from typing import TextIO

from ec2_backup import stop
from ec2_backup.narration import Mark, tell

PATIENCE_SECONDS = 3600.0  # in which AWS takes 18,000 jobs: who holds a place for longer than that hangs
_LOOK_SECONDS = 0.2


@contextmanager
def turn_to_start(
    vault_arns: Iterable[str], folder: Path | None = None, patience_seconds: float = PATIENCE_SECONDS
) -> Iterator[None]:
    """Hold the accounts and Regions of these vaults while the block looks for jobs and starts those not there.

    Another run of this user on this machine waits that long, and then finds the jobs at AWS. They are let go with the
    process, however that ends; where they cannot be held at all, that is told, and the block goes on.

    Args:
        vault_arns: The vaults that jobs are started into. Two runs into different vaults of one Region wait as well:
            it is the instance that has one job at a time.
        folder: Where the locks are; without it, the user's own folder among the temporary files.
        patience_seconds: After how long a wait the block goes on without the place.

    Raises:
        Interrupted: The run was told to stop while it waited.
    """
    with ExitStack() as held:
        # always in the same order, so that no two wait for each other
        for place in sorted({_place(arn) for arn in vault_arns}):
            held.enter_context(_held(place, folder or _own_folder(), patience_seconds))
        yield


def _place(vault_arn: str) -> str:
    region, account = vault_arn.split(":")[3:5]
    return f"{region} of account {account}"


def _own_folder() -> Path:
    return Path(tempfile.gettempdir()) / f"ec2-backup-{os.getuid()}"


@contextmanager
def _held(place: str, folder: Path, patience_seconds: float) -> Iterator[None]:
    with ExitStack() as stack:
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = stack.enter_context((folder / _name(place)).open("a"))
            _wait_for(lock, place, patience_seconds)
        except OSError as error:
            why = f"whether another run is starting jobs in {place} cannot be seen: {error.strerror}"
            tell(why, mark=Mark.WARNING, step=6)
        yield


def _name(place: str) -> str:
    """Return a file name for the place; the same account at another endpoint, as a sandbox has, is another place."""
    return sha256(f"{place} {os.environ.get('AWS_ENDPOINT_URL', '')}".encode()).hexdigest()[:24] + ".lock"


def _wait_for(lock: TextIO, place: str, patience_seconds: float) -> None:
    until, is_told = monotonic() + patience_seconds, False
    while not _is_locked(lock):
        if monotonic() >= until:
            tell(f"another run has been starting jobs in {place} for too long: not waiting", mark=Mark.WARNING, step=6)
            return
        if not is_told:
            tell(f"another run is starting jobs in {place}: waiting until it is done", step=6)
            is_told = True
        stop.sleep(_LOOK_SECONDS)


def _is_locked(lock: TextIO) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
