"""Which account a row is backed up in and how that is entered, and what an account that is not ready costs."""

import pytest

from ec2_backup.accounts import to_aimed_rows, to_failures
from ec2_backup.batches import doors_of, home_of, targets_of
from ec2_backup.errors import AccessError, VaultError
from ec2_backup.ledger import Ledger
from ec2_backup.model import Caller, Inventory, InventoryRow, ServiceRole, Target, Vault
from ec2_backup.permissions import to_whole
from ec2_backup.results import PermissionCheck
from ec2_backup.settings import BackupRequest
from tests.unit.backups import BEGAN, instance_id

OWN, OTHER = "123456789012", "210987654321"
ROLE = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"
CALLER = Caller(OWN, f"arn:aws:iam::{OWN}:user/ops")
EU, US = "eu-west-1", "us-east-1"


def row(number: int, account: str | None = None, role_arn: str | None = None, region: str = US) -> InventoryRow:
    return InventoryRow(number, instance_id(number), region, account=account, role_arn=role_arn)


def aimed(*rows: InventoryRow, caller: Caller = CALLER, role: str = "EC2BackupAutomation") -> list[str | None]:
    return [one.role_arn for one in to_aimed_rows(rows, caller, role)]


def test_the_callers_own_account_is_entered_through_no_role():
    assert aimed(row(2), row(3, OWN)) == [None, None]


def test_another_account_is_entered_through_the_role_of_the_name_that_was_asked_for():
    assert aimed(row(2, OTHER)) == [ROLE]
    assert aimed(row(2, OTHER), role="ops/Backups") == [f"arn:aws:iam::{OTHER}:role/ops/Backups"]


def test_another_partition_has_roles_of_its_own():
    china = Caller(OWN, f"arn:aws-cn:iam::{OWN}:user/ops", "aws-cn")

    assert aimed(row(2, OTHER), caller=china) == [f"arn:aws-cn:iam::{OTHER}:role/EC2BackupAutomation"]


def test_a_role_that_a_row_names_counts_also_in_the_callers_own_account():
    mine = f"arn:aws:iam::{OWN}:role/Mine"
    (one,) = to_aimed_rows([row(2, None, mine)], CALLER, "EC2BackupAutomation")

    assert (one.account, one.role_arn) == (OWN, mine)


def test_rows_that_were_aimed_stay_as_they_are():
    once = to_aimed_rows([row(2, OTHER), row(3)], CALLER, "EC2BackupAutomation")

    assert to_aimed_rows(once, CALLER, "Other") == once


def test_targets_are_accounts_and_regions_the_callers_own_first():
    rows = [row(2, OTHER, ROLE, EU), row(3, region=US), row(4, region=EU), row(5, OTHER, ROLE, US), row(6, region=US)]

    assert targets_of(rows) == [Target(EU), Target(US), Target(EU, ROLE), Target(US, ROLE)]
    assert doors_of(rows) == [Target(EU), Target(EU, ROLE)]
    assert home_of(rows[:1]) == Target(EU)


def test_a_target_says_its_account_where_that_is_not_the_callers():
    assert (str(Target(EU)), str(Target(EU, ROLE))) == (EU, f"{EU} of account {OTHER}")
    assert (Target(EU).account, Target(EU, ROLE).account) == ("", OTHER)


def test_what_is_wrong_with_an_account_fails_each_of_its_rows_and_no_other():
    refused = AccessError("sts:AssumeRole", "AccessDenied", "not authorized", hint="Look at the trust policy.")

    failures = to_failures([row(2), row(3, OTHER, ROLE), row(4, OTHER, ROLE)], ROLE, 3, refused)

    assert [failure.instance_id for failure in failures] == [instance_id(3), instance_id(4)]
    assert {(one.step, one.advice, one.aws_code) for one in failures} == {(3, refused.hint, "AccessDenied")}


@pytest.mark.parametrize(("role_arn", "name"), [(ROLE, f"account {OTHER}"), ("", "account of the caller")])
def test_an_account_that_was_entered_and_is_not_ready_is_named(role_arn: str, name: str):
    absent = VaultError("backup:DescribeBackupVault", "AccessDenied", "the vault V does not exist", region=EU)

    (failure,) = to_failures([row(2, None, role_arn)], role_arn, 8, absent)

    assert failure.reason.startswith(f"{name} is not ready: ")
    assert "the vault V does not exist" in failure.reason


def test_a_ledger_closes_an_account_and_goes_on_with_the_others():
    run = Ledger(BackupRequest(), "run-1", BEGAN)
    run.inventory = Inventory("list.csv", (row(2), row(3, OTHER)))
    run.aim(run.keep(3, CALLER))
    run.keep_places(3, [Caller(OTHER, ROLE, access_role_arn=ROLE)])
    run.keep_places(7, [ServiceRole("Backup", "arn"), ServiceRole("Backup", "arn:2", (), ROLE)])
    run.keep_places(8, [Vault("V", "arn", US), Vault("V", "arn:2", US, access_role_arn=ROLE)])
    assert run.account(Target(US, ROLE))[1].arn == "arn:2"

    run.close(ROLE, 9, VaultError("kms:DescribeKey", "Disabled", "the key is disabled"))

    assert [one.instance_id for one in run.open_rows] == [instance_id(2)]
    assert list(run.destinations) == [Target(US)]
    assert run.caller == CALLER
    assert run.failures[instance_id(3)].step == 9


def test_permissions_of_several_accounts_are_those_that_each_of_them_gives():
    here = PermissionCheck(("a:A", "b:B"), (), ("c:C",))
    there = PermissionCheck(("b:B",), (), ("c:C", "d:D"), "simulation was refused", ROLE)

    assert to_whole([here]) == here
    assert to_whole([here, there]) == PermissionCheck(("b:B",), (), ("c:C", "d:D"), f"{OTHER}: simulation was refused")
