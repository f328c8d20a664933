"""Drills through the front door: proven and gone, checked, kept, refused; and with exactly the policy for drills."""

import re
from collections.abc import Iterator

import boto3
import pytest
from botocore.exceptions import ClientError

from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.drilling import FAST, backed_up, books, left_by_drills, log_of, place, report_of
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.least_privilege import actions_of, become_user, drill_statements
from tests.flow_runs.restoring import answered, instance_of, made_by


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with backed_up() as sandbox:
        yield sandbox


@pytest.fixture
def csv(door: FrontDoor) -> None:
    door.write_csv(GOOD, OTHER)


@pytest.mark.usefixtures("csv")
def test_every_recovery_point_is_restored_proven_timed_and_removed_again(door: FrontDoor, aws: Sandbox) -> None:
    before = books(aws)

    ended = answered(door, "y", "drill", *place(aws), *FAST[:-1])

    report = report_of(ended)
    assert ended.code == 0, ended.output
    assert "2 of 2 recovery points are proven by a restore" in ended.output
    assert [one["verdict"] for one in report["outcomes"]] == ["proven", "proven"]
    assert all(one["recovery_seconds"] > 0 and one["removed_at"] for one in report["outcomes"])
    assert report["statistics"]["median_recovery_seconds"] > 0
    assert left_by_drills(aws, before) == []
    for one in report["outcomes"]:
        proof = books(aws)["proven"][one["chosen"]["point"]["arn"].rpartition("/")[2]]
        assert re.fullmatch(rf"\d{{4}}-\d\d-\d\dT[\d:]{{8}}Z \d+ {report['run_key']}", proof)
        tags = one["restored"]["instance"]["tags"]
        assert (tags["Name"], tags["DrillRunId"]) == (f"drill-{one['row']['instance_id']}", report["run_key"])
        assert "Environment" not in tags, "nothing of production is on the copy"
    assert "The drill ended with exit code 0 (proven)." in log_of(ended)


@pytest.mark.usefixtures("csv")
def test_a_check_that_passes_is_part_of_the_proof_and_one_that_fails_is_none(door: FrontDoor, aws: Sandbox) -> None:
    before = books(aws)
    aws.control.script(GOOD, {"command_output": "app is active"}, job="restore")
    aws.control.script(OTHER, {"command": "Failed", "command_output": "<b>app</b> is dead"}, job="restore")

    ended = door.run("drill", *place(aws), *FAST, "--check", "systemctl is-active app", "--profile", "EC2BackupDrill")

    good, bad = report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert (good["verdict"], good["check"]["output"]) == ("proven", "app is active")
    assert good["check_seconds"] >= good["recovery_seconds"]
    assert bad["verdict"] == "failed"
    assert "the check ended with exit code 1" in bad["failure"]["reason"]
    assert "<b>app</b>" not in next(ended.folder.glob("drill_2*.html")).read_text()
    assert left_by_drills(aws, before) == []
    assert list(books(aws)["proven"]) == [good["chosen"]["point"]["arn"].rpartition("/")[2]]


@pytest.mark.usefixtures("csv")
def test_what_fails_is_told_removed_and_stops_no_other(door: FrontDoor, aws: Sandbox) -> None:
    before = books(aws)
    aws.control.script(GOOD, {"managed": False}, job="restore")
    aws.control.script(OTHER, {"missing_volume": "/dev/xvda"}, job="restore")

    ended = door.run("drill", *place(aws), *FAST, "--check", "true", "--check-minutes", "0.03", "--at-once", "1")

    silent, damaged = report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert "Systems Manager did not see the new instance" in silent["failure"]["reason"]
    assert "no volume at /dev/xvda" in damaged["failure"]["reason"]
    assert left_by_drills(aws, before) == []


