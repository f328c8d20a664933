"""An account in which nothing is set up: `setup` as a user types it, and the first backup after it."""

import os
import pty
import select
import signal
from collections.abc import Iterator

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import PATIENCE, FrontDoor, eventually
from tests.flow_runs.least_privilege import become_user

POLICY = "arn:aws:iam::123456789012:policy/EC2BackupCaller"


@pytest.fixture
def aws(fleet: Fleet) -> Iterator[Sandbox]:
    """A fresh AWS without vault, key and role."""
    with running(speed=SPEED, fleet=fleet, bare=True) as sandbox:
        yield sandbox


def made(aws: Sandbox) -> list[str]:
    """Return what was made, in the account's own words."""
    vaults = client_of(aws, "backup").list_backup_vaults()["BackupVaultList"]
    roles = client_of(aws, "iam").list_roles()["Roles"]
    policies = client_of(aws, "iam").list_policies(Scope="Local")["Policies"]
    names = [*(one["BackupVaultName"] for one in vaults), *(one["RoleName"] for one in roles)]
    return sorted([*names, *(one["PolicyName"] for one in policies)])


NOTHING = ["BackupOperator"]
ALL = ["AWSBackupDefaultServiceRole", "BackupOperator", "EC2-Backup", "EC2BackupCaller"]


def answered(door: FrontDoor, answer: bytes) -> tuple[int, str]:
    """Run `setup` on a terminal, type an answer to its question, and return its exit code and what it showed."""
    ours, theirs = pty.openpty()
    process = door.start("setup", stdin=theirs, stdout=theirs)
    os.close(theirs)
    shown = b""
    while b"Create what is missing?" not in shown:
        read = read_terminal(ours, PATIENCE)
        assert read, shown
        shown += read
    os.write(ours, answer) if answer else process.send_signal(signal.SIGINT)
    while (read := read_terminal(ours, 10.0)) is not None:
        shown += read
        if not read and not answer:  # Ctrl-C came after the question, yet before the keyboard was listened to
            process.send_signal(signal.SIGINT)
    os.close(ours)
    return process.wait(PATIENCE), shown.decode(errors="replace")


def read_terminal(ours: int, seconds: float) -> bytes | None:
    """Return what a terminal shows next: nothing where that takes longer, None where nobody is left to write to it."""
    if not select.select([ours], [], [], seconds)[0]:
        return b""
    try:
        return os.read(ours, 4096)
    except OSError:  # how Linux says that the other end is closed
        return None


