"""Which runs go into the same vault, and so keep each other waiting."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.ledger import Ledger
from ec2_backup.model import Caller, Inventory, InventoryRow
from ec2_backup.settings import BackupRequest
from ec2_backup.slots import RUNNING, WAITING, may_share_a_vault, named, to_slots, to_tags, to_work_began
from ec2_backup.target import Account

OWN, OTHER = "111111111111", "222222222222"
REGIONS = ("eu-central-1", "us-east-1")
VAULTS = ("EC2-Backup", "Production")
ROLE = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
CALLER = Caller(OWN, f"arn:aws:iam::{OWN}:user/operator")


def a_run(
    *places: tuple[str, str], vault: str = "EC2-Backup", dry_run: bool = False, accounts: tuple[Account, ...] = ()
) -> Ledger:
    rows = tuple(
        InventoryRow(number, f"i-{number:017x}", region, account=account, role_arn=ROLE if account == OTHER else None)
        for number, (account, region) in enumerate(places, start=1)
    )
    run = Ledger(BackupRequest(vault=vault, dry_run=dry_run), "run-1", datetime(2026, 11, 30, tzinfo=UTC))
    run.caller, run.inventory = CALLER, Inventory("list.csv", rows)
    run.accounts = {one.account: one for one in accounts}
    return run


RUNS = st.builds(
    lambda places, vault: a_run(*places, vault=vault),
    st.lists(st.tuples(st.sampled_from((OWN, OTHER)), st.sampled_from(REGIONS)), min_size=1, max_size=4),
    st.sampled_from(VAULTS),
)


def test_a_slot_is_named_by_the_arn_of_its_vault_and_each_vault_has_one():
    run = a_run((OWN, "us-east-1"), (OTHER, "eu-central-1"), (OWN, "us-east-1"))

    assert to_slots(run) == (
        f"arn:aws:backup:us-east-1:{OWN}:backup-vault:EC2-Backup",
        f"arn:aws:backup:eu-central-1:{OTHER}:backup-vault:EC2-Backup",
    )


def test_an_account_whose_vault_the_list_of_accounts_names_has_its_slot_there():
    run = a_run((OTHER, "us-east-1"), accounts=(Account(OTHER, vault="Theirs"),))

    assert to_slots(run) == (f"arn:aws:backup:us-east-1:{OTHER}:backup-vault:Theirs",)
    assert to_tags(run) == ["vault:Theirs", "region:us-east-1", f"account:{OTHER}"]
    assert named(run) == "vault Theirs"


def test_a_vault_in_china_is_named_in_its_partition():
    run = a_run((OWN, "cn-north-1"))
    run.caller = replace(CALLER, partition="aws-cn")

    assert to_slots(run) == (f"arn:aws-cn:backup:cn-north-1:{OWN}:backup-vault:EC2-Backup",)


def test_dry_runs_have_slots_of_their_own():
    place = (OWN, "us-east-1")

    assert not set(to_slots(a_run(place, dry_run=True))) & set(to_slots(a_run(place)))


def test_a_run_that_aws_does_not_know_yet_has_no_slot():
    run = a_run((OWN, "us-east-1"))
    run.caller = None

    assert to_slots(run) == ()


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        (a_run((OWN, "us-east-1")), True),
        (a_run((OWN, "us-east-1"), (OTHER, "eu-central-1")), True),
        (a_run((OWN, "us-east-1"), vault="Production"), False),
        (a_run((OWN, "eu-central-1")), False),
        (a_run((OTHER, "us-east-1")), False),
    ],
)
def test_the_tags_of_two_runs_tell_whether_they_go_into_the_same_vault(other, shares):
    assert may_share_a_vault(to_tags(a_run((OWN, "us-east-1"))), to_tags(other)) is shares


@given(RUNS, RUNS)
def test_two_runs_that_share_a_slot_are_never_taken_for_strangers(one, other):
    if set(to_slots(one)) & set(to_slots(other)):
        assert may_share_a_vault(to_tags(one), to_tags(other))
        assert may_share_a_vault([*to_tags(one), "ec2-backup"], [*to_tags(other), "ec2-backup"])


START = datetime(2026, 11, 30, 1, 30, tzinfo=UTC)
BEFORE, AFTER = ("Scheduled", "Pending"), ("Failed", "AwaitingRetry", "Pending", RUNNING)


@pytest.mark.parametrize(
    ("names", "began"),
    [
        ((*BEFORE, RUNNING), None),
        ((*BEFORE, RUNNING, WAITING), None),
        ((*BEFORE, RUNNING, WAITING, RUNNING), None),
        ((*BEFORE, RUNNING, *AFTER), 2),
        ((*BEFORE, RUNNING, WAITING, *AFTER), None),
        ((*BEFORE, RUNNING, WAITING, RUNNING, *AFTER), 4),
        ((*BEFORE, RUNNING, WAITING, *AFTER, "Crashed", "AwaitingRetry", RUNNING), 7),
        ((*BEFORE, RUNNING, WAITING, *AFTER, WAITING, *AFTER), None),
        ((*BEFORE, RUNNING, WAITING, *AFTER, WAITING, RUNNING, *AFTER), 9),
    ],
)
def test_an_attempt_that_only_waited_for_its_vault_has_started_nothing(names, began):
    states = [(name, START + timedelta(minutes=minute)) for minute, name in enumerate(names)]

    expected = None if began is None else START + timedelta(minutes=began)
    assert to_work_began(reversed(states), is_under_way=True) == expected


@pytest.mark.parametrize(
    ("names", "began"),
    [
        ((*BEFORE, RUNNING, "Crashed"), 2),
        ((*BEFORE, RUNNING, WAITING, "Crashed"), None),
        ((*BEFORE, RUNNING, WAITING, RUNNING, "Crashed"), 4),
        (BEFORE, None),
    ],
)
def test_of_an_attempt_in_another_flow_run_all_counts(names, began):
    states = [(name, START + timedelta(minutes=minute)) for minute, name in enumerate(names)]

    expected = None if began is None else START + timedelta(minutes=began)
    assert to_work_began(states, is_under_way=False) == expected
