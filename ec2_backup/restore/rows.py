"""A CSV of what is to be restored, in which order and with which changes -> rows, or every bad line named."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ec2_backup.csvcolumns import find_separator, to_title
from ec2_backup.csvrecords import (
    MAX_COLUMNS,
    Quoting,
    Record,
    count_fields,
    rest,
    to_bad_line,
    to_cells,
    to_lines,
    to_quoting,
    to_records,
)
from ec2_backup.csvtext import read_bytes, to_text
from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.instance_ids import to_clean
from ec2_backup.inventory_notes import to_some
from ec2_backup.restore.cells import to_row
from ec2_backup.restore.model import RestoreList, RestoreRow

MAX_ROWS = 1000  # each of these becomes a running instance, which costs money

# Titles without anything but letters and digits, in lower case.
TITLES = {
    "instance": ("instanceid", "instance", "id", "resourceid"),
    "recovery_point": ("recoverypointarn", "recoverypoint", "recoverypointid", "arn"),
    "at": ("at", "time", "before", "pointintime"),
    "order": ("order", "turn", "step", "sequence"),
    "region": ("region", "awsregion"),
    "subnet": ("subnet", "subnetid"),
    "security_groups": ("securitygroups", "securitygroup", "securitygroupids", "groups", "sg"),
    "instance_type": ("instancetype", "type"),
    "profile": ("profile", "instanceprofile", "iaminstanceprofile", "iamprofile"),
    "key_pair": ("keypair", "keyname", "key"),
    "name": ("name", "newname"),
}
_EXAMPLE = "The first line names the columns, for example: order,instance_id,at,subnet,security_groups,name"
_NO_DIFFERENCE = "a name, a key pair or a place in the order does not tell two restores apart"


@dataclass(frozen=True, slots=True)
class _Header:
    """Which column of the file is which of ours, and what the others are called."""

    quoting: Quoting
    at: dict[str, int]
    titles: tuple[str, ...]
    ignored: tuple[str, ...]


def read_rows(source: str, *, content: bytes | None = None) -> RestoreList:
    """Return what a CSV wants restored, in the order of its lines.

    `source` is a local path; where the bytes came from elsewhere they are `content`. Without a column `order` each line
    has a turn of its own. Raises InventoryError where the file cannot be read at all, or with all the bad lines.
    """
    text, encoding_note = to_text(source, read_bytes(source) if content is None else content)
    lines = to_lines(text)
    quoting = to_quoting(find_separator(lines))
    records, bad = to_records(lines, quoting)
    if not records or (bad and bad[0].number < records[0].line):
        raise _unusable(source, bad, len(records)) if bad else _empty(source)
    header = _to_header(source, records[0], quoting)
    rows, more_bad = _to_rows(header, records[1:])
    bad = sorted([*bad, *more_bad], key=lambda line: line.number)
    if bad:
        raise _unusable(source, bad, len(rows))
    if not rows or len(rows) > MAX_ROWS:
        raise _empty(source) if not rows else _too_many(source, len(rows))
    ignored = f"Columns that are not read: {to_some([repr(one[:40]) for one in header.ignored])}."
    notes = (encoding_note, ignored if header.ignored else "")
    return RestoreList(source, tuple(rows), tuple(note for note in notes if note))


def _to_header(source: str, record: Record, quoting: Quoting) -> _Header:
    where = f"{source}: line {record.line}"
    width = min(count_fields(record, quoting), MAX_COLUMNS)
    titles = next(iter(to_cells([record], quoting, width)))
    found: dict[str, int] = {}
    ignored: list[str] = []
    for number, title in enumerate(titles):
        name = next((name for name, known in TITLES.items() if to_title(title) in known), None)
        if name in found:
            both = f"{titles[found[name]]!r} and {title!r}"
            raise InventoryError(f"{where}: two columns mean the same: {both}", hint="Remove or rename one.")
        if name:
            found[name] = number
        elif to_clean(title):
            ignored.append(to_clean(title))
    if not found.keys() & {"instance", "recovery_point"}:
        named = to_some([repr(to_clean(title)[:40]) for title in titles])
        said = f"{where}: no column for instance ids or recovery points; the columns are {named}"
        raise InventoryError(said, hint=_EXAMPLE)
    return _Header(quoting, found, tuple(titles), tuple(ignored))


def _to_rows(header: _Header, records: Sequence[Record]) -> tuple[list[RestoreRow], list[BadLine]]:
    rows: list[RestoreRow] = []
    bad: list[BadLine] = []
    width = len(header.titles)
    for record, cells in zip(records, to_cells(records, header.quoting, width), strict=True):
        extra = rest(record, header.quoting, width)
        if not extra and not any(map(to_clean, cells)):
            continue
        try:
            _raise_for_extra(header, record, extra)
            rows.append(_to_row(header, record.line, cells, rows))
        except ValueError as reason:
            bad.append(to_bad_line(record.line, record.text, str(reason)))
    return rows, bad


def _raise_for_extra(header: _Header, record: Record, extra: str) -> None:
    if extra:
        fields, width = count_fields(record, header.quoting), len(header.titles)
        raise ValueError(f"there are {fields} columns, {width} expected: quote a cell that holds a separator")


def _to_row(header: _Header, line: int, cells: Sequence[str], before: Sequence[RestoreRow]) -> RestoreRow:
    texts = {name: cells[number] for name, number in header.at.items()}
    if "order" in texts and not to_clean(texts["order"]):
        raise ValueError("its place in the order is missing")
    row = to_row(line, texts, turn=len(before) + 1)
    for earlier in before:
        if _asks_the_same(row, earlier):
            raise ValueError(f"line {earlier.line} asks for the same: {_NO_DIFFERENCE}")
    return row


def _asks_the_same(row: RestoreRow, other: RestoreRow) -> bool:
    return _without_naming(row) == _without_naming(other)


def _without_naming(row: RestoreRow) -> RestoreRow:
    """Return the row without what AWS is not told with the job, by which two jobs cannot be told apart."""
    return replace(row, line=0, turn=0, changes=replace(row.changes, name="", key_pair=""))


def _unusable(source: str, bad: Sequence[BadLine], good: int) -> InventoryError:
    numbers = to_some([str(line.number) for line in bad], limit=10)
    lines = "line" if len(bad) == 1 else "lines"
    return InventoryError(
        f"{source}: {len(bad):,} of {len(bad) + good:,} lines cannot be used: {lines} {numbers}",
        hint="Correct these lines, or put a # before those that are not wanted. Nothing was started.",
        bad_lines=tuple(bad),
    )


def _empty(source: str) -> InventoryError:
    return InventoryError(f"{source}: the file asks for no restore", hint=_EXAMPLE)


def _too_many(source: str, rows: int) -> InventoryError:
    said = f"{source}: {rows:,} restores, and the limit of a run is {MAX_ROWS:,}"
    return InventoryError(said, hint="Split the list over several runs.")
