"""The systemd units start what is there, with the settings that the program gives its own server."""

import re
from pathlib import Path

import pytest

from deployments.definitions import PROJECT, definitions
from deployments.deploy import PROJECT_VARIABLE
from deployments.prefect_settings import LOOPBACK, server_environment

UNITS = sorted((PROJECT / "deployments" / "systemd").glob("*.service"))
INSTALLED = "/opt/ec2-backup"
SERVER, WORKER, SERVE = "ec2-backup-server", "ec2-backup-worker", "ec2-backup-serve"


def values(name: str, key: str) -> list[str]:
    """Return every value of a key of a unit, in their order."""
    (unit,) = [path for path in UNITS if path.stem == name]
    return re.findall(rf"^{key}=(.+)$", unit.read_text(encoding="utf-8"), re.MULTILINE)


def environment(name: str) -> dict[str, str]:
    pairs = [pair for line in values(name, "Environment") for pair in line.split()]
    return {key: value for key, _, value in (pair.partition("=") for pair in pairs)}


@pytest.mark.parametrize("name", [path.stem for path in UNITS])
def test_a_unit_runs_what_the_project_installs_as_a_user_that_may_write_to_its_own_folders_alone(name):
    (command,) = values(name, "ExecStart")
    program, *arguments = command.split()

    assert program in {f"{INSTALLED}/.venv/bin/prefect", f"{INSTALLED}/.venv/bin/python"}
    assert all((PROJECT / one).is_file() for one in arguments if one.endswith(".py"))
    assert values(name, "User") == ["ec2-backup"]
    assert values(name, "ProtectSystem") == ["strict"]
    assert {*values(name, "ReadWritePaths")} <= {f"{INSTALLED}/backup-output"}
    (folder,) = values(name, "StateDirectory")
    assert environment(name)["PREFECT_HOME"] == f"/var/lib/{folder}"


def test_no_unit_holds_a_secret():
    text = "".join(path.read_text(encoding="utf-8") for path in UNITS)

    assert re.findall(r"^(?!#).*(?:AUTH_STRING|CONNECTION_URL|AWS_)", text, re.MULTILINE) == []


def test_the_server_is_tuned_as_the_programs_own_is_and_listens_on_the_loopback():
    own = server_environment({"HOME": "/home/ops"}, Path("/home"))
    told = environment(SERVER)

    tuned = {name for name in own if "RECORDER" in name or "ANALYTICS" in name or "UI_API" in name}
    assert {name: told[name] for name in tuned} == {name: own[name] for name in tuned}
    assert f"--host {LOOPBACK}" in values(SERVER, "ExecStart")[0]


def test_the_worker_takes_runs_of_the_pool_that_is_deployed_and_finds_the_project():
    (pool,) = {one.work_pool for one in definitions()}

    assert values(WORKER, "ExecStart")[0].endswith(f" worker start --pool {pool}")
    assert environment(WORKER)[PROJECT_VARIABLE] == INSTALLED


def test_serving_and_a_worker_exclude_each_other():
    assert values(SERVE, "Conflicts") == [f"{WORKER}.service"]
