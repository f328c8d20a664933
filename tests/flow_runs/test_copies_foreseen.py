"""What stands in the way of a copy is said before anything is started, and costs no backup."""

import json
from collections.abc import Mapping
from typing import Any

import boto3
import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD
from tests.flow_runs.copying import ELSEWHERE, PAYMENTS, VAULTED, a_vault, copies_of, verdicts
from tests.flow_runs.front_door import Ended, FrontDoor
from tests.flow_runs.least_privilege import IAM, actions_of, become_user, statements_for

ROLE = "EC2BackupAutomation"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD,))


def elsewhere(aws: Sandbox, service: str, **credentials: str) -> Any:
    """Return a client in the Region that copies go into."""
    keys = credentials or {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    return boto3.client(service, endpoint_url=aws.url, region_name="eu-west-1", **keys)  # type: ignore[call-overload]


def on_the_service_key(aws: Sandbox) -> None:
    elsewhere(aws, "backup").create_backup_vault(BackupVaultName="EC2-Backup-Copy")


def with_a_disabled_key(aws: Sandbox) -> None:
    kms = elsewhere(aws, "kms")
    key = kms.create_key()["KeyMetadata"]
    kms.disable_key(KeyId=key["KeyId"])
    elsewhere(aws, "backup").create_backup_vault(BackupVaultName="EC2-Backup-Copy", EncryptionKeyArn=key["Arn"])


def locked(aws: Sandbox) -> None:
    key = elsewhere(aws, "kms").create_key()["KeyMetadata"]["Arn"]
    backup = elsewhere(aws, "backup")
    backup.create_backup_vault(BackupVaultName="EC2-Backup-Copy", EncryptionKeyArn=key)
    backup.put_backup_vault_lock_configuration(BackupVaultName="EC2-Backup-Copy", MinRetentionDays=30)


def absent(_: Sandbox) -> None:
    """Make no vault."""


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (absent, "there is no vault EC2-Backup-Copy in eu-west-1"),
        (on_the_service_key, "is encrypted with aws/backup, into which no EC2 backup can be copied"),
        (with_a_disabled_key, "of account 123456789012 is Disabled"),
        (locked, "the lock of vault EC2-Backup-Copy allows at least 30 days, not 7 days"),
    ],
)
def test_a_vault_that_takes_no_copy_is_told_of_first_and_the_backups_go_on(
    door: FrontDoor, aws: Sandbox, make: Any, said: str
) -> None:
    make(aws)
    door.write_csv(GOOD)

    planned = door.run("--copy-to", ELSEWHERE, "--dry-run", "--output", "planned")
    ended = door.run("--copy-to", ELSEWHERE)

    assert (planned.code, ended.code) == (3, 3), planned.output + ended.output
    assert said in planned.output
    assert "The plan covers 1 of 1 instance and 2 volumes, 0 of 1 copy; nothing was started" in planned.output
    assert ended.log.index(said) < ended.log.index("1 job under way")
    assert "1 of 1 instance has a proven recovery point, 2 of 2 volumes; 0 of 1 copy are proven" in ended.output
    assert verdicts(ended.outcome_of(GOOD)) == ["failed"]
    assert copies_of(aws) == {}


def test_copies_into_another_account_are_proven_through_the_role_there(door: FrontDoor, fleet: Fleet) -> None:
    a_vault(fleet, VAULTED)
    door.write_csv(GOOD)

    ended = door.run("--copy-to", f"{VAULTED}=365")

    assert ended.code == 0, ended.output
    (copy,) = ended.outcome_of(GOOD)["copies"]
    assert (copy["verdict"], copy["recovery_point"]["retention_days"]) == ("proven", 365)
    assert f"Vaulted in us-east-1 of account {PAYMENTS}: 1 proven; kept 365 days" in ended.output


def test_copies_where_nobody_may_look_are_made_and_do_not_count(door: FrontDoor, aws: Sandbox, fleet: Fleet) -> None:
    a_vault(fleet, VAULTED)
    door.write_csv(GOOD)

    planned = door.run("--copy-to", VAULTED, "--account-role", "Nobody", "--dry-run", "--output", "planned")
    ended = door.run("--copy-to", VAULTED, "--account-role", "Nobody")

    assert (planned.code, ended.code) == (3, 3), planned.output + ended.output
    said = (
        f"copies into Vaulted in us-east-1 of account {PAYMENTS} are made, and cannot be verified nor count as proven"
    )
    assert said in ended.log
    assert "the copy would be made and could not be verified: sts:AssumeRole" in planned.output
    assert copies_of(aws) == {(GOOD, VAULTED): 1}
    assert "the copy job is COMPLETED, and the copy cannot be verified: sts:AssumeRole" in ended.output


def test_a_key_that_is_not_shared_is_warned_of_and_the_copy_is_tried(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet, VAULTED)
    kms = client_of(aws, "kms")
    mine = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{aws.account}:root"}, "Action": "kms:*"}
    for key in kms.list_keys()["Keys"]:
        kms.put_key_policy(KeyId=key["KeyId"], PolicyName="default", Policy=json.dumps({"Statement": [mine]}))
    door.write_csv(GOOD)

    ended = door.run("--copy-to", VAULTED)

    assert ended.code == 3, ended.output
    assert f"will fail unless a grant lets account {PAYMENTS} use 1 key of volumes in us-east-1" in ended.output
    assert "Given key ID is not accessible" in ended.output
    assert "let that one use the volumes' keys" in ended.output


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


def missing(sid: str, ended: Ended) -> None:
    said = {
        "CopyBackups": "the caller is not allowed backup:StartCopyJob",
        "FindCopies": "the caller is not allowed backup:ListCopyJobs",
        "LookIntoTheirVaults": "cannot be verified",
    }
    assert said[sid] in ended.output


@pytest.mark.parametrize("sid", ["CopyBackups", "FindCopies", "LookIntoTheirVaults"])
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
    missing(sid, ended)
    assert "Traceback" not in ended.output + ended.log
