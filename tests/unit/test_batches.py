"""A fleet is cut into pieces of one Region each, and nothing is lost or repeated on the way."""

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.batches import by_target, in_groups, started_size, targets_of
from ec2_backup.model import InventoryRow, Target
from tests.unit.backups import a_job, a_plan, an_instance, instance_id

ROWS = st.lists(st.sampled_from(["us-east-1", "eu-west-1", "ap-south-1"])).map(
    lambda regions: [InventoryRow(line, instance_id(line), region) for line, region in enumerate(regions, 2)]
)


@given(ROWS, st.integers(1, 5))
def test_every_item_is_in_exactly_one_batch_of_its_own_region(rows, size):
    batches = by_target(rows, size)

    assert sorted((row for _, batch in batches for row in batch), key=lambda row: row.line) == rows
    assert all(1 <= len(batch) <= size for _, batch in batches)
    assert all(row.region == target.region for target, batch in batches for row in batch)


@given(ROWS, st.integers(1, 5))
def test_the_order_of_the_list_stays_within_a_region(rows, size):
    for target in targets_of(rows):
        lines = [row.line for where, batch in by_target(rows, size) if where == target for row in batch]
        assert lines == sorted(lines)


@given(ROWS)
def test_each_region_is_named_once_in_alphabetical_order(rows):
    assert [target.region for target in targets_of(rows)] == sorted({row.region for row in rows})


def test_backups_go_where_their_jobs_are():
    backups = [(a_plan(an_instance(1)), a_job(instance_id(1), region="eu-west-1"))]

    assert by_target(backups, 200) == [(Target("eu-west-1"), backups)]


def test_instances_go_where_they_are():
    instances = [an_instance(1, region="us-east-1"), an_instance(2, region="eu-west-1")]

    assert by_target(instances, 200) == [(Target("eu-west-1"), [instances[1]]), (Target("us-east-1"), [instances[0]])]


@given(st.lists(st.integers()), st.integers(1, 7))
def test_groups_hold_everything_in_its_order(items, size):
    groups = in_groups(items, size)

    assert [item for group in groups for item in group] == items
    assert all(len(group) == size for group in groups[:-1])


@given(st.integers(0, 100_000))
def test_there_are_never_more_than_a_thousand_start_tasks(instances):
    size = started_size(instances)

    assert -(-instances // size) <= 1000
    assert instances > 1000 or size == 1
