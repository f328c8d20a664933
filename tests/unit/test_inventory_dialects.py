"""Every encoding, separator, line end and way of quoting that programs use is understood."""

import pytest

from ec2_backup.inventory import read_inventory
from ec2_backup.model import Inventory, InventoryRow

WEB = "i-0a1b2c3d4e5f60718"
DB = "i-0f9e8d7c6b5a49382"
OLD = "i-1234abcd"


def read(text: str, encoding: str = "utf-8") -> Inventory:
    return read_inventory("list.csv", content=text.encode(encoding))


def ids(text: str, encoding: str = "utf-8") -> list[str]:
    return [row.instance_id for row in read(text, encoding).rows]


@pytest.mark.parametrize(
    ("encoding", "note"),
    [
        ("utf-8", ()),
        ("utf-8-sig", ()),
        ("utf-16", ("The file is UTF-16, not UTF-8: it was read as such.",)),
        ("utf-16-le", ("The file is UTF-16, not UTF-8: it was read as such.",)),
        ("utf-16-be", ("The file is UTF-16, not UTF-8: it was read as such.",)),
        ("utf-32", ("The file is UTF-32, not UTF-8: it was read as such.",)),
        ("cp1252", ("The file is Windows-1252, not UTF-8: it was read as such.",)),
    ],
)
def test_names_survive_the_encodings_of_spreadsheets(encoding, note):
    inventory = read(f"instance_id,Name\n{WEB},Zürich-Büro\n", encoding)

    assert inventory.rows == (InventoryRow(2, WEB, None, "Zürich-Büro"),)
    assert inventory.notes == note


def test_bytes_that_no_other_encoding_allows_are_read_as_iso_8859_1():
    inventory = read_inventory("l", content=f"id,Name\n{WEB},".encode() + b"caf\xe9 \x85\x81")

    assert inventory.notes == ("The file is ISO 8859-1, not UTF-8: it was read as such.",)


@pytest.mark.parametrize("mark", [b"\xfe\xff", b"\xff\xfe"])
def test_utf_16_with_a_byte_order_mark_of_either_end_is_read(mark):
    codec = "utf-16-be" if mark == b"\xfe\xff" else "utf-16-le"

    assert len(read_inventory("l", content=mark + f"id\n{WEB}\n".encode(codec)).rows) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_every_line_end_and_separator_is_understood(end, mark):
    text = end.join(
        [f"Name{mark}Instance ID{mark}Region", f"a{mark}{WEB}{mark}eu-west-1", "", f"b{mark}{DB}{mark}", ""]
    )

    assert read(text).rows == (InventoryRow(2, WEB, "eu-west-1", "a"), InventoryRow(4, DB, None, "b"))


def test_commas_inside_names_do_not_hide_the_semicolons():
    assert ids(f'"Name, or ""what"", ever";instance_id\na,b,c;{WEB}\n') == [WEB]


@pytest.mark.parametrize("first", ["sep=;", '"sep=;"', "SEP=;"])
def test_the_separator_that_a_spreadsheet_declares_is_taken(first):
    assert read(f"{first}\nid;Name\n{WEB};a,b\n").rows == (InventoryRow(3, WEB, None, "a,b"),)


def test_quoted_cells_may_hold_separators_marks_and_line_ends():
    text = f'instance_id,Name\r\n"{WEB}","web, ""blue""\r\nsecond line\r\n\r\nfourth"\r\n{DB}, "x" \r\n'

    assert read(text).rows == (
        InventoryRow(2, WEB, None, 'web, "blue" second line fourth'),
        InventoryRow(6, DB, None, "x"),
    )


def test_two_quoted_cells_of_one_record_may_both_go_on():
    assert read(f'Name,Note,id\n"a\nb","c\n\nd",{WEB}\n{DB},,{OLD}\n').rows[1].line == 6


def test_a_mark_of_inches_in_an_unquoted_cell_is_just_a_character():
    assert read(f'Name,id\n5" disk,{WEB}\n').rows == (InventoryRow(2, WEB, None, '5" disk'),)


def test_a_quoted_title_may_go_on_over_two_lines():
    assert read(f'"Instance\nID",Name\n{WEB},a\n').rows == (InventoryRow(3, WEB, None, "a"),)


def test_the_end_mark_of_dos_files_is_no_line():
    assert ids(f"id\r\n{WEB}\r\n\x1a") == [WEB]
