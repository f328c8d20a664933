"""What is certain to fail is known before any copy is started; what is not known is held against nobody."""

from dataclasses import replace

import pytest

from ec2_backup.copies.book import CopyBook
from ec2_backup.copies.foresight import judge_copy, judge_destination, lets_in, names_account, raise_for_destinations
from ec2_backup.errors import UsageError
from ec2_backup.listener import listening
from ec2_backup.model import Key, Target, Vault
from ec2_backup.narration import Mark
from tests.unit.backups import KEYS, REGION, a_plan, a_volume, an_instance, instance_id
from tests.unit.copies import ACROSS, ARN, KEY, a_destination, a_seen
from tests.unit.test_narration import Ear

OWN = Vault("EC2-Backup", f"arn:aws:backup:{REGION}:123456789012:backup-vault:EC2-Backup", REGION)
PLAN = a_plan(an_instance())
CUSTOMERS = {arn: Key(arn, "Enabled", "CUSTOMER") for arn in KEYS}
AWS_OWN = {arn: Key(arn, "Enabled", "AWS") for arn in KEYS}


def test_a_vault_against_which_nothing_speaks_takes_copies():
    assert judge_copy(PLAN, OWN, a_seen(), CUSTOMERS, []) is None
    assert judge_copy(PLAN, OWN, a_seen(f"{ACROSS}=30"), CUSTOMERS, []) is None


def test_what_could_not_be_looked_at_is_held_against_no_copy():
    unseen = a_seen(vault=None, key=None, is_service_key=None, unseen="denied")

    assert judge_destination(unseen, 30) is None
    assert judge_destination(a_seen(key=Key(KEY, None), is_service_key=None), 30) is None


@pytest.mark.parametrize(
    ("seen", "step", "said"),
    [
        (a_seen(vault=None, key=None, is_absent=True), 8, "there is no vault EC2-Backup-Copy in eu-west-1"),
        (a_seen(is_service_key=True), 9, "is encrypted with aws/backup"),
        (a_seen(key=Key(KEY, "PendingDeletion")), 9, "is PendingDeletion"),
        (a_seen(vault=replace(OWN, locked=True, min_retention_days=60)), 8, "allows at least 60 days, not 30 days"),
    ],
)
def test_a_vault_that_takes_no_copy_says_why_at_which_step_and_what_to_do(seen, step, said):
    trouble = judge_destination(seen, 30)

    assert trouble
    assert (trouble.step, bool(trouble.advice)) == (step, True)
    assert said in trouble.reason


def test_a_lock_names_the_nearest_retention_that_it_takes():
    locked = a_seen(vault=replace(OWN, locked=True, max_retention_days=14))

    trouble = judge_destination(locked, 30)

    assert trouble
    assert f"{ARN}=14" in trouble.advice


def test_a_copy_into_the_vault_of_the_backup_itself_is_none():
    trouble = judge_copy(PLAN, replace(OWN, arn=ARN), a_seen(), CUSTOMERS, [])

    assert trouble
    assert "the backup itself goes into" in trouble.reason


def test_what_the_caller_is_not_allowed_is_named():
    trouble = judge_copy(PLAN, OWN, a_seen(), CUSTOMERS, ["backup:StartCopyJob"])

    assert trouble
    assert (trouble.step, trouble.reason) == (3, "the caller is not allowed backup:StartCopyJob")


def test_keys_that_aws_manages_forbid_copies_into_another_account_and_only_there():
    across, plain = a_seen(f"{ACROSS}=30"), a_plan(an_instance(1, a_volume(0, key=None)))

    volume = judge_copy(PLAN, OWN, across, AWS_OWN, [])
    vault = judge_copy(PLAN, OWN, a_seen(f"{ACROSS}=30", manager="AWS"), CUSTOMERS, [])

    assert volume
    assert "(/dev/sda), vol-" in volume.reason
    assert vault
    assert "encrypted with a key that AWS manages" in vault.reason
    assert judge_copy(PLAN, OWN, a_seen(manager="AWS"), AWS_OWN, []) is None
    assert judge_copy(plain, OWN, across, AWS_OWN, []) is None


