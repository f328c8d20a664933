"""What a reader of an inventory should know: sentences about what was merged, ignored or left out."""

from collections.abc import Iterable, Sequence

from ec2_backup.csvcolumns import Columns
from ec2_backup.instance_ids import ANY_INSTANCE_ID
from ec2_backup.model import InventoryRow


def to_some(items: Sequence[str], *, limit: int = 8) -> str:
    """Return the items as a list in words; beyond the limit only how many more there are."""
    shown = [*items[:limit], f"{len(items) - limit:,} more"] if len(items) > limit else list(items)
    return " and ".join([", ".join(shown[:-1]), shown[-1]]) if len(shown) > 1 else "".join(shown)


def to_ignored_note(columns: Columns) -> str:
    """Return which columns nothing is read from, "" where all are read."""
    if not columns.has_header:
        return f"The file has no header: column {columns.instance_id + 1} is read as instance ids, and no other."
    if not columns.ignored:
        return ""
    named = to_some([repr(title[:40]) for title in columns.ignored])
    return f"Columns that are not read: {named}."


def to_repeated_note(rows: Iterable[InventoryRow]) -> str:
    """Return which instances are named more than once, "" where none is."""
    repeated = [row for row in rows if row.repeated_on_lines]
    if not repeated:
        return ""
    named = to_some([f"{row.instance_id} (lines {_to_lines(row)})" for row in repeated], limit=5)
    return f"Instances named more than once, each backed up once: {named}."


def to_comment_note(comments: Iterable[tuple[int, str]]) -> str:
    """Return which comment lines name an instance, since a name such as `#1` can make a comment unawares."""
    lines = [str(number) for number, text in comments if ANY_INSTANCE_ID.search(text)]
    if not lines:
        return ""
    subject, verb = ("Line", "is a comment and names") if len(lines) == 1 else ("Lines", "are comments and name")
    return f"{subject} {to_some(lines)} {verb} an instance: not read."


def _to_lines(row: InventoryRow) -> str:
    return to_some([str(line) for line in (row.line, *row.repeated_on_lines)])
