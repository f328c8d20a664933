"""Which CSV a run's rows come from, where the run names an earlier run instead of a CSV."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePath

from pydantic import TypeAdapter, ValidationError

from ec2_backup.earlier import SUFFIX
from ec2_backup.history.past_run import Origin
from ec2_backup.selection import is_selection

MOST_STEPS = 50  # a repeat of a repeat of a repeat …
_NAMED_BY_KEY = re.compile(r"(?:run|report)_(?P<key>.+)\.json")


@dataclass(frozen=True, slots=True)
class _Parameters:
    csv: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """The part that a run file and a report have in common."""

    parameters: _Parameters = field(default_factory=lambda: _Parameters(""))


_ASKED = TypeAdapter(_Asked)


def to_origin(source: str, folder: Path) -> Origin:
    """Return where a run's rows come from, given what it was named as its inventory.

    A run file stands for all rows of its run, any other JSON file for some rows of the report that it is. They are
    looked for in `folder` first, because that is where the reports lie. What leads to no CSV is an origin of its own.
    """
    if is_selection(source):
        return Origin(source)
    is_part = False
    for _ in range(MOST_STEPS):
        name = PurePath(source).name
        if not name.endswith(SUFFIX):
            break
        is_part = is_part or not name.startswith("run_")
        asked = next((found for place in _places(source, folder) if (found := _asked(place))), "")
        if not asked or PurePath(asked).name == name:
            break
        source = asked
    return Origin(same_path(source), is_part)


def same_path(source: str) -> str:
    """Return a path as it is written without needless parts, so that `./list.csv` is `list.csv`; URLs stay."""
    return source if "://" in source else str(PurePath(source))


def _places(source: str, folder: Path) -> Iterator[Path]:
    name = PurePath(source).name
    if match := _NAMED_BY_KEY.fullmatch(name):
        yield folder / f"run_{match['key']}.json"  # much smaller than the report
    yield folder / name
    yield Path(source)


def _asked(place: Path) -> str:
    try:
        return _ASKED.validate_json(place.read_bytes()).parameters.csv if place.is_file() else ""
    except (OSError, ValueError, ValidationError):
        return ""