def test_a_vault_that_lets_nobody_in_takes_no_copies_of_another_account():
    closed, unknown = a_seen(f"{ACROSS}=30", lets_copies_in=False), a_seen(f"{ACROSS}=30", lets_copies_in=None)

    trouble = judge_copy(PLAN, OWN, closed, CUSTOMERS, [])

    assert trouble
    assert (trouble.step, "lets another account copy into it" in trouble.reason) == (8, True)
    assert judge_copy(PLAN, OWN, unknown, CUSTOMERS, []) is None
    assert judge_copy(PLAN, OWN, a_seen(lets_copies_in=False), CUSTOMERS, []) is None


@pytest.mark.parametrize(
    ("effect", "actions", "does"),
    [
        ("Allow", "backup:CopyIntoBackupVault", True),
        ("Allow", ["backup:StartBackupJob", "backup:CopyIntoBackupVault"], True),
        ("Allow", "backup:*", True),
        ("Deny", "backup:CopyIntoBackupVault", False),
        ("Allow", ["backup:StartBackupJob"], False),
        ("Allow", "backup:Copy*", True),
        ("Allow", "BACKUP:copyintobackupvault", True),
        ("Allow", ["backup:StartBackupJob", "Backup:C?pyInto*Vault"], True),
        ("Allow", "backup:Copy", False),
        ("Allow", "backup:[C]opyIntoBackupVault", False),
        ("Deny", "backup:Copy*", False),
    ],
)
def test_a_vaults_policy_lets_copies_in_or_does_not(effect, actions, does):
    assert lets_in({"Statement": [{"Effect": effect, "Action": actions, "Principal": "*"}]}) is does


def test_a_policy_that_allows_all_but_some_actions_says_neither_that_it_lets_copies_in_nor_that_it_does_not():
    all_but = {"Effect": "Allow", "NotAction": "backup:DeleteRecoveryPoint", "Principal": "*"}
    copying = {"Effect": "Allow", "Action": "backup:Copy*", "Principal": "*"}

    assert lets_in({"Statement": all_but}) is None
    assert lets_in({"Statement": [all_but, copying]}) is True
    assert lets_in({"Statement": [{**all_but, "Effect": "Deny"}]}) is False
    assert lets_in({}) is False


@pytest.mark.parametrize(
    ("principal", "is_named"),
    [
        ("*", True),
        ({"AWS": "*"}, True),
        ({"AWS": "210987654321"}, True),
        ({"AWS": ["arn:aws:iam::123456789012:root", "arn:aws:iam::210987654321:role/Backup"]}, True),
        ({"AWS": "arn:aws:iam::123456789012:root"}, False),
        ({"Service": "backup.amazonaws.com"}, False),
    ],
)
def test_a_key_policy_names_an_account_or_does_not(principal, is_named):
    allowed = {"Effect": "Allow", "Principal": principal, "Action": "kms:*"}

    assert names_account({"Statement": allowed}, "210987654321") is is_named
    assert names_account({"Statement": [allowed]}, "210987654321") is is_named
    assert names_account({"Statement": [{**allowed, "Effect": "Deny"}]}, "210987654321") is False
    assert names_account({}, "210987654321") is False


def test_a_vault_of_another_partition_and_the_one_of_all_backups_are_wrong_flags():
    with pytest.raises(UsageError, match=r"--copy-to .*partition aws-cn"):
        raise_for_destinations([a_destination()], "aws-cn", [OWN])
    with pytest.raises(UsageError, match=r"--copy-to .*backups themselves"):
        raise_for_destinations([a_destination()], "aws", [replace(OWN, arn=ARN)])
    raise_for_destinations([a_destination()], "aws", [replace(OWN, arn=ARN), OWN])


def test_many_copies_that_fail_for_one_reason_are_told_in_one_line():
    plans = [a_plan(an_instance(number)) for number in range(1, 4)]
    book = CopyBook((a_destination(),), {ARN: a_seen(is_service_key=True)})
    ear = Ear()

    with listening(ear):
        book.foresee(plans, {Target(REGION): OWN}, CUSTOMERS, {})

    (line,) = ear.heard
    assert (line.mark, line.step) == (Mark.FAILED, 9)
    assert line.text.startswith(
        "no copy of 3 backups into EC2-Backup-Copy in eu-west-1 of account 123456789012 can work"
    )
    assert {failure.instance_id for failure in book.failures.values()} == {instance_id(number) for number in (1, 2, 3)}
