"""Step 2, third part: which separator an inventory uses, and which of its columns mean something to us."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ec2_backup.csvrecords import is_comment
from ec2_backup.instance_ids import is_instance_id, is_like_an_id, to_clean

SEPARATORS = (",", ";", "\t", "|")
LOOKED_AT = 20  # lines, and so many characters of each:
LOOKED_INTO = 8192

# Titles without anything but letters and digits, in lower case; the first that a header has is taken.
ID_TITLES = (
    *("instanceid", "instanceids", "ec2instanceid", "ec2instanceids", "awsinstanceid", "ec2id"),
    *("instance", "instances", "ec2instance", "resourceid", "id", "ids", "instancearn", "resourcearn", "arn"),
)
REGION_TITLES = ("region", "awsregion", "regionid", "regionname", "regioncode", "ec2region")
ACCOUNT_TITLES = (
    *("account", "accountid", "awsaccount", "awsaccountid", "accountnumber", "awsaccountnumber"),
    *("ownerid", "owneraccount", "owneraccountid"),
)
ROLE_TITLES = ("rolearn", "accountrolearn", "accountrole", "assumerole", "assumerolearn", "iamrolearn")
NAME_TITLES = ("name", "instancename", "tagname", "nametag", "tagsname", "ec2name")

_QUOTED = re.compile(r'"(?:[^"]++|"")*+"')
_DECLARED = re.compile(r'\s*"?sep=(.)"?\s*', re.IGNORECASE)  # Excel's own way to name the separator


@dataclass(frozen=True, slots=True)
class Columns:
    """Where things are in a record (from 0); `ignored` are the titles of columns that nothing is read from."""

    instance_id: int
    region: int | None = None
    name: int | None = None
    account: int | None = None
    role_arn: int | None = None
    ignored: tuple[str, ...] = ()
    has_header: bool = True


def find_separator(lines: list[str]) -> str:
    """Return the separator of the file, and make its first line ready to be read.

    A line `sep=;` is emptied. A header behind a # is uncovered, where several columns show that it is one.
    """
    looked_at = [number for number, line in enumerate(lines) if to_clean(line)][:LOOKED_AT]
    declared = _DECLARED.fullmatch(lines[looked_at[0]]) if looked_at else None
    if declared and declared[1] in SEPARATORS:
        lines[looked_at.pop(0)] = ""
        return declared[1]
    _uncover_header(lines, looked_at)
    seen = [lines[number][:LOOKED_INTO].strip() for number in looked_at if not is_comment(lines[number])]
    sample = [_QUOTED.sub(_unquoted, line) for line in seen]
    first = sample[0] if sample else ""
    return max(
        SEPARATORS,
        key=lambda mark: (_is_known(first.split(mark)), first.count(mark), sum(line.count(mark) for line in sample)),
    )


def find_columns(cells: Sequence[str]) -> Columns | None:
    """Return the columns that the first record shows, or None where no column for ids can be found.

    Raises ValueError where two columns have the same title that we would read.
    """
    titles = [to_title(cell) for cell in cells]
    at = _find_title(titles, ID_TITLES, cells)
    if at is not None:
        known = (REGION_TITLES, NAME_TITLES, ACCOUNT_TITLES, ROLE_TITLES)
        region, name, account, role_arn = (_find_title(titles, names, cells) for names in known)
        used = {at, region, name, account, role_arn}
        ignored = tuple(to_clean(cell) for number, cell in enumerate(cells) if number not in used and to_clean(cell))
        return Columns(at, region, name, account, role_arn, ignored)
    for is_one in (is_instance_id, is_like_an_id):
        found = next((number for number, cell in enumerate(cells) if is_one(cell)), None)
        if found is not None:
            return Columns(found, has_header=False)
    return None


def to_title(cell: str) -> str:
    """Return the letters and digits of a title in lower case: `EC2 Instance-ID` and `ec2_instance_id` are one."""
    return "".join(char for char in cell.casefold() if char.isalnum())


def _find_title(titles: list[str], known: tuple[str, ...], cells: Sequence[str]) -> int | None:
    title = next((title for title in known if title in titles), None)
    if title is None:
        return None
    if titles.count(title) > 1:
        both = " and ".join(repr(to_clean(cell)) for cell, one in zip(cells, titles, strict=True) if one == title)
        raise ValueError(f"the header has the same column more than once: {both}")
    return titles.index(title)


def _uncover_header(lines: list[str], looked_at: list[int]) -> None:
    """Take the # from a first line such as `#instance_id,Name`, unless a header follows it anyway."""
    if not looked_at or not is_comment(lines[looked_at[0]]):
        return
    uncovered = to_clean(lines[looked_at[0]]).lstrip("# ")
    following = next((lines[number] for number in looked_at if not is_comment(lines[number])), "")
    if _is_header(uncovered, at_least=2) and not _is_header(following, at_least=1):
        lines[looked_at[0]] = uncovered


def _is_header(line: str, *, at_least: int) -> bool:
    rows = [line.split(mark) for mark in SEPARATORS]
    return any(len(row) >= at_least and any(to_title(cell) in ID_TITLES for cell in row) for row in rows)


def _is_known(cells: list[str]) -> bool:
    return any(to_title(cell) in ID_TITLES or is_like_an_id(cell) for cell in cells)


def _unquoted(quoted: re.Match[str]) -> str:
    """Return what a quoted text says, without the marks and without anything that could be taken for a separator."""
    return re.sub(r"[,;\t|\"]", " ", quoted[0])
