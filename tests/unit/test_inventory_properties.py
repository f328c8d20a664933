"""Whatever a file is made of: no id is lost, none is invented, and nothing but our own error is raised."""

import csv
import io
from dataclasses import dataclass

from hypothesis import example, given, settings
from hypothesis import strategies as st

from ec2_backup.errors import InventoryError
from ec2_backup.inventory import read_inventory
from ec2_backup.model import InventoryRow

HEX = "0123456789abcdef"
REGIONS = [None, "us-east-1", "eu-central-1", "ap-southeast-2", "us-gov-west-1", "eusc-de-east-1"]
CHEAP = settings(max_examples=150, deadline=None)  # deadlines are timed tests

instance_ids = st.sampled_from([8, 17]).flatmap(
    lambda digits: st.text(HEX, min_size=digits, max_size=digits).map(lambda text: f"i-{text}")
)
# What names are made of, and what makes a CSV hard to read; control characters are left to the tests of bad lines.
names = st.text(st.sampled_from("abcXYZ 019.-_:/@,;|\t\"'#=éßø\n"), max_size=12)
noise = st.sampled_from(["", "  ", "\t", "# a comment", "   # another, with a comma", "#\tand a tab"])
paddings = st.sampled_from(["", " ", "  ", "\u00a0", "\u200b"])


@dataclass(frozen=True)
class Written:
    """A file's bytes, and what must be read from it."""

    content: bytes
    rows: tuple[InventoryRow, ...]


@st.composite
def files(draw: st.DrawFn) -> Written:
    """Write ids, names and Regions as some program might, and remember on which line each began."""
    mark, end = draw(st.sampled_from(",;\t|")), draw(st.sampled_from(["\n", "\r\n", "\r"]))
    style = draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]))
    order = draw(st.permutations(["Name", "Instance ID", "Region", "State"]))
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=mark, lineterminator=end, quoting=style)
    writer.writerow(order)
    rows: list[InventoryRow] = []
    for instance_id in draw(st.lists(instance_ids, min_size=1, max_size=8, unique=True)):
        out.write("".join(line + end for line in draw(st.lists(noise, max_size=2))))
        name, region = draw(names).lstrip(" \t#").replace("\n", end), draw(st.sampled_from(REGIONS))
        pad = draw(paddings)
        cells = {"Name": name, "Region": region or "", "State": "running"}
        written = draw(st.sampled_from([instance_id, instance_id.upper()]))
        line = count_lines(out.getvalue())
        writer.writerow([({"Instance ID": f"{pad}{written}{pad}"} | cells)[title] for title in order])
        rows.append(InventoryRow(line, instance_id, region, " ".join(name.split()) or None))
    encoding = draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"]))
    return Written(out.getvalue().encode(encoding), tuple(rows))


def count_lines(text: str) -> int:
    """Return the number of the line on which whatever is written next begins, as an editor counts."""
    return len(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"))


@given(files())
@CHEAP
def test_whatever_was_written_is_read_back_exactly(written):
    rows = read_inventory("f.csv", content=written.content).rows

    assert [(row.line, row.instance_id, row.region) for row in rows] == [
        (row.line, row.instance_id, row.region) for row in written.rows
    ]
    for row, expected in zip(rows, written.rows, strict=True):
        assert row.name == expected.name or expected.name in {"-", "–", "—"}


@given(st.lists(instance_ids, min_size=1, max_size=30), st.sampled_from(["\n", "\r\n", "\r"]))
@CHEAP
def test_repeated_ids_are_merged_in_the_order_of_their_first_lines(ids, end):
    rows = read_inventory("f.csv", content=end.join(["id", *ids]).encode()).rows

    assert [row.instance_id for row in rows] == list(dict.fromkeys(ids))
    for row in rows:
        lines = [number for number, instance_id in enumerate(ids, 2) if instance_id == row.instance_id]
        assert [row.line, *row.repeated_on_lines] == lines


@given(st.lists(st.tuples(instance_ids, st.booleans()), min_size=1, max_size=30))
@CHEAP
def test_exactly_the_lines_that_were_spoilt_are_named(lines):
    spoilt = [number for number, (_, is_spoilt) in enumerate(lines, 2) if is_spoilt]
    text = "\n".join(["id", *(f"{instance_id}{'x' * is_spoilt}" for instance_id, is_spoilt in lines)])
    try:
        read_inventory("f.csv", content=text.encode())
    except InventoryError as error:
        assert [line.number for line in error.bad_lines] == spoilt  # noqa: PT017 - no error is right where none is spoilt
    else:
        assert not spoilt


def is_read_or_refused(content: bytes) -> bool:
    try:
        inventory = read_inventory("f.csv", content=content)
    except InventoryError as error:
        return bool(error.hint) and str(error).startswith("f.csv: ")
    return bool(inventory.rows)


@given(st.binary(max_size=400))
@example(b"\xff\xfe")
@example(b'"')
@example(b"id\n\0")
@example(b"sep=,")
@CHEAP
def test_any_bytes_at_all_are_read_or_refused(content):
    assert is_read_or_refused(content)
    assert is_read_or_refused(b"instance_id,Name\n" + content)


@given(st.text(st.sampled_from('i-0123456789abcdef,;|\t\n\r "#=\0\ufeff\u200bé'), max_size=200))
@CHEAP
def test_any_text_that_resembles_a_csv_is_read_or_refused(text):
    assert is_read_or_refused(text.encode())
    assert is_read_or_refused(b"instance_id,Name\n" + text.encode())
    assert is_read_or_refused(b"i-12345678\n" + text.encode())


@given(st.lists(st.sampled_from(["i-12345678", "i-87654321", ",", '"', "\n", " ", "web", ";"]), max_size=25))
@CHEAP
def test_an_id_at_the_beginning_of_a_line_is_never_lost_in_silence(parts):
    text = "instance_id,Name\n" + "".join(parts)
    expected = {line.strip()[:10] for line in text.split("\n")[1:] if line.strip().startswith("i-")}
    try:
        found = {row.instance_id for row in read_inventory("f.csv", content=text.encode()).rows}
    except InventoryError:
        return

    assert expected <= found
