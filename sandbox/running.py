"""A sandbox within a `with`: a fresh AWS on loopback, and what an AWS client must be told to talk to it."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sandbox
from ec2_backup.copies.destination import CopyDestination
from sandbox import identity, state
from sandbox.authorization import DUMMY_ACCESS_KEY
from sandbox.control import Control
from sandbox.copyvaults import seed_copy_vault
from sandbox.delivery import make_trail
from sandbox.fleet import DEFAULT_REGION, Fleet
from sandbox.past import seed_past
from sandbox.seclusion import Seclusion, make_seclusion
from sandbox.seeding import seed
from sandbox.server import Server

SPEED = 120.0
"""How many virtual seconds pass in a second unless somebody says otherwise: ten minutes of AWS take five seconds."""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A sandbox that is being served; `env` is all that an AWS client needs, and keeps it away from real accounts."""

    url: str
    account: str
    region: str
    env: Mapping[str, str]
    control: Control
    seclusion: Seclusion | None = None


@contextmanager
def running(  # noqa: PLR0913 - each is a switch of its own
    *,
    speed: float = SPEED,
    quotas: bool = False,
    fleet: Fleet | None = None,
    bare: bool = False,
    trail: bool = False,
    past: bool = False,
    copy_vaults: Iterable[CopyDestination] = (),
    port: int = 0,
    ahead_seconds: float = 0.0,
) -> Iterator[Sandbox]:
    """Serve a fresh sandbox in threads of this process, of which there can be one at a time.

    Args:
        speed: How many virtual seconds of AWS pass in a second.
        quotas: Whether AWS's request quotas are enforced, in real seconds.
        fleet: The instances that are there from the beginning, with vault, keys and role; None for an empty account.
        bare: Whether the fleet's account is without vault, its key and AWS Backup's role: as before its first backup,
            and without a place for drills.
        trail: Whether each account has a trail that delivers to a log group; by itself an account has none.
        past: Whether the fleet has recovery points of the days before, and some instances lack them.
        copy_vaults: Vaults in any Region and account that backups of the fleet can be copied into.
        port: The port on 127.0.0.1; 0 lets the system choose one.
        ahead_seconds: How far the sandbox's clock is ahead of this machine's, or behind where negative.
    """
    sandbox.install()
    state.reset(speed, quotas=quotas, ahead_seconds=ahead_seconds)
    if fleet:
        seed(fleet, bare=bare)
        if past:
            seed_past(fleet)
        for vault in copy_vaults:
            seed_copy_vault(vault, fleet)
        for account in ("", *fleet.accounts) if trail else ():
            make_trail(account or identity.ACCOUNT, fleet.of_account(account).region)
    server = Server(port)
    server.start()
    region = fleet.region if fleet else DEFAULT_REGION
    seclusion = make_seclusion(region) if fleet and not bare else None
    env = client_env(server.url, region)
    try:
        yield Sandbox(server.url, identity.ACCOUNT, region, env, Control(server.url), seclusion)
    finally:
        server.stop()


def client_env(url: str, region: str) -> dict[str, str]:
    """Return the environment variables that send any AWS client to the sandbox, and to nowhere else."""
    return {
        "AWS_ENDPOINT_URL": url,
        "AWS_ACCESS_KEY_ID": DUMMY_ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": DUMMY_ACCESS_KEY,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "/dev/null",
        "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
    }
