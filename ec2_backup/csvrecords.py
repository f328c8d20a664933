"""Step 2, second part: the lines of an inventory's text, and the records and cells that they hold.

pandas splits records into cells. It does not say on which line a record began, and one quotation mark too many makes
it swallow lines silently, so the lines are put together here. A record goes to pandas behind the number of its line:
none is ever an empty line there.
"""

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from ec2_backup.errors import BadLine
from ec2_backup.instance_ids import to_clean

MAX_COLUMNS = 128
MAX_LINES_IN_CELL = 256
MAX_CHARACTERS_IN_CELL = 65_536
CHUNK = 20_000  # records at a time: it bounds the memory that a wide file takes
SHOWN = 80

_LINE_ENDS = re.compile(r"\r\n|\r|\n")  # what editors count; str.splitlines() knows seven more
_SPREADSHEET_ERRORS = re.compile(r"#(REF!|N/A|NAME\?|VALUE!|DIV/0!|NUM!|NULL!)")


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it is written: `line` is the first of its lines (from 1)."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a field and a record look with one separator, in the way in which pandas reads them."""

    separator: str
    field: re.Pattern[str]
    record: re.Pattern[str]
    open_field: re.Pattern[str]


def to_quoting(separator: str) -> Quoting:
    """Return the patterns for a separator of one character; what they match never depends on backtracking.

    No group is repeated possessively: Python before 3.11.5 gets those wrong (CPython issue 106052).
    """
    mark = re.escape(separator)
    quoted = rf'"(?:[^"]++|"")*" *+(?={mark}|\Z)'
    field = rf' *+(?:{quoted}|(?!")[^{mark}]*+)'
    return Quoting(
        separator,
        re.compile(rf"(?:\A|{mark}){field}"),
        re.compile(rf"{field}(?:{mark}{field})*"),
        re.compile(rf'{mark}? *+"(?:[^"]++|"")*'),
    )


def to_lines(text: str) -> list[str]:
    """Return the lines as an editor counts them; a blank or a comment is kept, so that numbers stay right."""
    return _LINE_ENDS.split(text.rstrip("\x1a"))  # DOS ends a file with Control-Z


def is_comment(line: str) -> bool:
    """Say whether a line is a comment: it begins with #, and not with what a spreadsheet writes for an error."""
    text = to_clean(line)
    return text.startswith("#") and not _SPREADSHEET_ERRORS.match(text)


def to_bad_line(number: int, text: str, reason: str) -> BadLine:
    """Return the bad line with its text cut to what a terminal shows on one line."""
    shown = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    return BadLine(number, shown, reason)


def to_records(lines: Sequence[str], quoting: Quoting) -> tuple[list[Record], list[BadLine]]:
    """Return the records, without blank lines and comments, and the lines that none can be made of.

    After a bad line the next line is a new beginning: one mark too many costs one line, not the rest of the file.
    """
    records: list[Record] = []
    bad: list[BadLine] = []
    at = 0
    while at < len(lines):
        line, start, at = lines[at], at, at + 1
        if not to_clean(line) or is_comment(line):
            continue
        if "\0" in line:
            bad.append(to_bad_line(start + 1, line, "it holds a NUL byte: the file may be damaged"))
        elif '"' not in line or quoting.record.fullmatch(line):
            records.append(Record(start + 1, line))
        else:
            text, reason = _read_on(lines, start, quoting)
            if reason:
                bad.append(to_bad_line(start + 1, line, reason))
            else:
                records.append(Record(start + 1, text))
                at = start + 1 + text.count("\n")
    return records, bad


def to_cells(records: Sequence[Record], quoting: Quoting, width: int) -> Iterator[tuple[str, ...]]:
    """Yield the first `width` cells of every record, as text; a cell that is not there is empty."""
    mark = quoting.separator
    header = mark.join(map(str, range(width + 1)))  # short records are filled up to its width
    for at in range(0, len(records), CHUNK):
        lines = [f"{record.line}{mark}{cut(record, quoting, width)}" for record in records[at : at + CHUNK]]
        frame = pd.read_csv(
            io.StringIO("\n".join([header, *lines])),
            sep=mark,
            index_col=False,
            dtype=str,
            keep_default_na=False,
            na_filter=False,
            skip_blank_lines=False,
            skipinitialspace=True,
        )
        yield from zip(*(frame[column].tolist() for column in frame.columns[1:]), strict=True)


def count_fields(record: Record, quoting: Quoting) -> int:
    """Return how many fields a record has."""
    if '"' not in record.text:
        return record.text.count(quoting.separator) + 1
    return sum(1 for _ in quoting.field.finditer(record.text))


def cut(record: Record, quoting: Quoting, width: int) -> str:
    """Return the record's text up to its field number `width`."""
    if record.text.count(quoting.separator) < width:
        return record.text
    for number, field in enumerate(quoting.field.finditer(record.text), 1):
        if number == width:
            return record.text[: field.end()]
    return record.text


def rest(record: Record, quoting: Quoting, width: int) -> str:
    """Return what a record holds after its field number `width`, without separators, quotation marks and spaces."""
    return record.text[len(cut(record, quoting, width)) :].strip(f'{quoting.separator}" \t')


def _read_on(lines: Sequence[str], start: int, quoting: Quoting) -> tuple[str, str]:
    """Return the record whose quoted cell goes on over the next lines, or why there is none."""
    text = lines[start]
    for number in range(start, min(start + MAX_LINES_IN_CELL, len(lines))):
        if number > start:
            text = f"{text}\n{lines[number]}"
        if len(text) > MAX_CHARACTERS_IN_CELL or "\0" in lines[number]:
            break
        if '"' not in lines[number]:
            continue  # an open cell stays open
        matched = quoting.record.match(text)
        end = matched.end() if matched else 0
        if matched and end == len(text):
            return text, ""
        if not quoting.open_field.fullmatch(text, end):
            return "", "there is text after a closing quotation mark: a separator or a quotation mark is missing"
    return "", "a quotation mark opens a cell here and none closes it"
