"""The policies that the documents tell to use are what copies need: not an action less, and not one more."""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD
from tests.flow_runs.copying import ELSEWHERE, PAYMENTS, VAULTED, a_vault, elsewhere, verdicts
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.least_privilege import IAM, actions_of, become_user, statements_for

ROLE = "EC2BackupAutomation"
SAID = {
    "CopyBackups": "the caller is not allowed backup:StartCopyJob",
    "FindCopies": "the caller is not allowed backup:ListCopyJobs",
    "LookIntoTheirVaults": "cannot be verified",
}


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD,))


def filled(name: str, arn: str) -> list[Mapping[str, Any]]:
    """Return the statements of a policy of the folder for one vault that copies go into."""
    text = (IAM / name).read_text(encoding="utf-8").replace("${COPY_VAULT_ARN}", arn)
    return list(json.loads(text)["Statement"])


def as_caller(door: FrontDoor, aws: Sandbox, statements: list[Mapping[str, Any]]) -> FrontDoor:
    return FrontDoor(door.folder, {**door.env, **become_user(aws, statements)}, door.api)


def test_the_policy_for_copies_is_what_copies_call_and_nothing_else(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet)
    on_service_key = ELSEWHERE.replace("EC2-Backup-Copy", "Service")
    elsewhere(aws, "backup").create_backup_vault(BackupVaultName="Service")
    a_vault(fleet, VAULTED)
    more = filled("copies-policy.json", ELSEWHERE.replace("EC2-Backup-Copy", "*"))
    statements = [*statements_for(aws, account_role=ROLE), *more]
    user = as_caller(door, aws, statements)
    door.write_csv(GOOD)
    aws.control.clear_calls()

    ended = user.run("--copy-to", ELSEWHERE, "--copy-to", on_service_key, "--copy-to", VAULTED)
    aws.control.switch(list_lag_seconds=10**7)  # a job that no list shows is asked for by its id
    aws.control.script(GOOD, {"point": "missing"}, job="copy")  # and so is a copy
    looked_for = user.run("--copy-to", ELSEWHERE, "--output", "looked-for", "--poll-seconds", "1")

    assert verdicts(ended.outcome_of(GOOD)) == ["proven", "failed", "proven"]
    assert (ended.code, looked_for.code) == (3, 3), ended.output + looked_for.output
    assert "permissions confirmed by policy simulation" in ended.output
    assert "not allowed" not in ended.output
    assert actions_of(more) <= {*aws.control.calls()} <= {*actions_of(statements), "sts:GetCallerIdentity"}


def narrowed(aws: Sandbox, *names: str) -> None:
    """Give the role in the account that copies go into the documented policy in place of all rights."""
    arn = f"arn:aws:iam::{PAYMENTS}:role/{ROLE}"
    made = client_of(aws, "sts").assume_role(RoleArn=arn, RoleSessionName="owner")["Credentials"]
    keys = {"aws_access_key_id": made["AccessKeyId"], "aws_secret_access_key": made["SecretAccessKey"]}
    iam = elsewhere(aws, "iam", aws_session_token=made["SessionToken"], **keys)
    document = json.dumps(
        {"Version": "2012-10-17", "Statement": [one for name in names for one in filled(name, VAULTED)]}
    )
    iam.put_role_policy(RoleName=ROLE, PolicyName="copies", PolicyDocument=document)
    iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")


def test_the_policy_of_the_other_account_is_enough_to_verify_copies_there(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet, VAULTED)
    narrowed(aws, "copies-account-policy.json")
    door.write_csv(GOOD)

    ended = door.run("--copy-to", VAULTED)

    assert ended.code == 0, ended.output
    assert verdicts(ended.outcome_of(GOOD)) == ["proven"]


@pytest.mark.parametrize("sid", SAID)
def test_a_statement_that_is_taken_away_costs_copies_and_no_backup(
    door: FrontDoor, aws: Sandbox, fleet: Fleet, sid: str
) -> None:
    a_vault(fleet)
    fewer = [one for one in filled("copies-policy.json", ELSEWHERE) if one["Sid"] != sid]
    user = as_caller(door, aws, [*statements_for(aws), *fewer])
    door.write_csv(GOOD)

    ended = user.run("--copy-to", ELSEWHERE)

    assert ended.code == 3, ended.output
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert SAID[sid] in ended.output
    assert "Traceback" not in ended.output + ended.log
