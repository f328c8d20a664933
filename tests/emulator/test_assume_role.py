"""AssumeRole is as strict as AWS: trust policy, external id and the caller's own policy all count."""

import json

import pytest

from sandbox.clock import CLOCK
from sandbox.fleet import Fleet
from sandbox.running import running
from tests.emulator.callers import refusal, statement, user
from tests.emulator.conftest import IDLE, WEB, Aws

OTHER = "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
AS_NIGHT = {"RoleArn": ROLE, "RoleSessionName": "night", "ExternalId": "agreed-upon-1"}


@pytest.fixture
def aws():
    """An AWS with an instance in the operator's account and one in another."""
    fleet = Fleet((WEB,), external_ids={OTHER: "agreed-upon-1"}).in_account(OTHER, IDLE)
    with running(speed=1.0, fleet=fleet) as sandbox:
        yield Aws(sandbox)


def entered(aws, **changes):
    """Assume the role of the other account and return what `aws.client` needs to act as it."""
    made = aws.client("sts").assume_role(**AS_NIGHT | changes)["Credentials"]
    return {
        "aws_access_key_id": made["AccessKeyId"],
        "aws_secret_access_key": made["SecretAccessKey"],
        "aws_session_token": made["SessionToken"],
    }


def test_a_session_is_in_the_account_of_its_role(aws):
    there = entered(aws)

    assert aws.client("sts", **there).get_caller_identity()["Arn"] == (
        f"arn:aws:sts::{OTHER}:assumed-role/EC2BackupAutomation/night"
    )
    (reservation,) = aws.client("ec2", **there).describe_instances()["Reservations"]
    assert reservation["Instances"][0]["InstanceId"] == IDLE
    assert [one["BackupVaultName"] for one in aws.client("backup", **there).list_backup_vaults()["BackupVaultList"]]


@pytest.mark.parametrize("changes", [{"ExternalId": "a-guess"}, {"RoleArn": f"arn:aws:iam::{OTHER}:role/Nobody"}])
def test_a_wrong_external_id_and_an_absent_role_are_refused_alike(aws, changes):
    code, said, status = refusal(aws.client("sts").assume_role, **AS_NIGHT | changes)

    assert (code, status) == ("AccessDenied", 403)
    assert said == (
        "User: arn:aws:sts::123456789012:assumed-role/BackupOperator/sandbox is not authorized to perform: "
        f"sts:AssumeRole on resource: {(AS_NIGHT | changes)['RoleArn']}"
    )


def test_a_role_that_trusts_somebody_else_is_refused(aws):
    trust = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "arn:aws:iam::444444444444:root"}}
    aws.client("iam", **entered(aws)).update_assume_role_policy(
        RoleName="EC2BackupAutomation", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]})
    )

    assert refusal(aws.client("sts").assume_role, **AS_NIGHT)[0] == "AccessDenied"


def test_the_callers_own_policy_has_to_allow_it_as_well(aws):
    narrow = aws.client("sts", **user(aws, statement("Allow", "sts:AssumeRole", "arn:aws:iam::*:role/Else")))

    code, said, _ = refusal(narrow.assume_role, **AS_NIGHT)

    assert code == "AccessDenied"
    assert "because no identity-based policy allows the sts:AssumeRole action" in said


def test_a_session_that_was_made_later_ends_later(aws):
    CLOCK.advance(7200)
    backup = aws.client("backup", **entered(aws, DurationSeconds=900))

    backup.list_backup_jobs()
    CLOCK.advance(901)

    assert refusal(backup.list_backup_jobs)[0] == "ExpiredTokenException"
