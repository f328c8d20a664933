"""What the tests of the deployments share: a server for each module, deployed to once, and an AWS for its workers."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from deployments.prefect_server import Server, ensure_server, stop_server
from deployments.server_home import made_private
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.deployments.installation import Installation
from tests.flow_runs.front_door import clean_environment

NIGHTLY, AD_HOC, DOOMED = "i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a49382", "i-0123456789abcdef0"
OTHER_VAULT = "Production"
SPEED = 3000.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for one module, with nothing on it."""
    home = made_private(tmp_path_factory.mktemp("home") / "prefect")
    try:
        yield ensure_server(home, port=0)
    finally:
        stop_server(home)


@pytest.fixture(scope="module")
def installation(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """The deployments, on a server of the module's own: what one module does to them is nothing to another."""
    env = {**clean_environment(server.home.parent), "PREFECT_API_URL": server.url, "DO_NOT_TRACK": "1"}
    installed = Installation(server.url, env, tmp_path_factory.mktemp("operator"))
    installed.deploy()
    return installed


@pytest.fixture(scope="module")
def aws() -> Iterator[Sandbox]:
    """An AWS with a second vault."""
    with running(speed=SPEED, fleet=Fleet((NIGHTLY, AD_HOC, DOOMED))) as sandbox:
        with_vaults(sandbox, OTHER_VAULT)
        yield sandbox


def with_vaults(aws: Sandbox, *names: str) -> Any:
    """Make these vaults beside the one that is there, and return the client of AWS Backup that made them."""
    client = boto3.client(
        "backup",
        region_name=aws.region,
        endpoint_url=aws.url,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
    )
    for name in names:
        client.create_backup_vault(BackupVaultName=name)
    return client