def test_a_run_in_a_bare_account_names_the_command_that_sets_it_up(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    ended = door.run()

    assert ended.code == 11, ended.output
    assert "./start-ec2-backup.sh setup --role AWSBackupDefaultServiceRole" in ended.output


def test_after_a_setup_a_user_with_its_policy_alone_backs_up_into_its_vault(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)

    setup = door.run("setup", "--yes")
    user = become_user(aws, [])
    client_of(aws, "iam").attach_user_policy(UserName="caller-0", PolicyArn=POLICY)
    ended = door.run(env=user)
    again = door.run("setup", "--yes")

    assert (setup.code, ended.code, again.code) == (0, 0, 0), setup.output + ended.output + again.output
    assert f"aws iam attach-role-policy --policy-arn {POLICY}" in setup.output
    assert made(aws) == ALL
    assert {outcome["verdict"] for outcome in ended.report["outcomes"]} == {"proven"}
    assert "permissions confirmed by policy simulation" in ended.output
    assert "Nothing is to be created." in again.output


@pytest.mark.parametrize(("arguments", "code"), [((), 2), (("--dry-run",), 0)])
def test_without_a_yes_the_plan_is_shown_and_nothing_is_made(
    door: FrontDoor, aws: Sandbox, arguments: tuple[str, ...], code: int
) -> None:
    ended = door.run("setup", *arguments)

    assert ended.code == code, ended.output
    for word in ("create    KMS key", "create    Backup vault", "create    IAM role", "create    IAM policy"):
        assert word in ended.output
    assert made(aws) == NOTHING


@pytest.mark.parametrize(
    ("answer", "code", "words", "is_made"),
    [
        (b"y\n", 0, "IAM policy EC2BackupCaller created", True),
        (b"n\n", 0, "Nothing was created.", False),
        (b"\n", 0, "Nothing was created.", False),
        (b"", 130, "the setup was told to stop", False),
    ],
    ids=["yes", "no", "enter", "ctrl-c"],
)
def test_on_a_terminal_it_asks_and_does_what_the_answer_is(
    door: FrontDoor, aws: Sandbox, answer: bytes, code: int, words: str, is_made: bool
) -> None:
    ended, shown = answered(door, answer)

    assert ended == code, shown
    assert words in shown
    assert "Traceback" not in shown
    assert made(aws) == (ALL if is_made else NOTHING)


def test_a_setup_that_is_interrupted_says_so_and_the_next_one_finishes_it(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.fault("iam:CreateRole", "delay", seconds=5)
    process = door.start("setup", "--yes")
    eventually(lambda: made(aws), lambda names: "EC2-Backup" in names or process.poll() is not None)

    stopped = door.interrupt(process)
    eventually(lambda: made(aws), lambda names: "AWSBackupDefaultServiceRole" in names)
    finished = door.run("setup", "--yes")

    assert (stopped.code, finished.code) == (130, 0), stopped.output + finished.output
    assert "the same command again goes on from there" in stopped.output
    assert "IAM role AWSBackupDefaultServiceRole finished" in finished.output, "it came without its policies"
    assert made(aws) == ALL


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--vault", "no good"), "--vault: 'no good'"),
        (("--region", "Frankfurt"), "--region: 'Frankfurt'"),
        (("--csv", "ec2_instances.csv"), "--csv: 'ec2_instances.csv'"),
        (("--frobnicate",), "--frobnicate"),
    ],
)
def test_2_a_bad_flag_is_named(door: FrontDoor, arguments: tuple[str, ...], said: str) -> None:
    ended = door.run("setup", *arguments)

    assert ended.code == 2, ended.output
    assert said in ended.output
    assert "Traceback" not in ended.output


def test_10_and_11_credentials_and_a_denied_call_are_said_in_the_words_of_aws(door: FrontDoor, aws: Sandbox) -> None:
    nobody = door.run("setup", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})
    denied = door.run("setup", "--yes", env=become_user(aws, []))

    assert (nobody.code, denied.code) == (10, 11), nobody.output + denied.output
    assert "Unable to locate credentials" in nobody.output
    assert "is not authorized to perform: backup:ListBackupVaults" in denied.output
    assert "docs/setup.md lists the permissions" in denied.output


def test_12_and_11_what_differs_is_left_alone_and_said(door: FrontDoor, aws: Sandbox) -> None:
    client_of(aws, "iam").create_role(
        RoleName="AWSBackupDefaultServiceRole",
        AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}',
    )
    role = door.run("setup", "--yes")
    client_of(aws, "backup").update_region_settings(ResourceTypeOptInPreference={"EC2": False})
    region = door.run("setup", "--yes")

    assert (role.code, region.code) == (11, 12), role.output + region.output
    assert "differs   IAM role AWSBackupDefaultServiceRole" in role.output
    assert "IAM policy EC2BackupCaller created" in role.output
    assert "aws backup update-region-settings" in region.output


def test_the_policy_is_printed_alone_for_somebody_else_to_create(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("setup", "--print-policy", "--notify-topic", "arn:aws:sns:us-east-1:123456789012:ops")

    made_of_it = client_of(aws, "iam").create_policy(PolicyName="ByHand", PolicyDocument=ended.output)
    assert ended.code == 0
    assert made_of_it["Policy"]["Arn"]
    assert '"sns:Publish"' in ended.output
    assert "${" not in ended.output
