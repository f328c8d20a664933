"""A sandbox for each module of tests, in which every test finds quiet skies."""

import os
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest

from ec2_backup import stop
from ec2_backup.aws import pace, session
from ec2_backup.aws.iam import RESTORE_POLICY, get_role
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.model import Caller, ServiceRole
from sandbox.fleet import Fleet
from sandbox.outcomes import OUTCOMES
from sandbox.running import Sandbox, running
from tests.aws.restores import AT

UNHURRIED = ("StartBackupJob", "StopBackupJob", "ListBackupJobs", "DescribeBackupVault", "DescribeBackupJob",
             "DescribeRecoveryPoint", "DescribeRegionSettings", "ListBackupVaults", "LookupEvents", "DescribeTrails",
             "FilterLogEvents",
             "ListRecoveryPointsByBackupVault", "CreateBackupVault", "PutBackupVaultLockConfiguration")  # fmt: skip


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    """The instances of the sandbox; a module may have others."""
    return Fleet.of_size(4)


@pytest.fixture(scope="module")
def speed() -> float:
    """How many seconds of AWS pass in one: a backup of ten minutes takes two milliseconds."""
    return 300_000


@pytest.fixture(scope="module")
def serving(fleet: Fleet, speed: float) -> AbstractContextManager[Sandbox]:
    """What serves the sandbox; a module may have another."""
    return running(speed=speed, fleet=fleet)


@pytest.fixture(scope="module")
def sandbox(serving: AbstractContextManager[Sandbox]) -> Iterator[Sandbox]:
    """AWS on loopback, and the environment that leads there."""
    with serving as served, pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        for name, value in served.env.items():
            patch.setenv(name, value)
        session.forget_clients()
        yield served
    session.forget_clients()


@pytest.fixture(autouse=True)
def calm(sandbox: Sandbox) -> Iterator[None]:
    """Nothing goes wrong but what the test asks for, and no call has to wait for its turn."""
    for operation in UNHURRIED:
        pace.set_quota(operation, 1000)
    stop.resume()
    yield
    stop.resume()
    sandbox.control.clear_faults()
    sandbox.control.clear_calls()
    sandbox.control.switch(quotas=False, strict_credentials=False)
    OUTCOMES.clear()


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Environment variables that a test may change; clients are made anew with them."""
    session.forget_clients()
    yield monkeypatch
    session.forget_clients()


@pytest.fixture
def caller() -> Caller:
    """Who restores."""
    return get_caller_identity(AT)


@pytest.fixture
def role() -> ServiceRole:
    """The role that AWS Backup restores as."""
    return get_role("AWSBackupDefaultServiceRole", AT, RESTORE_POLICY)


@pytest.fixture
def began() -> Iterator[datetime]:
    """The time before anything of the test, by a clock that shows it to the millisecond."""
    time.sleep(0.01)
    yield datetime.now(UTC)
    time.sleep(0.01)
