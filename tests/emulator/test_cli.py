"""The sandbox as a process of its own, and the AWS CLI and an ordinary shell script that know nothing of it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import boto3
import pytest

from sandbox.control import Control
from sandbox.fleet import Fleet
from sandbox.running import running

ROOT = Path(__file__).resolve().parents[2]
WEB, DATABASE = "i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a49382"
BIN = Path(sys.executable).parent


@pytest.fixture
def sandbox():
    with running(fleet=Fleet((WEB, DATABASE))) as made:
        yield made


def environment(env):
    return {**env, "HOME": "/nonexistent", "PATH": os.environ["PATH"]}


def aws(sandbox, *arguments):
    command = [sys.executable, str(BIN / "aws"), *arguments, "--output", "json"]
    return subprocess.run(
        command, env=environment(sandbox.env), capture_output=True, text=True, timeout=60, check=False
    )


def answer(sandbox, *arguments):
    done = aws(sandbox, *arguments)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_aws_cli_finds_caller_instances_and_vault(sandbox):
    caller = answer(sandbox, "sts", "get-caller-identity")
    found = answer(sandbox, "ec2", "describe-instances", "--instance-ids", WEB, DATABASE)
    vault = answer(sandbox, "backup", "describe-backup-vault", "--backup-vault-name", "EC2-Backup")

    assert caller["Account"] == sandbox.account
    assert {one["Instances"][0]["InstanceId"] for one in found["Reservations"]} == {WEB, DATABASE}
    assert vault["BackupVaultArn"] == "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"


def test_the_aws_cli_starts_a_backup_and_lists_it(sandbox):
    start = ["backup", "start-backup-job", "--backup-vault-name", "EC2-Backup"]
    start += ["--resource-arn", f"arn:aws:ec2:us-east-1:{sandbox.account}:instance/{WEB}"]
    start += ["--iam-role-arn", f"arn:aws:iam::{sandbox.account}:role/service-role/AWSBackupDefaultServiceRole"]
    started = answer(sandbox, *start, "--lifecycle", "DeleteAfterDays=7")
    listed = answer(sandbox, "backup", "list-backup-jobs", "--by-resource-type", "EC2")["BackupJobs"]

    assert started.keys() == {"BackupJobId", "CreationDate", "IsParent"}
    assert started["BackupJobId"] in {job["BackupJobId"] for job in listed}


def test_the_aws_cli_shows_what_aws_says_and_fails(sandbox):
    """Checklist 13."""
    refused = aws(sandbox, "backup", "describe-backup-vault", "--backup-vault-name", "Absent")

    assert refused.returncode in {254, 255}
    assert "(AccessDeniedException)" in refused.stderr
    assert "Insufficient privileges to perform this action." in refused.stderr


@pytest.fixture
def serve(tmp_path):
    """Return a function that starts `python -m sandbox` and returns it with the environment that it tells."""
    started = []

    def start(*arguments):
        ready = tmp_path / "ready.json"
        command = [sys.executable, "-m", "sandbox", "--ready-file", str(ready), *arguments]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        started.append(process)
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)
        return process, json.loads(ready.read_text())

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sandbox_process_tells_its_environment_and_ends_quietly(serve, number):
    process, env = serve("--csv", "ec2_instances.csv")
    answered = Control(env["AWS_ENDPOINT_URL"]).speed()
    process.send_signal(number)
    said, complained = process.communicate(timeout=20)

    assert answered == 120.0
    assert process.returncode == 0
    assert complained == ""
    assert "2 instances" in said
    assert {f"export {name}={value}" for name, value in env.items()} <= set(said.splitlines())


def test_a_bare_sandbox_has_instances_and_nothing_to_back_them_up_with(serve):
    process, env = serve("--instances", "2", "--write-csv", os.devnull, "--bare")
    keys = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}

    def client(service):
        return boto3.client(service, region_name="us-east-1", endpoint_url=env["AWS_ENDPOINT_URL"], **keys)

    assert len(client("ec2").describe_instances()["Reservations"]) == 2
    assert client("backup").list_backup_vaults()["BackupVaultList"] == []
    assert [one["RoleName"] for one in client("iam").list_roles()["Roles"]] == ["BackupOperator"]
    process.send_signal(signal.SIGTERM)
    assert "neither vault nor role" in process.communicate(timeout=20)[0]


def test_a_fleet_of_any_size_can_be_made_and_written_as_a_csv(serve, tmp_path):
    csv = tmp_path / "fleet.csv"
    serve("--instances", "60", "--write-csv", str(csv), "--region", "eu-west-1")

    lines = csv.read_text().splitlines()

    assert lines[0] == "instance_id,Name,Region"
    assert len(lines) == 61
    assert lines[1].startswith("i-00000000000000001,")
    assert lines[1].endswith(",eu-west-1")


def test_a_sandbox_process_ends_with_its_parent(tmp_path):
    ready = tmp_path / "ready.json"
    child = [sys.executable, "-m", "sandbox", "--exit-with-parent", "--ready-file", str(ready)]
    script = (
        "import pathlib, subprocess, sys, time\n"
        f"made = subprocess.Popen({child!r}, stdout=subprocess.DEVNULL)\n"
        f"while not pathlib.Path({str(ready)!r}).exists(): time.sleep(0.02)\n"
        "print(made.pid)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    pid, deadline = int(done.stdout), time.monotonic() + 20
    while _is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)

    assert not _is_alive(pid)


def _is_alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--csv", "absent.csv"], "absent.csv"),
        (["--csv", "ec2_instances.csv", "--instances", "3"], "exclude each other"),
    ],
)
def test_flags_that_cannot_be_meant_are_refused_without_a_traceback(arguments, said):
    command = [sys.executable, "-m", "sandbox", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 2
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_named(sandbox):
    port = sandbox.url.rsplit(":", 1)[1]
    command = [sys.executable, "-m", "sandbox", "--port", port]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == 1
    assert f"cannot serve on port {port}" in done.stderr
    assert "Traceback" not in done.stderr
