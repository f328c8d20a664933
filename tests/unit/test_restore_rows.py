"""A CSV of restores: read whole, or every bad line named."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.errors import InventoryError
from ec2_backup.restore.cells import parse_at, parse_name
from ec2_backup.restore.rows import read_rows
from tests.unit.restores import ARN, ORIGINAL

OTHER = "i-0f9e8d7c6b5a49382"


def rows_of(*lines: str):
    return read_rows("restores.csv", content="\n".join(lines).encode()).rows


def reasons_of(*lines: str) -> dict[int, str]:
    with pytest.raises(InventoryError) as caught:
        rows_of(*lines)
    return {line.number: line.reason for line in caught.value.bad_lines}


def test_each_column_is_read():
    (row,) = rows_of(
        "order,instance_id,at,region,subnet,security_groups,instance_type,profile,key_pair,name",
        f'3,{ORIGINAL},2026-11-22T02:00,eu-west-1,subnet-0a1b2c3d,"sg-0a1b2c3d, sg-0a1b2c3e",t3.micro,none,ops,web new',
    )

    assert (row.turn, row.instance_id, row.region) == (3, ORIGINAL, "eu-west-1")
    assert row.before == datetime(2026, 11, 22, 2, tzinfo=UTC)
    assert row.changes.security_groups == ("sg-0a1b2c3d", "sg-0a1b2c3e")
    assert (row.changes.subnet, row.changes.instance_type) == ("subnet-0a1b2c3d", "t3.micro")
    assert (row.changes.profile, row.changes.key_pair, row.changes.name) == ("none", "ops", "web new")


def test_the_order_of_the_lines_is_the_order_where_no_column_says_another():
    assert [row.turn for row in rows_of("instance_id", ORIGINAL, OTHER)] == [1, 2]
    assert [row.turn for row in rows_of("instance_id;order", f"{ORIGINAL};2", f"{OTHER};2")] == [2, 2]


def test_a_recovery_point_names_its_region():
    (row,) = rows_of("recovery_point_arn", ARN)

    assert (row.recovery_point_arn, row.region, row.wanted) == (ARN, "eu-central-1", "ami-0123456789abcdef0")


def test_every_bad_line_is_named_with_its_reason():
    reasons = reasons_of(
        "order,instance_id,recovery_point_arn,at,subnet,security_groups,instance_type,region",
        f"1,{ORIGINAL},,,,,,",
        "2,vol-0a1b2c3d,,,,,,",
        f"x,{ORIGINAL},,,,,,",
        f",{ORIGINAL},,,,,,",
        f"3,{ORIGINAL},,yesterday,,,,",
        f"4,{ORIGINAL},,,net,,,",
        f"5,{ORIGINAL},,,,web,,",
        f"6,{ORIGINAL},,,,,large,",
        "7,,,,,,,",
        "8,,ami-0123456789abcdef0,,,,,",
        f"9,,{ARN},2026-11-22,,,,",
        f"10,,{ARN},,,,,us-east-1",
        f"11,{ORIGINAL},,,,,,",
    )

    assert list(reasons) == list(range(3, 15))
    wanted = ["this is a volume id", "place in an order", "place in the order is missing", "not a time",
              "id of a subnet", "id of a security group", "an instance type", "neither an instance",
              "the id of an AMI", "its own time", "more than one Region", "line 2 asks for the same"]  # fmt: skip
    assert [said for said, reason in zip(wanted, reasons.values(), strict=True) if said not in reason] == []


def test_lines_that_differ_in_what_does_not_tell_restores_apart_are_bad():
    reasons = reasons_of(
        "order,instance_id,name,key_pair,subnet",
        f"1,{ORIGINAL},first,,",
        f"2,{ORIGINAL},second,,",
        f"3,{ORIGINAL},,ops,",
        f"4,{ORIGINAL},third,,subnet-0a1b2c3d",
    )

    assert list(reasons) == [3, 4]
    assert reasons[3] == (
        "line 2 asks for the same: a name, a key pair or a place in the order does not tell two restores apart"
    )


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["name,subnet", "a,b"], "no column for instance ids or recovery points"),
        (["instance_id,InstanceId", f"{ORIGINAL},{ORIGINAL}"], "two columns mean the same"),
        (["instance_id"], "asks for no restore"),
    ],
)
def test_a_file_that_cannot_be_used_as_a_whole_says_why(lines, said):
    with pytest.raises(InventoryError, match=said):
        rows_of(*lines)


def test_columns_that_are_not_read_are_named():
    listed = read_rows("restores.csv", content=f"instance_id,Owner\n{ORIGINAL},me\n".encode())

    assert listed.notes == ("Columns that are not read: 'Owner'.",)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-22T02:00", datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ("2026-11-22 02:00:30", datetime(2026, 11, 22, 2, 0, 30, tzinfo=UTC)),
        ("2026-11-22T02:00+02:00", datetime(2026, 11, 22, 0, tzinfo=UTC)),
        ("2026-11-22t02:00:30.5z", datetime(2026, 11, 22, 2, 0, 30, 500_000, tzinfo=UTC)),
        ("2026-11-22T02:00Z", datetime(2026, 11, 22, 2, tzinfo=UTC)),
        ("2026-11-22", datetime(2026, 11, 22, 23, 59, 59, 999999, tzinfo=UTC)),
    ],
)
def test_a_time_is_utc_unless_it_says_otherwise_and_a_date_is_its_end(text, moment):
    assert parse_at(text) == moment


@pytest.mark.parametrize(
    "text",
    [
        "0001-01-01T00:00+05:00",
        "9999-12-31T23:00-05:00",
        "20261122",
        "2026-W47-7",
        "2026W477",
        "2026-11-22T",
        "2026-11-31",
        "2026-11-22T25:00",
        "02:00",
        "yesterday",
    ],
)
def test_what_is_no_time_as_the_help_shows_them_is_refused_with_an_example(text):
    with pytest.raises(ValueError, match="is not a time such as 2026-11-22T02:00 or 2026-11-22"):
        parse_at(text)

    assert "is not a time such as" in reasons_of("instance_id,at", f"{ORIGINAL},{text}")[2]


@pytest.mark.parametrize("name", ["web (restored)", "R&D, #2 [a/b]", "Grüße 東京 😀", "x" * 256])
def test_a_name_is_whatever_ec2_takes_as_a_name_tag(name):
    assert parse_name(name) == name


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("x" * 257, "at most 256"),
        ("aws:web", "prefix aws: is reserved"),
        ("web\x1b[1m", "control character"),
        ("web\udcff", "no text"),
    ],
)
def test_a_name_that_ec2_would_refuse_is_named(name, said):
    with pytest.raises(ValueError, match=said):
        parse_name(name)


cells = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
ids = st.sampled_from([ORIGINAL, OTHER, "", "i-1", "vol-0a1b2c3d"])


@given(st.lists(st.tuples(ids, cells, cells, cells), max_size=8))
def test_whatever_a_csv_holds_each_line_is_a_row_or_is_named(lines):
    written = [",".join([one, *('"' + cell.replace('"', '""') + '"' for cell in more)]) for one, *more in lines]
    content = "\n".join(["instance_id,at,subnet,name", *written]).encode()
    try:
        rows = read_rows("restores.csv", content=content).rows
    except InventoryError:
        return  # which names each bad line, as the test above shows
    named = [one for one, *_ in lines if one]
    assert [row.instance_id for row in rows] == named
    assert {row.instance_id for row in rows} <= {ORIGINAL, OTHER}