@pytest.mark.usefixtures("csv")
def test_what_failed_can_be_kept_for_a_look_and_the_next_drill_removes_it(door: FrontDoor, aws: Sandbox) -> None:
    before = books(aws)
    aws.control.script(OTHER, {"missing_volume": "/dev/xvda", "times": 1}, job="restore")
    kept = door.run("drill", *place(aws), *FAST, "--keep-failed")
    assert kept.code == 3, kept.output
    assert report_of(kept)["outcomes"][1]["is_kept"]
    assert len(books(aws)["alive"]) == len(before["alive"]) + 1
    aws.control.advance(2)

    ended = door.run("drill", *place(aws), *FAST)

    assert ended.code == 0, ended.output
    assert report_of(ended)["leftovers"][0]["what"].startswith("i-")
    assert left_by_drills(aws, before) == []


@pytest.mark.usefixtures("csv")
def test_a_network_that_is_not_isolated_starts_nothing_unless_that_is_accepted(door: FrontDoor, aws: Sandbox) -> None:
    ec2, seclusion = client_of(aws, "ec2"), aws.seclusion
    assert seclusion
    ec2.authorize_security_group_egress(
        GroupId=seclusion.group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}],
    )

    refused = door.run("drill", *place(aws), *FAST)
    assert made_by(aws) == []
    accepted = door.run("drill", *place(aws), *FAST, "--accept-connected")

    assert refused.code == 2, refused.output
    assert "lets out tcp 5432 with 10.0.0.0/8" in refused.output
    assert accepted.code == 0, accepted.output
    assert "NOT ISOLATED" in accepted.output
    assert len(report_of(accepted)["connected"]) == 1


def test_a_sample_is_taken_and_what_is_elsewhere_or_was_never_backed_up_is_named(door: FrontDoor, aws: Sandbox) -> None:
    never = "i-0123456789abcdef0"
    (door.folder / "ec2_instances.csv").write_text(f"instance_id,region\n{GOOD},\n{OTHER},eu-west-1\n{never},\n")
    sampled = door.run("drill", *place(aws), *FAST, "--sample", "1", "--select", f"name={_name(aws)}")

    ended = door.run("drill", *place(aws), *FAST)

    assert sampled.code == 0, sampled.output
    assert ended.code == 3, ended.output
    report = report_of(ended)
    assert report["undrilled"] == {OTHER: "it is in eu-west-1, and the drill's subnet in us-east-1"}
    verdicts = {one["row"]["instance_id"]: one["verdict"] for one in report["outcomes"]}
    assert verdicts == {GOOD: "proven", never: "failed"}
    assert "AWS Backup has no recovery point of" in ended.output


def _name(aws: Sandbox) -> str:
    tags = {tag["Key"]: tag["Value"] for tag in instance_of(aws, GOOD)["Tags"]}
    return tags["Name"]


@pytest.mark.usefixtures("csv")
def test_the_policy_for_drills_is_enough_and_terminates_nothing_but_what_a_drill_made(
    door: FrontDoor, aws: Sandbox
) -> None:
    statements = drill_statements(aws)
    as_user = become_user(aws, statements)
    user = FrontDoor(door.folder, {**door.env, **as_user}, door.api)
    aws.control.clear_calls()

    ended = user.run("drill", *place(aws), *FAST, "--check", "true", "--profile", "EC2BackupDrill")

    called = set(aws.control.calls())
    assert ended.code == 0, ended.output
    assert called - actions_of(statements) - {"sts:GetCallerIdentity"} == set()
    assert {"ec2:TerminateInstances", "ec2:ModifyInstanceAttribute", "ssm:SendCommand"} <= called
    assert is_refused(aws, as_user, GOOD)


def is_refused(aws: Sandbox, as_user: dict[str, str], instance_id: str) -> bool:
    """Return whether EC2 refuses the user to terminate an instance that no drill made."""
    ec2 = boto3.client(
        "ec2",
        endpoint_url=aws.url,
        region_name=aws.region,
        aws_access_key_id=as_user["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=as_user["AWS_SECRET_ACCESS_KEY"],
    )
    with pytest.raises(ClientError, match="UnauthorizedOperation"):
        ec2.terminate_instances(InstanceIds=[instance_id])
    return True
