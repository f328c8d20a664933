"""Tables that lose nothing: what does not fit is folded within its column, so that ids and ARNs can be copied whole.

Rich crops a table whose columns cannot all have their least width, and with it the end of every line in the last one.
So the widths are settled here, and nothing is left for Rich to take away.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table
from rich.text import Text

_NARROWEST = 2  # a sign, or a letter of a script that takes two cells


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table.

    Args:
        title: What stands above it.
        least: How many cells wide it is at least, while the screen has room.
        is_whole: Whether it is folded only where folding the others does not make room enough.
        justify: At which side its texts are.
    """

    title: str = ""
    least: int = _NARROWEST
    is_whole: bool = False
    justify: Literal["left", "right"] = "left"


SIGN = Column(is_whole=True)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that is as wide as its texts are, or as the screen is where that is less.

    Args:
        columns: The columns.
        rows: The texts of each row, one for each column; a text may have several lines.
        padding: How many cells are free at the left and at the right of each text; none are at the table's edges.
        has_edge: Whether there is a cell, or a line, of margin around it.
    """

    columns: Sequence[Column]
    rows: Sequence[Sequence[Text]]
    padding: tuple[int, int] = (1, 1)
    has_edge: bool = True

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the table as Rich prints it, in the width that these options allow."""
        left, right = self.padding
        table = Table(
            box=SIMPLE_HEAD, pad_edge=False, padding=(0, right, 0, left), header_style="bold", show_edge=self.has_edge
        )
        between = (len(self.columns) - 1) * (left + right + 1)
        room = options.max_width - between - (2 if self.has_edge else 0)
        for column, width in zip(self.columns, self._widths(room), strict=True):
            table.add_column(column.title, overflow="fold", width=width, justify=column.justify)
        for row in self.rows:
            table.add_row(*row)
        yield table

    def _widths(self, room: int) -> list[int]:
        """Return how wide each column is: as its texts are, or less, the widest first, where there is no room."""
        texts = zip(*self.rows, strict=True) if self.rows else [()] * len(self.columns)
        columns = list(zip(self.columns, texts, strict=True))
        wanted = [max(one.least, cell_len(one.title), *map(_width, of_it), 0) for one, of_it in columns]
        floors = [width if one.is_whole else one.least for one, width in zip(self.columns, wanted, strict=True)]
        return _reduced(_reduced(wanted, floors, room), [_NARROWEST] * len(wanted), room)


def _width(text: Text) -> int:
    return max(map(cell_len, text.plain.split("\n")))


def _reduced(widths: list[int], floors: list[int], room: int) -> list[int]:
    """Return widths that have room together, as far as none falls below its floor; the widest give way."""
    found = list(widths)
    while sum(found) > room:
        yielding = [number for number, width in enumerate(found) if width > floors[number]]
        if not yielding:
            break
        found[max(yielding, key=found.__getitem__)] -= 1
    return found
