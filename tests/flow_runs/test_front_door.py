"""The front door itself: the script, its other commands, and where inventories come from."""

import os
import subprocess
import sys

import boto3
import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import PROJECT, FrontDoor

ELSEWHERE = "i-0123456789abcdef0"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD, OTHER)).add(ELSEWHERE, region="eu-west-1")


def test_the_sandbox_flag_backs_up_the_shipped_inventory_without_an_account(door: FrontDoor) -> None:
    without_aws = {name: value for name, value in door.env.items() if not name.startswith("AWS_")}
    shipped = PROJECT / "ec2_instances.csv"

    ended = FrontDoor(door.folder, without_aws, door.api).run("--sandbox", "--csv", str(shipped))

    assert ended.code == 0, ended.output
    assert "2 of 2 instances have a proven recovery point" in ended.output
    assert len(ended.report["outcomes"]) == 2


def test_each_row_is_backed_up_in_its_own_region(door: FrontDoor, aws: Sandbox) -> None:
    door.folder.joinpath("ec2_instances.csv").write_text(f"InstanceId,Region\n{GOOD},\n{ELSEWHERE},eu-west-1\n")

    ended = door.run("--region", "us-east-1")

    assert ended.code == 0, ended.output
    assert {job["instance"] for job in aws.control.jobs(aws.account, "eu-west-1")} == {ELSEWHERE}
    assert {job["instance"] for job in aws.control.jobs(aws.account, "us-east-1")} == {GOOD}


def test_an_inventory_may_lie_in_s3(door: FrontDoor, aws: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in aws.env.items():
        monkeypatch.setenv(name, value)
    s3 = boto3.client("s3", region_name=aws.region, endpoint_url=aws.url)
    s3.create_bucket(Bucket="inventories")
    s3.put_object(
        Bucket="inventories", Key="nightly/web.csv", Body=f"Instance ID;Name\r\n{GOOD};web\r\n".encode("utf-16")
    )

    ended = door.run("--csv", "s3://inventories/nightly/web.csv")

    assert ended.code == 0, ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "proven"


def test_every_flag_can_be_an_environment_variable(door: FrontDoor) -> None:
    door.write_csv(GOOD, name="other.csv")
    env = {
        "EC2_BACKUP_CSV": "other.csv",
        "EC2_BACKUP_RETENTION_DAYS": "30",
        "EC2_BACKUP_TAGS": "Team=web Stage=prod",
        "EC2_BACKUP_DRY_RUN": "true",
    }

    ended = door.run(env=env)

    assert ended.code == 0, ended.output
    plan = ended.outcome_of(GOOD)["plan"]
    assert plan["retention_days"] == 30
    assert plan["tags"].items() >= {"Team": "web", "Stage": "prod"}.items()


def test_the_help_names_every_parameter_its_variable_and_the_exit_codes(door: FrontDoor) -> None:
    ended = door.run("--help")

    assert ended.code == 0
    for word in ("--csv", "EC2_BACKUP_VAULT", "AWSBackupDefaultServiceRole", "--sandbox", "130"):
        assert word in ended.output


def test_the_help_imports_neither_prefect_nor_boto3_nor_pandas() -> None:
    script = "import sys, cli; print([name for name in ('prefect', 'boto3', 'pandas') if name in sys.modules])"

    seen = subprocess.run([sys.executable, "-c", script], cwd=PROJECT, capture_output=True, text=True, check=True)

    assert seen.stdout.strip() == "[]"


def test_the_ui_command_prints_the_address_that_the_runs_page_is_under(door: FrontDoor) -> None:
    ended = door.run("ui")

    assert ended.code == 0
    assert ended.output.strip().splitlines()[-1] == door.api.removesuffix("/api")


def test_the_server_command_tells_that_the_server_is_up(door: FrontDoor) -> None:
    ended = door.run("server", "status")

    assert ended.code == 0
    assert door.api.removesuffix("/api") in ended.output


def test_a_prefect_api_that_the_user_has_set_wins(door: FrontDoor) -> None:
    door.write_csv(GOOD)
    elsewhere = {"PREFECT_API_URL": door.api, "EC2_BACKUP_HOME": str(door.folder / "unused")}

    ended = door.run("--dry-run", env=elsewhere)

    assert ended.code == 0, ended.output
    assert ended.report["run_url"].startswith(door.api.removesuffix("/api"))
    assert not os.path.lexists(door.folder / "unused")


def test_an_unreachable_prefect_api_is_one_clear_message(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run(env={"PREFECT_API_URL": "http://127.0.0.1:9/api"})

    assert ended.code == 1
    assert "http://127.0.0.1:9/api" in ended.output
    assert "Traceback" not in ended.output


def test_instances_may_be_selected_instead_of_listed(door: FrontDoor, aws: Sandbox) -> None:
    chosen = ("--select", f"instance-id={GOOD}|{OTHER} and state=running|stopped", "--exclude", f"instance-id={OTHER}")

    ended = door.run(*chosen, "--region", "us-east-1")

    assert ended.code == 0, ended.output
    assert [job["instance"] for job in aws.control.jobs()] == [GOOD]
    assert ended.report["parameters"]["csv"].startswith("select: instance-id=")


def test_a_selection_is_written_down_and_nothing_is_backed_up(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("--select", f"instance-id={GOOD}", "--region", "us-east-1", "--write-csv", "list.csv")

    assert ended.code == 0, ended.output
    assert "1 instance written to list.csv" in ended.output
    assert door.folder.joinpath("list.csv").read_text(encoding="utf-8").splitlines()[1].startswith(f"{GOOD},")
    assert aws.control.jobs() == []
    assert not ended.folder.exists()
