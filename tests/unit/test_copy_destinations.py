"""What somebody types as a vault for copies is a vault, with a retention of its own or the run's, or is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from ec2_backup.copies.destination import CopyDestination, parse_destination, parse_destinations, to_destinations
from ec2_backup.copies.entrance import to_entrances
from ec2_backup.model import Caller, InventoryRow, Target
from ec2_backup.settings import BackupOptions
from ec2_backup.target import Account
from tests.unit.copies import ACROSS, ARN

CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/ops")
NAMES = st.text("abcXYZ019_-", min_size=2, max_size=50)


@given(
    partition=st.sampled_from(["aws", "aws-cn", "aws-us-gov"]),
    region=st.sampled_from(["eu-west-1", "us-gov-east-1", "cn-north-1", "ap-southeast-12"]),
    account=st.text("0123456789", min_size=12, max_size=12),
    name=NAMES,
    days=st.none() | st.integers(1, 36_500),
)
def test_any_vault_of_aws_is_read_as_it_is_written(partition, region, account, name, days):
    arn = f"arn:{partition}:backup:{region}:{account}:backup-vault:{name}"
    text = arn if days is None else f"{arn}={days}"

    one = parse_destination(f" {text} ")

    assert (one.arn, one.partition, one.region, one.account) == (arn, partition, region, account)
    assert (one.vault_name, one.retention_days) == (name, days)


def read(text: str) -> CopyDestination | None:
    try:
        return parse_destination(text)
    except ValueError:
        return None


@given(st.text() | st.from_regex(r"arn:aws:backup:.*"))
def test_any_other_text_is_refused_or_names_exactly_what_it_says(text):
    if one := read(text):
        assert text.strip() == (one.arn if one.retention_days is None else f"{one.arn}={one.retention_days}")


@pytest.mark.parametrize("days", ["0", "36501", "-1", "1.5", "07", "x", "999999", "١"])
def test_a_retention_that_aws_does_not_take_is_refused(days):
    with pytest.raises(ValueError, match="is no retention"):
        parse_destination(f"{ARN}={days}")


def test_a_vault_that_is_there_twice_is_refused_whatever_its_retention():
    with pytest.raises(ValueError, match="is there twice"):
        parse_destinations([ARN, f"{ARN}=30"])


def test_a_vault_without_a_retention_of_its_own_has_that_of_the_run():
    assert [one.retention_days for one in to_destinations([f"{ARN}=30", ACROSS], 7)] == [30, 7]


def test_the_options_name_the_field_that_is_wrong():
    with pytest.raises(ValidationError) as caught:
        BackupOptions(copy_to=(ARN, "Copy"))

    (error,) = caught.value.errors()
    assert error["loc"] == ("copy_to",)


def test_an_account_is_entered_as_for_its_rows_or_through_the_listed_role_or_the_usual_one():
    mine, vaulted = parse_destinations([ARN, ACROSS])
    role = f"arn:aws:iam::{vaulted.account}:role"
    of_a_row = InventoryRow(2, "i-1", account=vaulted.account, role_arn=f"{role}/Own")

    def entrance(rows=(), accounts=None):
        return to_entrances([mine, vaulted], rows, CALLER, "Usual", accounts or {})[ACROSS]

    assert to_entrances([mine], [], CALLER, "Usual", {}) == {ARN: Target("eu-west-1")}
    assert entrance() == Target("eu-west-1", f"{role}/Usual")
    assert entrance(accounts={vaulted.account: Account(vaulted.account, "ops/Listed")}).role_arn == f"{role}/ops/Listed"
    assert entrance([of_a_row]).role_arn == f"{role}/Own"
