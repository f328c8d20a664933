"""A file of ids needs no header, as long as it is plain which column they are in."""

import pytest

from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.inventory import read_inventory
from ec2_backup.model import Inventory, InventoryRow

WEB = "i-0a1b2c3d4e5f60718"
DB = "i-0f9e8d7c6b5a49382"


def read(text: str) -> Inventory:
    return read_inventory("list.csv", content=text.encode())


def ids(text: str) -> list[str]:
    return [row.instance_id for row in read(text).rows]


def bad_lines(text: str) -> tuple[BadLine, ...]:
    with pytest.raises(InventoryError) as caught:
        read(text)
    return caught.value.bad_lines


def test_a_file_of_nothing_but_ids_needs_no_header():
    inventory = read(f"{WEB}\n\n{DB},\n")

    assert inventory.rows == (InventoryRow(1, WEB), InventoryRow(3, DB))
    assert inventory.notes == ("The file has no header: column 1 is read as instance ids, and no other.",)


def test_without_a_header_the_column_that_holds_an_id_is_taken():
    assert ids(f"vol-12345678;web;{WEB}\nvol-12345679;db;{DB}\n") == [WEB, DB]


def test_without_a_header_lines_may_differ_in_length():
    assert ids(f"{WEB}\n{DB},db,x,y\n") == [WEB, DB]


def test_without_a_header_a_second_instance_on_a_line_is_not_lost():
    lines = bad_lines(f"{WEB},{DB}\n{WEB}\n{DB},x,i-12345678\n")

    assert [line.number for line in lines] == [1, 3]
    assert lines[0].reason.startswith("there is more than one instance on the line")


def test_without_a_header_a_first_line_that_is_nearly_an_id_is_a_bad_line():
    (line,) = bad_lines(f"i-12\n{WEB}\n")

    assert line.number == 1


def test_without_a_header_a_line_with_very_many_columns_is_a_bad_line():
    (line,) = bad_lines(f"{WEB}\n{DB}{',x' * 200}\n")

    assert line.reason.startswith("there are 201 columns, 128 expected")
