"""Step 2: a CSV as people really have it -> an Inventory, or every bad line named."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ec2_backup.csvcolumns import Columns, find_columns, find_separator, to_title
from ec2_backup.csvrecords import (
    MAX_COLUMNS,
    Quoting,
    Record,
    count_fields,
    is_comment,
    rest,
    to_bad_line,
    to_cells,
    to_lines,
    to_quoting,
    to_records,
)
from ec2_backup.csvtext import read_bytes, to_text
from ec2_backup.earlier import SUFFIX, to_inventory
from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.instance_ids import (
    ANY_INSTANCE_ID,
    is_instance_id,
    parse_entrance,
    parse_instance_id,
    parse_region,
    to_clean,
)
from ec2_backup.inventory_notes import to_comment_note, to_ignored_note, to_repeated_note, to_some
from ec2_backup.model import Inventory, InventoryRow

MAX_LINES = 1_000_000

_EXAMPLE = "The first line names the columns, for example: instance_id,Name,Region"


@dataclass(frozen=True, slots=True)
class _Table:
    """How to read the records of one file."""

    quoting: Quoting
    columns: Columns
    width: int
    titles: tuple[str, ...]


def read_inventory(source: str, *, content: bytes | None = None) -> Inventory:
    """Return the instances that a CSV names, in its order, each once.

    `source` is a local path; where the bytes came from elsewhere they are `content`, and `source` is only their name.
    A name that ends in .json is what an earlier run left: all rows of a run file, the unproven ones of a report.
    A repeated instance keeps its first line, and takes what only a later line gives, such as its Region. Raises
    InventoryError where the file cannot be read at all, or with all the lines that cannot be used.
    """
    content = read_bytes(source) if content is None else content
    if source.endswith(SUFFIX):
        return to_inventory(source, content)
    text, encoding_note = to_text(source, content)
    lines = to_lines(text)
    if len(lines) > MAX_LINES:
        hint = "Is it the right file? Split the list over several runs."
        raise InventoryError(f"{source}: the file has {len(lines):,} lines, and the limit is {MAX_LINES:,}", hint=hint)
    quoting = to_quoting(find_separator(lines))
    comments = [(number, line) for number, line in enumerate(lines, 1) if is_comment(line)]
    records, bad = to_records(lines, quoting)
    if not records and not bad:
        raise InventoryError(f"{source}: the file holds no line but comments and blank ones", hint=_EXAMPLE)
    if not records or (bad and bad[0].number < records[0].line):  # without its header nothing can be read for sure
        raise _unusable(source, bad, len(records))
    table = _to_table(source, records, quoting)
    found, more_bad = _to_rows(table, records[1:] if table.columns.has_header else records)
    rows, conflicts = _merge(found, {record.line: record for record in records})
    bad = sorted([*bad, *more_bad, *conflicts], key=lambda line: line.number)
    if bad:
        raise _unusable(source, bad, len(found) - len(conflicts))
    if not rows:
        raise InventoryError(f"{source}: the file has a header and no instance below it", hint=_EXAMPLE)
    notes = (encoding_note, to_ignored_note(table.columns), to_repeated_note(rows), to_comment_note(comments))
    return Inventory(source, tuple(rows), tuple(note for note in notes if note))


def _to_table(source: str, records: Sequence[Record], quoting: Quoting) -> _Table:
    """Return how to read the records; raise InventoryError where the first shows no column for ids."""
    width = count_fields(records[0], quoting)
    if width > MAX_COLUMNS:
        where = f"{source}: line {records[0].line}"
        raise InventoryError(f"{where}: {width:,} columns, and the limit is {MAX_COLUMNS}", hint=_EXAMPLE)
    titles = next(iter(to_cells(records[:1], quoting, width)))
    try:
        columns = find_columns(titles)
    except ValueError as error:
        raise InventoryError(f"{source}: line {records[0].line}: {error}", hint="Remove or rename one.") from None
    if columns is None:
        raise _no_id_column(source, titles, records, quoting)
    if not columns.has_header:  # lines may differ in length: all are looked through for ids
        width = min(max(count_fields(record, quoting) for record in records), MAX_COLUMNS)
    return _Table(quoting, columns, width, tuple(titles))


def _no_id_column(source: str, titles: Sequence[str], records: Sequence[Record], quoting: Quoting) -> InventoryError:
    """Return the error that lists the columns there are, and points at one that looks as if it held the ids."""
    names = to_some([repr(to_clean(title)[:40]) for title in titles])
    likely = ""
    for cells in to_cells(records[1:21], quoting, len(titles)):
        likely = next((title for title, cell in zip(titles, cells, strict=True) if is_instance_id(cell)), likely)
    hint = f"The column {to_clean(likely)[:40]!r} holds ids: name it instance_id." if likely else _EXAMPLE
    line = records[0].line
    return InventoryError(f"{source}: line {line}: no column for instance ids; the columns are {names}", hint=hint)


def _to_rows(table: _Table, records: Sequence[Record]) -> tuple[list[InventoryRow], list[BadLine]]:
    """Return a row for every good record and a reason for every other; records of empty cells are blank lines."""
    rows: list[InventoryRow] = []
    bad: list[BadLine] = []
    for record, cells in zip(records, to_cells(records, table.quoting, table.width), strict=True):
        extra = rest(record, table.quoting, table.width)
        if not extra and not any(map(to_clean, cells)):
            continue
        try:
            _raise_for_shape(table, record, cells, extra)
            rows.append(_to_row(table.columns, record.line, cells))
        except ValueError as reason:
            bad.append(to_bad_line(record.line, record.text, str(reason)))
    return rows, bad


def _to_row(columns: Columns, line: int, cells: Sequence[str]) -> InventoryRow:
    """Return the row; raise ValueError with the reason why the cells make none."""
    instance_id, region_of_arn, account_of_arn = parse_instance_id(cells[columns.instance_id])
    region = parse_region(cells[columns.region]) if columns.region is not None else None
    if region and region_of_arn and region != region_of_arn:
        raise ValueError(f"the ARN is of Region {region_of_arn}, and the Region column says {region}")
    name = " ".join(to_clean(cells[columns.name]).split()) if columns.name is not None else ""
    said, role = (cells[at] if at is not None else "" for at in (columns.account, columns.role_arn))
    account, role_arn = parse_entrance(said, role, account_of_arn)
    return InventoryRow(line, instance_id, region or region_of_arn, name or None, account=account, role_arn=role_arn)


def _raise_for_shape(table: _Table, record: Record, cells: Sequence[str], extra: str) -> None:
    """Raise ValueError for a record that would lose an id if it were read as it stands."""
    at = table.columns.instance_id
    if extra:
        fields = count_fields(record, table.quoting)
        raise ValueError(f"there are {fields} columns, {table.width} expected: quote a cell that holds a separator")
    if table.columns.has_header and to_title(cells[at]) == to_title(table.titles[at]):
        raise ValueError("this is the header again: remove it")
    if not table.columns.has_header and sum(map(is_instance_id, cells)) > 1:
        raise ValueError("there is more than one instance on the line: write one id a line")
    if "\n" in record.text and any("\n" in cell and ANY_INSTANCE_ID.search(cell.split("\n", 1)[1]) for cell in cells):
        raise ValueError("a quoted cell goes on over a line with an instance id: is a quotation mark missing?")


def _merge(found: Iterable[InventoryRow], records: dict[int, Record]) -> tuple[list[InventoryRow], list[BadLine]]:
    """Return each instance once, and a bad line for every repetition that names another place."""
    rows: dict[str, InventoryRow] = {}
    conflicts: list[BadLine] = []
    for row in found:
        first = rows.setdefault(row.instance_id, row)
        if first is row:
            continue
        if reason := _conflict(row, first):
            conflicts.append(to_bad_line(row.line, records[row.line].text, reason))
            continue
        rows[row.instance_id] = replace(
            first,
            region=first.region or row.region,
            name=first.name or row.name,
            account=first.account or row.account,
            role_arn=first.role_arn or row.role_arn,
            repeated_on_lines=(*first.repeated_on_lines, row.line),
        )
    return list(rows.values()), conflicts


def _conflict(row: InventoryRow, first: InventoryRow) -> str:
    """Return why a repetition cannot be the same instance, "" where it can."""
    if row.region and first.region and row.region != first.region:
        return f"the same instance is in {first.region} on line {first.line}: an instance has one Region"
    if row.account and first.account and row.account != first.account:
        return f"the same instance is in account {first.account} on line {first.line}: an instance has one account"
    if row.role_arn and first.role_arn and row.role_arn != first.role_arn:
        return f"the same instance is entered through {first.role_arn} on line {first.line}: name one role"
    return ""


def _unusable(source: str, bad: Sequence[BadLine], good: int) -> InventoryError:
    numbers = to_some([str(line.number) for line in bad], limit=10)
    lines = "line" if len(bad) == 1 else "lines"
    return InventoryError(
        f"{source}: {len(bad):,} of {len(bad) + good:,} lines cannot be used: {lines} {numbers}",
        hint="Correct these lines, or put a # before those that are not wanted. Nothing was started.",
        bad_lines=tuple(bad),
    )
