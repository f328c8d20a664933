"""Every line that cannot be used is named with its number, its content and the reason."""

import pickle

import pytest

from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.inventory import read_inventory

WEB = "i-0a1b2c3d4e5f60718"
DB = "i-0f9e8d7c6b5a49382"


def error_of(text: str | bytes) -> InventoryError:
    with pytest.raises(InventoryError) as caught:
        read_inventory("list.csv", content=text if isinstance(text, bytes) else text.encode())
    return caught.value


def bad_lines(text: str | bytes) -> tuple[BadLine, ...]:
    return error_of(text).bad_lines


def test_all_bad_lines_are_named_in_the_order_of_the_file():
    error = error_of(f'id,Region\n{WEB},us-east-1\n\nhello,\ni-12,\n"x\n{WEB},eu-west-1\n,us-east-1\n')

    assert [(line.number, line.content) for line in error.bad_lines] == [
        (4, "hello,"),
        (5, "i-12,"),
        (6, '"x'),
        (7, f"{WEB},eu-west-1"),
        (8, ",us-east-1"),
    ]
    assert str(error) == "list.csv: 5 of 6 lines cannot be used: lines 4, 5, 6, 7 and 8"
    assert error.exit_code == 2
    assert error.hint.startswith("Correct these lines")


def test_the_message_about_many_bad_lines_stays_short_and_the_list_complete():
    error = error_of("id\n" + "x\n" * 1000)

    assert len(str(error)) < 120
    assert len(error.bad_lines) == 1000
    assert "and 990 more" in str(error)


def test_the_bad_lines_cross_processes():
    error = error_of("id\nx\n")

    assert pickle.loads(pickle.dumps(error)).bad_lines == error.bad_lines


def test_a_long_line_is_cut():
    (line,) = bad_lines("id\n" + "x" * 10_000 + "\n")

    assert len(line.content) == 80
    assert line.content.endswith("x…")


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("", "the instance id is missing"),
        ("-", "the instance id is missing"),
        ("vol-0123456789abcdef0", "this is a volume id"),
        ("ami-12345678", "this is an AMI id"),
        ("mi-0123456789abcdef0", "outside EC2"),
        ("i-0123456789abcdef", "there are 16 digits after i-"),
        ("i-1", "there is 1 digit after i-"),
        ("i-", "there are 0 digits after i-"),
        ("i-0123456789abcdefg", "'g' is not a hexadecimal digit"),
        ("i-0123456O", "'o' is not a hexadecimal digit"),
        ("0123456789abcdef0", "the i- is missing"),
        ("12345678", "the i- is missing"),
        ("1.23E+17", "this is a number"),
        ("#REF!", "a spreadsheet left its error"),
        ("#N/A", "a spreadsheet left its error"),
        ("i–0123456789abcdef0", "its dash is not a hyphen"),
        ("10.0.0.1", "this is not an instance id"),
        ("i-am not an id", "this is not an instance id"),
        (f"{WEB} {DB}", "more than an instance id in the cell"),
        (f"{WEB} web", "more than an instance id in the cell"),
        ("arn:aws:ec2:us-east-1:111122223333:volume/vol-12345678", "this ARN does not name an EC2 instance"),
        ("arn:aws:ec2:us-east-1:111122223333:instance/i-12", "this ARN does not name an EC2 instance"),
        ("instance_id", "this is the header again"),
        ("Instance ID", "this is the header again"),
    ],
)
def test_the_reason_says_what_the_cell_is_instead_of_an_id(cell, reason):
    (line,) = bad_lines(f"instance_id,Name\n{cell},web\n{DB},db\n")

    assert line.number == 2
    assert line.content == f"{cell},web"
    assert reason in line.reason


@pytest.mark.parametrize(
    ("region", "reason"),
    [
        ("us-east-1a", "us-east-1a is an Availability Zone: its Region is us-east-1"),
        ("Frankfurt", "'Frankfurt' is not the code of a Region"),
        ("us-east", "'us-east' is not the code of a Region"),
    ],
)
def test_a_region_that_is_none_is_a_bad_line(region, reason):
    (line,) = bad_lines(f"id,Region\n{WEB},{region}\n")

    assert reason in line.reason


def test_one_instance_in_two_regions_is_a_conflict():
    (line,) = bad_lines(f"id,Region\n{WEB},us-east-1\n{DB},\n{WEB},\n{WEB},eu-west-1\n")

    assert line.number == 5
    assert line.reason.startswith("the same instance is in us-east-1 on line 2")


def test_an_arn_that_contradicts_its_region_column_is_a_conflict():
    (line,) = bad_lines(f"arn,Region\narn:aws:ec2:eu-west-1:1:instance/{WEB},us-east-1\n")

    assert line.reason == "the ARN is of Region eu-west-1, and the Region column says us-east-1"


@pytest.mark.parametrize("text", [f"id,Name\n{WEB},a,b\n", f'id,Name\n{WEB},"a,b",c\n', f"id,Name\n{WEB},,,c,\n"])
def test_too_many_columns_are_counted(text):
    (line,) = bad_lines(text)

    assert "columns, 2 expected" in line.reason


def test_separators_inside_a_quoted_cell_make_no_columns():
    (line,) = bad_lines('Name,id\n"a,b,c"\n')

    assert line.reason == "the instance id is missing"


def test_a_mark_that_is_never_closed_costs_one_line():
    lines = bad_lines(f'id,Name\n{WEB},"web\n{DB},db\nnonsense,x\n')

    assert [(line.number, line.reason.split(" here")[0]) for line in lines] == [
        (2, "a quotation mark opens a cell"),
        (4, "this is not an instance id; an instance id is i- and 8 or 17 hexadecimal digits"),
    ]


@pytest.mark.parametrize("second", [f'{DB},"db"', f'"{DB}",db'])
def test_a_mark_that_is_closed_by_the_next_one_is_noticed(second):
    (line,) = bad_lines(f'id,Name\n{WEB},"web\n{second}\n')

    assert line.number == 2
    assert line.reason.startswith("there is text after a closing quotation mark")


def test_a_quoted_cell_that_swallows_an_id_is_noticed():
    (line,) = bad_lines(f'id,Name\n{WEB},"web\n{DB},"\n')

    assert line.number == 2
    assert line.reason.startswith("a quoted cell goes on over a line with an instance id")


@pytest.mark.parametrize("cell", ["x\n" * 300, "x" * 70_000 + "\n"])
def test_a_quoted_cell_without_end_is_given_up(cell):
    first, *_ = bad_lines(f'Name,id\n"{cell}",{WEB}\n')

    assert (first.number, first.reason) == (2, "a quotation mark opens a cell here and none closes it")


def test_a_nul_byte_spoils_only_its_line():
    assert [(line.number, line.reason[:18]) for line in bad_lines(f"id,Name\n{WEB},a\0b\n{DB},abcdefghijklmnop\n")] == [
        (2, "it holds a NUL byt")
    ]


def test_a_nul_byte_inside_a_quoted_cell_ends_it():
    assert [line.number for line in bad_lines(f'id,Name\n{WEB},"a\nb\0"\n{DB},a long enough name here\n')] == [2, 3]


@pytest.mark.parametrize("header", ['id,"Name', "id\0,Name and further columns, so that it is text"])
def test_a_bad_header_is_named_first(header):
    (line,) = bad_lines(f"{header}\nweb,{WEB},and more text to make it no binary file\n")

    assert line.number == 1


def test_a_file_of_bad_lines_only_names_them():
    assert [line.number for line in bad_lines('"x\n"y\n')] == [1, 2]
