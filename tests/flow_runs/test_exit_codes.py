"""Each exit code of the design, through the front door."""

import signal

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor

MISSING, TERMINATED = "i-0123456789abcdef0", "i-0123456789abcdef1"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD, OTHER)).in_state(TERMINATED, "terminated")


def test_0_every_instance_has_a_proven_recovery_point(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)

    ended = door.run("--tag", "Team=web", "--retention-days", "14")

    assert ended.code == 0, ended.output
    assert "2 of 2 instances have a proven recovery point" in ended.output
    assert {outcome["verdict"] for outcome in ended.report["outcomes"]} == {"proven"}
    assert ended.outcome_of(GOOD)["recovery_point"]["retention_days"] == 14
    assert ended.outcome_of(GOOD)["recovery_point"]["tags"]["Team"] == "web"
    assert [job["instance"] for job in aws.control.jobs()].count(GOOD) == 1


def test_0_a_dry_run_plans_all_and_starts_nothing(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)

    ended = door.run("--dry-run")

    assert ended.code == 0, ended.output
    assert {outcome["verdict"] for outcome in ended.report["outcomes"]} == {"planned"}
    assert GOOD in ended.output
    assert aws.control.jobs() == []


def test_2_every_bad_line_is_named_before_aws_is_asked_for_anything(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, "i-123", "vol-0a1b2c3d4e5f60718")
    aws.control.clear_calls()

    ended = door.run()

    assert ended.code == 2, ended.output
    assert "line 3: 'i-123'" in ended.output
    assert "line 4: 'vol-0a1b2c3d4e5f60718'" in ended.output
    assert "line 3: 'i-123'" in ended.log
    assert aws.control.calls() == {}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (("--retention-days", "0"), "--retention-days"),
        (("--vault", "no good!"), "--vault"),
        (("--tag", "novalue"), "--tag novalue"),
        (("--tag", "aws:x=1"), "aws:"),
        (("--on-active-job", "kill"), "--on-active-job"),
        (("--frobnicate",), "--frobnicate"),
    ],
)
def test_2_a_bad_flag_is_named(door: FrontDoor, flags: tuple[str, ...], said: str) -> None:
    ended = door.run(*flags)

    assert ended.code == 2, ended.output
    assert said in ended.output
    assert "Traceback" not in ended.output


def test_3_one_missing_and_one_terminated_instance_are_said_everywhere(door: FrontDoor) -> None:
    door.write_csv(GOOD, MISSING, TERMINATED)

    ended = door.run()

    assert ended.code == 3, ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    for instance_id, reason in ((MISSING, "no such instance"), (TERMINATED, "terminated")):
        assert ended.outcome_of(instance_id)["verdict"] == "failed"
        assert reason in ended.outcome_of(instance_id)["failure"]["reason"]
        for said in (ended.output, ended.log, ended.csv_report):
            assert any(instance_id in line for line in said.splitlines())
            assert reason in said
    assert "1 of 3 instances" in ended.output
    assert ended.report["statistics"]["success_rate"] == pytest.approx(1 / 3)


@pytest.mark.parametrize("code", ["ExpiredTokenException", "InvalidClientTokenId"])
def test_10_credentials_that_aws_refuses(door: FrontDoor, aws: Sandbox, code: str) -> None:
    door.write_csv(GOOD)
    aws.control.fault("sts:GetCallerIdentity", "error", code=code, status=403, message="The security token is no good")

    ended = door.run()

    assert ended.code == 10, ended.output
    assert "The security token is no good" in ended.output
    assert "What to do:" in ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "not-started"


def test_10_no_credentials_at_all(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run(env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})

    assert ended.code == 10, ended.output
    assert "--sandbox" in ended.output


def test_11_a_role_that_is_absent(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run("--role", "NoSuchRole")

    assert ended.code == 11, ended.output
    assert "NoSuchRole" in ended.output
    assert "AWSBackupServiceRolePolicyForBackup" in ended.output


def test_12_a_vault_that_is_absent(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)

    ended = door.run("--vault", "NoSuchVault")

    assert ended.code == 12, ended.output
    assert "EC2-Backup" in ended.output, "the vaults that there are help to find the typing error"
    assert "aws backup create-backup-vault" in ended.output
    assert ended.report["error"]["exit_code"] == 12
    assert aws.control.jobs() == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_130_an_interrupted_run_lists_the_jobs_that_go_on(door: FrontDoor, aws: Sandbox, number: int) -> None:
    door.write_csv(GOOD, OTHER)
    for instance_id in (GOOD, OTHER):
        aws.control.script(instance_id, {"state": "CREATED"})
    process = door.start_until(lambda: len(aws.control.jobs()) == 2)

    ended = door.interrupt(process, number)

    assert ended.code == 130, ended.output
    assert ended.report["status"] == "interrupted"
    jobs = {job["instance"]: job["id"] for job in aws.control.jobs()}
    for instance_id in (GOOD, OTHER):
        assert ended.outcome_of(instance_id)["verdict"] == "running"
        assert jobs[instance_id] in ended.output
        assert jobs[instance_id] in ended.log
    assert f"resume {ended.report['run_key']}" in ended.output
    assert "Traceback" not in ended.output + ended.log
