"""Step 2, without a CSV: instances by their tags, state and name, as EC2 itself filters them."""

import pytest

from ec2_backup import calls
from ec2_backup.aws.source import load_inventory
from ec2_backup.errors import InventoryError, UsageError
from tests.aws.backups import REGION, client, instance_id

ONE, TWO, THREE = (instance_id(number) for number in (1, 2, 3))


@pytest.fixture(autouse=True)
def tagged(sandbox):  # noqa: ARG001 - the instances are its
    """Three instances that carry a tag, one of them another one as well."""
    client("ec2").create_tags(Resources=[ONE, TWO, THREE], Tags=[{"Key": "Backup", "Value": "yes, please"}])
    client("ec2").create_tags(Resources=[TWO], Tags=[{"Key": "Env", "Value": "dev"}])
    yield
    client("ec2").delete_tags(Resources=[ONE, TWO, THREE], Tags=[{"Key": "Backup"}, {"Key": "Env"}])


def chosen(source: str) -> set[str]:
    return {row.instance_id for row in load_inventory(source, REGION).rows}


def test_a_tag_chooses_and_an_exclusion_leaves_out():
    assert chosen("select: 'tag:Backup=yes, please'") == {ONE, TWO, THREE}
    assert chosen("select: tag:Backup except tag:Env=dev") == {ONE, THREE}


def test_terms_and_groups_are_and_and_or():
    assert chosen("select: tag:Backup=yes* and tag:Env=dev|test") == {TWO}
    assert chosen(f"select: tag:Env=dev or instance-id={ONE}") == {ONE, TWO}


def test_the_rows_carry_their_region_and_name_and_cost_one_call_for_each_group():
    before = calls.made()

    inventory = load_inventory("select: tag:Backup", REGION)

    assert calls.since(before) == {"ec2:DescribeInstances": 1}
    assert {row.region for row in inventory.rows} == {REGION}
    assert all(row.name for row in inventory.rows)
    assert [row.name for row in inventory.rows] == sorted(row.name or "" for row in inventory.rows)


def test_a_selection_that_nothing_fits_is_an_error_and_no_empty_run():
    with pytest.raises(InventoryError, match="no instance in us-east-1 fits select: tag:Backup=never"):
        load_inventory("select: tag:Backup=never", REGION)


def test_a_selection_needs_a_region(env):
    env.delenv("AWS_REGION", raising=False)
    env.delenv("AWS_DEFAULT_REGION", raising=False)

    with pytest.raises(UsageError, match="needs a Region"):
        load_inventory("select: tag:Backup", None)
