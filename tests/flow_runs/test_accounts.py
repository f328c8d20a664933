"""One run over several accounts and Regions: each through its own role, and none at the cost of another."""

import json
from collections import Counter
from typing import Any

import boto3
import pytest
from moto.backup.models import backup_backends

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import Ended, FrontDoor, eventually

OWN, PAYMENTS, SEARCH = "123456789012", "210987654321", "333333333333"
EU, US = "eu-west-1", "us-east-1"
PAID_US, PAID_EU = "i-0aaaaaaaaaaaaaaa1", "i-0aaaaaaaaaaaaaaa2"
SOUGHT_US, SOUGHT_EU = "i-0bbbbbbbbbbbbbbb1", "i-0bbbbbbbbbbbbbbb2"
LONG = 400_000


@pytest.fixture
def fleet() -> Fleet:
    fleet = Fleet((GOOD,)).add(OTHER, region=EU)
    for account, (us, eu) in {PAYMENTS: (PAID_US, PAID_EU), SEARCH: (SOUGHT_US, SOUGHT_EU)}.items():
        fleet.in_account(account, us, region=US).in_account(account, eu, region=EU)
    return fleet


@pytest.fixture
def listed(door: FrontDoor, fleet: Fleet) -> None:
    """The inventory names each instance with its Region and account."""
    fleet.write_csv(door.folder / "ec2_instances.csv")


def account_iam(aws: Sandbox, account: str) -> Any:
    """Return a client for IAM in another account."""
    role = f"arn:aws:iam::{account}:role/EC2BackupAutomation"
    made = client_of(aws, "sts").assume_role(RoleArn=role, RoleSessionName="owner")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    return boto3.client("iam", endpoint_url=aws.url, region_name=US, aws_session_token=made["SessionToken"], **keys)


def shut_out(aws: Sandbox, account: str) -> None:
    """Let the owner of an account trust somebody else."""
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::444444444444:root"}}
    account_iam(aws, account).update_assume_role_policy(
        RoleName="EC2BackupAutomation", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )


def verdicts(ended: Ended) -> dict[str, str]:
    return {one["row"]["instance_id"]: one["verdict"] for one in ended.report["outcomes"]}


def places(aws: Sandbox) -> Counter[tuple[str, str]]:
    return Counter((job["account"], job["region"]) for job in aws.control.jobs())


