"""The columns of an inventory that say whose account an instance is in, and through which role that is entered."""

import pytest

from ec2_backup.errors import InventoryError
from ec2_backup.inventory import read_inventory

WEB, DB = "i-0a1b2c3d4e5f60718", "i-0f9e8d7c6b5a49382"
ACCOUNT, OTHER = "210987654321", "333333333333"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/ops/Backups"


def rows(text: str):
    return read_inventory("list.csv", content=text.encode()).rows


def reasons(text: str) -> list[str]:
    with pytest.raises(InventoryError) as error:
        rows(text)
    return [line.reason for line in error.value.bad_lines]


@pytest.mark.parametrize("title", ["account", "Account ID", "aws_account_id", "OwnerId", "AWS Account"])
def test_a_column_of_accounts_is_known_by_its_usual_titles(title: str):
    (row,) = rows(f"instance_id,{title}\n{WEB},{ACCOUNT}\n")

    assert (row.account, row.role_arn) == (ACCOUNT, None)


@pytest.mark.parametrize("cell", ["2109-8765-4321", '"=""210987654321"""', "'210987654321", " 210987654321 "])
def test_an_account_may_be_written_as_consoles_and_spreadsheets_do(cell: str):
    (row,) = rows(f"instance_id,account\n{WEB},{cell}\n")

    assert row.account == ACCOUNT


@pytest.mark.parametrize("title", ["role_arn", "Role ARN", "assume_role", "account_role"])
def test_a_role_arn_gives_the_account_as_well(title: str):
    (row,) = rows(f"instance_id,{title}\n{WEB},{ROLE}\n")

    assert (row.account, row.role_arn) == (ACCOUNT, ROLE)


def test_empty_cells_leave_a_row_in_the_callers_own_account():
    (row,) = rows(f"instance_id,account,role_arn\n{WEB},-,\n")

    assert (row.account, row.role_arn) == (None, None)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("prod", "'prod' is not the number of an account, which has 12 digits"),
        ("21098765432", "did a spreadsheet take its noughts away?"),
        ("2.10988E+11", "format the column of accounts as text"),
        ("2109876543210", "is not the number of an account"),
    ],
)
def test_an_account_that_is_none_is_a_bad_line(cell: str, reason: str):
    (said,) = reasons(f"instance_id,account\n{WEB},{cell}\n{DB},{ACCOUNT}\n")

    assert reason in said


@pytest.mark.parametrize("cell", ["Backups", f"arn:aws:iam::{ACCOUNT}:user/ops", "arn:aws:iam::1:role/R"])
def test_what_is_no_arn_of_a_role_is_a_bad_line(cell: str):
    (said,) = reasons(f"instance_id,role_arn\n{WEB},{cell}\n")

    assert "is not the ARN of a role, such as arn:aws:iam::" in said


@pytest.mark.parametrize(
    "line",
    [f"{WEB},{OTHER},{ROLE}", f"arn:aws:ec2:eu-west-1:{ACCOUNT}:instance/{WEB},{OTHER},"],
)
def test_cells_that_name_two_accounts_are_a_bad_line(line: str):
    (said,) = reasons(f"instance_id,account,role_arn\n{line}\n")

    assert said.startswith("its cells name more than one account: ")
    assert ACCOUNT in said
    assert OTHER in said


def test_a_repetition_may_add_the_account_but_not_change_it():
    (row,) = rows(f"instance_id,account\n{WEB},\n{WEB},{ACCOUNT}\n")
    (said,) = reasons(f"instance_id,account\n{WEB},{ACCOUNT}\n{WEB},{OTHER}\n")

    assert (row.account, row.repeated_on_lines) == (ACCOUNT, (3,))
    assert said == f"the same instance is in account {ACCOUNT} on line 2: an instance has one account"


def test_columns_of_accounts_and_roles_are_not_among_those_that_are_not_read():
    inventory = read_inventory("list.csv", content=f"instance_id,account,role_arn,Tier\n{WEB},,,x\n".encode())

    assert inventory.notes == ("Columns that are not read: 'Tier'.",)
