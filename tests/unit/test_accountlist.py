"""The list of accounts: what a line may say, and every line that cannot be used named with its reason."""

from pathlib import Path

import pytest

from ec2_backup.accountlist import read_accounts
from ec2_backup.errors import InventoryError
from ec2_backup.target import Account

ACCOUNT, OTHER = "210987654321", "333333333333"


def listed(folder: Path, text: str) -> tuple[Account, ...]:
    (folder / "accounts.csv").write_text(text, encoding="utf-8")
    return read_accounts(str(folder / "accounts.csv"))


def refused(folder: Path, text: str) -> InventoryError:
    with pytest.raises(InventoryError) as error:
        listed(folder, text)
    return error.value


def test_a_line_may_say_everything_of_an_account(tmp_path: Path):
    text = f"account,role name,external id,vault,Regions\n{ACCOUNT},ops/Backups,agreed-1,Nightly,us-east-1 eu-west-1\n"

    assert listed(tmp_path, text) == (
        Account(ACCOUNT, "ops/Backups", "agreed-1", "Nightly", ("us-east-1", "eu-west-1")),
    )


def test_all_but_the_account_may_be_left_out(tmp_path: Path):
    assert listed(tmp_path, f"Account ID\n{ACCOUNT}\n\n# not yet\n{OTHER}\n") == (Account(ACCOUNT), Account(OTHER))


@pytest.mark.parametrize("cell", ["us-east-1;eu-west-1", '"us-east-1, eu-west-1"', "us-east-1  eu-west-1 us-east-1"])
def test_regions_are_separated_by_what_people_write(tmp_path: Path, cell: str):
    (account,) = listed(tmp_path, f"account,regions\n{ACCOUNT},{cell}\n")

    assert account.regions == ("us-east-1", "eu-west-1")


def test_a_file_may_have_semicolons_between_its_columns(tmp_path: Path):
    (account,) = listed(tmp_path, f"account;vault;regions\n{ACCOUNT};Nightly;us-east-1 eu-west-1\n")

    assert account == Account(ACCOUNT, vault="Nightly", regions=("us-east-1", "eu-west-1"))


def test_a_role_may_be_an_arn_of_the_same_account(tmp_path: Path):
    arn = f"arn:aws:iam::{ACCOUNT}:role/ops/Backups"

    assert listed(tmp_path, f"account,role\n{ACCOUNT},{arn}\n")[0].role == arn


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",R,,,", "the account's number is missing"),
        ("123,R,,,", "'123' is not the number of an account, which has 12 digits"),
        (f"{ACCOUNT},arn:aws:iam::{OTHER}:role/R,,,", f"the role is one of account {OTHER}"),
        (f"{ACCOUNT},arn:aws:iam::{ACCOUNT}:user/R,,,", "is not the ARN of a role"),
        (f"{ACCOUNT},a role,,,", "'a role' is not the name of a role"),
        (f"{ACCOUNT},R,x,,", "the external id has 2 to 1224"),
        (f"{ACCOUNT},R,,a vault,", "'a vault' is not the name of a vault"),
        (f"{ACCOUNT},R,,,us-east-1a", "us-east-1a is an Availability Zone: its Region is us-east-1"),
        (f"{ACCOUNT},R,,,,more", "there are more than 5 columns"),
        (f"{OTHER},,,,", f"account {OTHER} is listed more than once"),
    ],
)
def test_a_line_that_cannot_be_used_is_named_with_its_reason(tmp_path: Path, line: str, reason: str):
    error = refused(tmp_path, f"account,role,external_id,vault,regions\n{OTHER},,,,\n{line}\n")

    assert error.exit_code == 2
    assert [bad.number for bad in error.bad_lines] == [3]
    assert reason in error.bad_lines[0].reason


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("account\n", "lists no account"),
        ("role,vault\nR,V\n", "there is no column for accounts"),
        (f"account,vualt\n{ACCOUNT},V\n", "the column 'vualt' is not known"),
        (f"account,account_id\n{ACCOUNT},{ACCOUNT}\n", "the column 'account_id' is there more than once"),
    ],
)
def test_a_file_that_lists_nothing_or_says_what_nobody_understands_is_refused(tmp_path: Path, text: str, said: str):
    error = refused(tmp_path, text)

    assert said in error.message
    assert "account,role,external_id,vault,regions" in error.hint


def test_a_file_that_is_not_there_says_what_it_should_hold(tmp_path: Path):
    with pytest.raises(InventoryError, match="there is no such file") as error:
        read_accounts(str(tmp_path / "accounts.csv"))

    assert "account,role,external_id,vault,regions" in error.value.hint
