"""A sample is random, and always the same one for the same drill."""

from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.drill.sample import divide, to_restore_rows, to_sample
from ec2_backup.model import InventoryRow
from ec2_backup.restore.model import Changes
from tests.unit.restores import GROUP, REGION, SUBNET

ids = st.lists(st.from_regex(r"i-0[0-9a-f]{16}", fullmatch=True), min_size=1, max_size=30)


@given(ids, st.integers(1, 40), st.text(min_size=1), st.randoms())
def test_a_sample_is_a_function_of_the_key_and_of_what_is_listed_in_whatever_order(found, wanted, key, random) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)

    sample = to_sample(found, str(wanted), key)

    assert sample == to_sample(shuffled, str(wanted), key)
    assert len(sample) == min(wanted, len(set(found)))
    assert set(sample) <= set(found)


def test_other_drills_have_other_samples_and_all_is_all() -> None:
    found = [f"i-0{number:016x}" for number in range(50)]

    assert len({tuple(to_sample(found, "5", f"key-{number}")) for number in range(10)}) > 5
    assert to_sample(found, "all", "key") == found


def test_instances_elsewhere_are_not_drilled_and_it_is_said_where_they_are() -> None:
    rows = [
        InventoryRow(1, "i-here", region=REGION),
        InventoryRow(2, "i-own", region=REGION, account="123456789012"),
        InventoryRow(3, "i-there", region="us-east-1"),
        InventoryRow(4, "i-other", region=REGION, account="210987654321"),
    ]

    here, elsewhere = divide(rows, "123456789012", REGION)

    assert [row.instance_id for row in here] == ["i-here", "i-own"]
    assert [(row.instance_id, why) for row, why in elsewhere] == [
        ("i-there", f"it is in us-east-1, and the drill's subnet in {REGION}"),
        ("i-other", "it is in account 210987654321, and the drill in 123456789012"),
    ]


def test_what_is_restored_has_the_isolated_place_no_profile_and_a_name_of_its_own() -> None:
    changes = Changes(subnet=SUBNET, security_groups=(GROUP,), profile="none")

    (row,) = to_restore_rows(["i-0a"], changes, REGION)

    assert (row.changes.subnet, row.changes.security_groups, row.changes.profile) == (SUBNET, (GROUP,), "none")
    assert row.changes.name == "drill-i-0a"
