"""Restores through the front door: the plan, the new instance and its proof, several in order, and what goes wrong."""

import json
from collections.abc import Iterator
from string import Template
from typing import Any

import pytest

from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import PROJECT, FrontDoor
from tests.flow_runs.least_privilege import become_user
from tests.flow_runs.restoring import FAST, answered, backed_up, instance_of, log_of, made_by, report_of

CHANGING = ("Terminate", "Stop", "Start", "Modify", "Delete", "Detach", "Deregister", "Reboot", "Replace")


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with backed_up() as sandbox:
        yield sandbox


def test_an_instance_is_restored_and_proven_and_the_original_is_not_touched(door: FrontDoor, aws: Sandbox) -> None:
    before = instance_of(aws, GOOD)
    aws.control.clear_calls()

    ended = answered(door, "y", "restore", "--instance", GOOD, "--name", "web (new)", *FAST)

    calls = aws.control.calls()
    assert ended.code == 0, ended.output
    (outcome,) = report_of(ended)["outcomes"]
    new = instance_of(aws, outcome["job"]["created_arn"].rpartition("/")[2])
    tags = {tag["Key"]: tag["Value"] for tag in new["Tags"]}
    assert (outcome["verdict"], new["State"]["Name"]) == ("proven", "running")
    assert (tags["Name"], tags["RestoredFrom"]) == ("web (new)", outcome["chosen"]["point"]["arn"])
    assert tags["RestoreRunId"] == report_of(ended)["run_key"]
    assert outcome["recovery_seconds"] > 0
    assert "The originals are not touched." in ended.output
    assert "Start? [y/N]" in ended.output
    assert "1 of 1 instance is restored and proven" in ended.output
    assert "The restore ended with exit code 0 (proven)." in log_of(ended)
    assert instance_of(aws, GOOD) == before
    assert [name for name in calls if name.startswith("ec2:") and name.split(":")[1].startswith(CHANGING)] == []


def test_without_a_yes_only_the_plan_is_shown_and_what_cannot_be_is_named(door: FrontDoor, aws: Sandbox) -> None:
    declined = answered(door, "n", "restore", "--instance", GOOD, "--at", "2100-01-01", "--instance-type", "t3.micro")
    nobody = door.run("restore", "--instance", GOOD, "--subnet", "subnet-0000000f", "--profile", "nobody")

    assert declined.code == 0, declined.output
    for said in ("t3.micro (changed)", "In no restore: user data", "nothing was started"):
        assert said in declined.output
    assert nobody.code == 3, nobody.output
    for said in ("Add --yes to start it", "there is no subnet subnet-0000000f", "there is no instance profile nobody"):
        assert said in nobody.output
    assert made_by(aws) == []


def test_several_are_restored_in_order_and_a_failure_stops_what_comes_after_it(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.script(OTHER, {"state": "FAILED", "cause": "capacity"}, job="restore")
    csv = door.folder / "restores.csv"
    csv.write_text(f"order,instance_id,instance_type,name\n1,{GOOD},,first\n2,{OTHER},,\n3,{GOOD},t3.micro,third\n")

    ended = door.run("restore", "--csv", "restores.csv", "--yes", *FAST)

    first, second, third = report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert [one["verdict"] for one in (first, second, third)] == ["proven", "failed", "not-started"]
    assert "capacity" in second["failure"]["reason"]
    assert third["failure"]["reason"] == "an earlier one of the order failed"
    assert "not begun: an earlier one of the order failed" in ended.output
    assert made_by(aws) == sorted([GOOD, OTHER])
    assert first["restored"]["seen_at"] < second["job"]["created_at"], "the first was proven before the second began"


def test_an_instance_that_is_not_whole_is_no_green(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.script(GOOD, {"missing_volume": "/dev/xvda"}, job="restore")
    aws.control.script(OTHER, {"checks": "impaired"}, job="restore")
    (door.folder / "restores.csv").write_text(f"order,instance_id\n1,{GOOD}\n1,{OTHER}\n")

    ended = door.run("restore", "--csv", "restores.csv", "--yes", "--checks-minutes", "0.05", *FAST)

    damaged, sick = report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert "no volume at /dev/xvda" in damaged["failure"]["reason"]
    assert "instance check impaired" in sick["failure"]["reason"]
    assert "no volume at /dev/xvda" in log_of(ended)


def test_the_policy_for_restores_is_enough_and_no_more_is_called(door: FrontDoor, aws: Sandbox) -> None:
    iam = client_of(aws, "iam")
    trust = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}
    iam.create_role(
        RoleName="web", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    values = {"REGION": aws.region, "ACCOUNT": aws.account, "ROLE": "service-role/AWSBackupDefaultServiceRole",
              "PROFILE_ROLE": "web", "CSV": "lists/restores.csv"}  # fmt: skip
    text = Template((PROJECT / "deployments/iam/restore-policy.json").read_text()).substitute(values)
    statements = json.loads(text)["Statement"]
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, statements)}, door.api)
    point = client_of(aws, "backup").list_recovery_points_by_backup_vault(BackupVaultName="Default")["RecoveryPoints"][
        0
    ]
    aws.control.clear_calls()

    ended = user.run("restore", point["RecoveryPointArn"], "--profile", "web", "--yes", *FAST)

    called = set(aws.control.calls())
    allowed = {action for one in statements for action in _listed(one["Action"])}
    assert ended.code == 0, ended.output
    assert report_of(ended)["outcomes"][0]["restored"]["profile"] == "web"
    assert called - allowed - {"sts:GetCallerIdentity"} == set()
    assert "ec2:AssociateIamInstanceProfile" in called


def _listed(value: Any) -> list[str]:
    return [value] if isinstance(value, str) else list(value)


def test_a_wrong_line_of_the_csv_starts_nothing_and_needs_no_aws(door: FrontDoor, aws: Sandbox) -> None:
    (door.folder / "restores.csv").write_text(f"instance_id,subnet\n{GOOD},net\nvol-0a1b2c3d,\n")
    aws.control.clear_calls()

    ended = door.run("restore", "--csv", "restores.csv", "--yes")

    assert ended.code == 2, ended.output
    assert "line 2" in ended.output
    assert "line 3" in ended.output
    assert aws.control.calls() == {}