@pytest.mark.usefixtures("listed")
def test_every_instance_is_backed_up_in_its_own_account_and_region(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run()

    assert ended.code == 0, ended.output
    assert set(verdicts(ended).values()) == {"proven"}
    assert places(aws) == {(account, region): 1 for account in (OWN, PAYMENTS, SEARCH) for region in (EU, US)}
    point = ended.outcome_of(PAID_EU)["recovery_point"]["arn"]
    assert ended.outcome_of(PAID_EU)["account"] == PAYMENTS
    assert point.startswith(f"arn:aws:ec2:{EU}::image/")
    assert ended.outcome_of(PAID_EU)["plan"]["role_arn"].split(":")[4] == PAYMENTS
    assert ended.outcome_of(PAID_EU)["audit"]["username"] == "ec2-backup-automation"
    figures = {(one["account"], one["region"]): one["proven"] for one in ended.report["statistics"]["places"]}
    assert figures == dict(places(aws))
    assert f"{PAYMENTS} {EU}" in ended.output


@pytest.mark.usefixtures("listed")
def test_an_account_that_refuses_costs_its_own_instances_only_and_resume_completes_it(
    door: FrontDoor, aws: Sandbox
) -> None:
    owner = account_iam(aws, SEARCH)
    before = owner.get_role(RoleName="EC2BackupAutomation")["Role"]["AssumeRolePolicyDocument"]
    shut_out(aws, SEARCH)

    ended = door.run()
    at_first = {job["id"] for job in aws.control.jobs()}
    owner.update_assume_role_policy(RoleName="EC2BackupAutomation", PolicyDocument=json.dumps(before))
    failure = ended.outcome_of(SOUGHT_EU)["failure"]
    verdicts_at_first = verdicts(ended)
    logs = list(ended.folder.glob("*.log"))
    resumed = door.run("resume", ended.report["run_key"])

    assert ended.code == 3, ended.output
    assert verdicts_at_first == {
        **dict.fromkeys([GOOD, OTHER, PAID_US, PAID_EU], "proven"),
        **dict.fromkeys([SOUGHT_US, SOUGHT_EU], "failed"),
    }
    assert failure["step"] == 3
    assert f"account {SEARCH} cannot be entered through arn:aws:iam::{SEARCH}:role/EC2BackupAutomation" in str(failure)
    assert "trust policy" in failure["advice"]
    assert "Traceback" not in ended.output + "".join(log.read_text() for log in logs)
    assert resumed.code == 0, resumed.output
    assert set(verdicts(resumed).values()) == {"proven"}
    assert at_first < {job["id"] for job in aws.control.jobs()}
    assert set(places(aws).values()) == {1}, "nothing was started twice"


@pytest.mark.usefixtures("listed")
def test_a_run_over_accounts_that_was_interrupted_is_taken_up_in_all_of_them(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.script("*", {"duration_seconds": LONG})
    process = door.start("--poll-seconds", "1")
    eventually(door.log_so_far, lambda log: "0 of 6 finished" in log or process.poll() is not None)
    first = door.interrupt(process)
    before = {job["id"] for job in aws.control.jobs()}
    aws.control.advance(LONG)

    second = door.run("resume", first.report["run_key"])

    assert first.code == 130, first.output
    assert second.code == 0, second.output
    assert {job["id"] for job in aws.control.jobs()} == before
    assert len(before) == 6
    assert set(verdicts(second).values()) == {"proven"}


@pytest.mark.usefixtures("listed")
def test_where_no_account_can_be_entered_the_run_ends_before_anything_is_started(door: FrontDoor, aws: Sandbox) -> None:
    lines = (door.folder / "ec2_instances.csv").read_text().splitlines()
    elsewhere = [line for line in lines if not line.endswith(OWN) and not line.endswith(",")]
    (door.folder / "ec2_instances.csv").write_text("\n".join(elsewhere) + "\n")

    ended = door.run("--account-role", "Nobody")

    assert ended.code == 11, ended.output
    assert "role/Nobody: " in ended.report["error"]["message"]
    assert aws.control.jobs() == []


@pytest.mark.usefixtures("listed")
def test_an_account_that_allows_nothing_costs_its_own_instances_only(door: FrontDoor, aws: Sandbox) -> None:
    iam = account_iam(aws, PAYMENTS)
    iam.detach_role_policy(RoleName="EC2BackupAutomation", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    ended = door.run()

    assert ended.code == 3, ended.output
    assert {key for key, verdict in verdicts(ended).items() if verdict != "proven"} == {PAID_US, PAID_EU}
    assert f"account {PAYMENTS} is not ready" in ended.outcome_of(PAID_US)["failure"]["reason"]


@pytest.mark.usefixtures("listed")
def test_a_list_of_accounts_gives_each_its_role_external_id_vault_and_region(door: FrontDoor, aws: Sandbox) -> None:
    iam = account_iam(aws, PAYMENTS)
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"AWS": f"arn:aws:iam::{OWN}:root"},
        "Condition": {"StringEquals": {"sts:ExternalId": "agreed-upon-1"}},
    }
    document = json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    role = iam.create_role(RoleName="Backups", Path="/ops/", AssumeRolePolicyDocument=document)["Role"]["Arn"]
    iam.attach_role_policy(RoleName="Backups", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    backup_backends[PAYMENTS][EU].create_backup_vault("Nightly", {}, None, "")
    (door.folder / "accounts.csv").write_text(
        f"account,role,external_id,vault,regions\n{PAYMENTS},ops/Backups,agreed-upon-1,Nightly,{EU}\n"
    )
    (door.folder / "some.csv").write_text(f"instance_id,account\n{PAID_EU},{PAYMENTS}\n{GOOD},\n")
    aws.control.script("*", {"duration_seconds": LONG})
    process = door.start("--csv", "some.csv", "--accounts", "accounts.csv", "--poll-seconds", "1")
    eventually(door.log_so_far, lambda log: "0 of 2 finished" in log or process.poll() is not None)
    first = door.interrupt(process)
    run_key = first.report["run_key"]
    aws.control.advance(LONG)
    (door.folder / "accounts.csv").unlink()

    ended = door.run("resume", run_key)

    assert (first.code, ended.code) == (130, 0), first.output + ended.output
    job = ended.outcome_of(PAID_EU)["job"]
    assert (job["vault_name"], job["region"], job["access_role_arn"]) == ("Nightly", EU, role)
    assert ended.outcome_of(GOOD)["job"]["vault_name"] == "EC2-Backup"
    assert len(aws.control.jobs()) == 2
    written = [path for path in ended.folder.iterdir() if path.name != f"run_{run_key}.json"]
    assert not [path.name for path in written if "agreed-upon-1" in path.read_text()]


def test_a_list_of_accounts_with_bad_lines_starts_nothing(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    (door.folder / "accounts.csv").write_text(f"account,vault\n{PAYMENTS},Nightly\n12345,\n")

    ended = door.run("--accounts", "accounts.csv")

    assert ended.code == 2, ended.output
    assert "line 3" in ended.output
    assert "is not the number of an account, which has 12 digits" in ended.output
    assert aws.control.jobs() == []
