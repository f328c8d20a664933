"""Inventories as people really have them are read, whatever wrote them."""

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


def test_a_file_on_disk_is_read(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(f"instance_id,Name,Region\n{WEB},web-1,us-east-1\n{OLD},,\n")

    assert read_inventory(str(path)) == Inventory(
        str(path), (InventoryRow(2, WEB, "us-east-1", "web-1"), InventoryRow(3, OLD)), ()
    )


@pytest.mark.parametrize(
    "title",
    [
        *("instance_id", "InstanceId", "InstanceID", "INSTANCE_ID", "Instance ID", "instance-id", " Instance  Id "),
        *("EC2 Instance Id", "ec2_instance_id", "Instance", "instances", "id", "ID", "Resource ID", "\ufeffInstanceId"),
    ],
)
def test_the_id_column_is_found_under_the_titles_that_people_give_it(title):
    assert ids(f"Name,{title}\nweb,{WEB}\n") == [WEB]


def test_the_most_telling_title_wins():
    assert ids(f"id,Instance ID\n1,{WEB}\n2,{DB}\n") == [WEB, DB]


@pytest.mark.parametrize("title", ["Region", "AWS Region", "aws_region", "region-name"])
def test_the_region_column_gives_each_row_its_region(title):
    rows = read(f"instance_id,{title}\n{WEB},US-EAST-1\n{DB},us-gov-west-1\n{OLD},\n").rows

    assert [row.region for row in rows] == ["us-east-1", "us-gov-west-1", None]


@pytest.mark.parametrize("title", ["Name", "Instance Name", "tag:Name", "Tags.Name"])
def test_the_name_is_kept(title):
    assert [row.name for row in read(f"{title},instance_id\n web \t 1 ,{WEB}\n-,{DB}\n").rows] == ["web 1", None]


def test_other_columns_are_ignored_and_said_once():
    inventory = read(f"Name,Instance ID,Instance state,AvailabilityZone,\nweb,{WEB},running,us-east-1a,\n")

    assert inventory.rows == (InventoryRow(2, WEB, None, "web"),)
    assert inventory.notes == ("Columns that are not read: 'Instance state' and 'AvailabilityZone'.",)


def test_a_long_list_of_ignored_columns_is_cut():
    titles = ",".join(f"c{number}" for number in range(12))

    assert read(f"id,{titles}\n{WEB}\n").notes[0].endswith("'c7' and 4 more.")


def test_line_numbers_count_blank_lines_and_comments():
    text = f"# made by hand\n\ninstance_id\n  # web\n{WEB}\n \t \n,,\n{DB}  # no comment, a cell of its own\n"

    with pytest.raises(Exception, match="lines cannot be used: line 8"):
        read(text)
    assert [row.line for row in read(text.replace("  # no", "\n# no")).rows] == [5, 8]


def test_spaces_and_unseen_characters_around_ids_are_taken_off():
    text = f"\ufeff instance_id \n\u200b{WEB}\u00a0\n\u00a0 {DB}\u200b \n\t{OLD}\u2060\n"

    assert ids(text) == [WEB, DB, OLD]


@pytest.mark.parametrize("cell", [f'="{WEB}"', f"'{WEB}", f"`{WEB}`", f'"""{WEB}"""', WEB.upper()])
def test_what_spreadsheets_and_people_put_around_ids_is_taken_off(cell):
    assert ids(f"instance_id,Name\n{cell},web\n") == [WEB]


def test_rows_of_nothing_but_separators_are_blank():
    assert ids(f'id,Name\n{WEB},a\n,\n,,,,\n"",""\n') == [WEB]


def test_short_rows_and_empty_cells_beyond_the_header_are_fine():
    assert read(f'id,Name,Region\n{WEB}\n{DB},db,,,\n{OLD},,,"",\n').rows == (
        InventoryRow(2, WEB),
        InventoryRow(3, DB, None, "db"),
        InventoryRow(4, OLD),
    )


def test_an_arn_gives_id_region_and_account():
    text = f"arn\narn:aws:ec2:eu-west-1:111122223333:instance/{WEB}\narn:aws-us-gov:ec2:us-gov-east-1::instance/{DB}\n"

    assert read(text).rows == (
        InventoryRow(2, WEB, "eu-west-1", account="111122223333"),
        InventoryRow(3, DB, "us-gov-east-1"),
    )


def test_a_repeated_instance_is_merged_into_its_first_line():
    inventory = read(f"id,Region,Name\n{WEB},,\n{DB},,\n{WEB.upper()},us-east-1,\n{WEB},us-east-1,web\n")

    assert inventory.rows == (InventoryRow(2, WEB, "us-east-1", "web", (4, 5)), InventoryRow(3, DB))
    assert inventory.notes == (f"Instances named more than once, each backed up once: {WEB} (lines 2, 4 and 5).",)


def test_a_header_behind_a_comment_sign_is_a_header():
    assert read(f"#instance_id;Region\n{WEB};us-east-1\n").rows == (InventoryRow(2, WEB, "us-east-1"),)


def test_a_comment_about_the_columns_does_not_replace_the_header():
    assert read(f"# instance_id, Region\nid,Region\n{WEB},us-east-1\n").rows == (InventoryRow(3, WEB, "us-east-1"),)


def test_a_comment_that_names_an_instance_is_pointed_out():
    assert read(f"id\n# {WEB}\n{DB}\n").notes == ("Line 2 is a comment and names an instance: not read.",)
    assert read(f"id\n# {WEB}\n#{OLD}\n{DB}\n").notes == ("Lines 2 and 3 are comments and name an instance: not read.",)
