"""A list that was written from a selection is the CSV of a later run."""

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.inventory import read_inventory
from ec2_backup.listing import to_inventory_csv
from ec2_backup.model import InventoryRow
from tests.unit.backups import instance_id

NAMES = st.none() | st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=20)


@given(st.lists(NAMES, min_size=1, max_size=5))
def test_whatever_the_names_every_instance_comes_back_with_its_region(names):
    rows = [InventoryRow(line, instance_id(line), "eu-central-1", name) for line, name in enumerate(names, 1)]

    read = read_inventory("list.csv", content=to_inventory_csv(rows).encode())

    assert [(row.instance_id, row.region) for row in read.rows] == [(row.instance_id, row.region) for row in rows]


ACCOUNTS = st.none() | st.sampled_from(["012345678901", "210987654321"])
ENTERED = st.tuples(ACCOUNTS, st.booleans()).map(
    lambda one: (one[0], f"arn:aws:iam::{one[0]}:role/ops/Backups" if one[0] and one[1] else None)
)


@given(st.lists(ENTERED, min_size=1, max_size=5))
def test_every_instance_comes_back_with_its_account_and_the_role_through_which_that_is_entered(entered):
    rows = [
        InventoryRow(line, instance_id(line), "eu-central-1", f"web-{line}", account=account, role_arn=role)
        for line, (account, role) in enumerate(entered, 2)
    ]

    read = read_inventory("list.csv", content=to_inventory_csv(rows).encode())

    assert list(read.rows) == rows
    assert read.notes == ()


def test_a_list_of_one_account_has_no_columns_for_others():
    text = to_inventory_csv([InventoryRow(1, instance_id(1), "eu-central-1", "web-1")])

    assert text.splitlines()[0] == "instance_id,Name,Region"


def test_a_name_that_a_spreadsheet_would_run_is_written_as_text():
    text = to_inventory_csv([InventoryRow(1, instance_id(1), "eu-central-1", "=cmd|' /C calc'!A0")])

    assert "'=cmd" in text
