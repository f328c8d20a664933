"""The console that everything is shown on, and how a text from outside gets there unharmed.

Rich reads square brackets in a string as markup, so that a name could colour, hide or link: only `Text` is printed.
"""

import io
import os
from typing import IO

from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from ec2_backup.lines import one_line

NEVER_WRAPPED = 100_000
PIPE_WIDTH = 140  # of tables in a file or a CI job's output; lines are never wrapped there


def console_for(stream: IO[str]) -> Console:
    """Return a console on a stream that fails on no character: what the stream cannot encode comes out as `?`.

    Rich decides about colour by itself (`NO_COLOR`, `FORCE_COLOR`, `TERM`), and about the width on a terminal.
    """
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")
    width = None if stream.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def plain(text: str, style: str = "") -> Text:
    """Return a text from outside as it is: one printable line, no markup."""
    return Text(one_line(text), style=style)


def print_hanging(console: Console, *cells: Text, indent: int = 0, wrap: bool = True) -> None:
    """Print cells side by side, the last wrapped under its own beginning.

    It is not wrapped where nobody looks at a screen, or where `wrap` is off because people copy it.
    """
    if not (console.is_terminal and wrap):
        line = Text(" " * indent).append_text(Text("  ").join(cells))
        line.rstrip()
        console.print(line, soft_wrap=True)
        return
    grid = Table.grid(padding=(0, 2, 0, 0))
    widths = [indent - 2] * bool(indent) + [cell.cell_len for cell in cells[:-1]]
    for width in widths:
        grid.add_column(width=width, no_wrap=True)
    grid.add_column(overflow="fold")
    grid.add_row(*([Text()] * bool(indent)), *cells)
    console.print(grid)


def print_pairs(console: Console, pairs: list[tuple[str, str]], *, wrap: bool = True) -> None:
    """Print labels and values in two aligned columns."""
    width = max((Text(label).cell_len for label, _ in pairs), default=0)
    for label, value in pairs:
        padded = plain(label, "dim")
        padded.align("left", width)
        print_hanging(console, padded, plain(value), indent=4, wrap=wrap)


def print_table(table: RenderableType, console: Console) -> None:
    """Print the table in the width of the screen; where nobody looks at one, in its own, for grep to find all of it."""
    if console.is_terminal:
        console.print(table)
        return
    for line in console.render_lines(table, console.options.update(width=NEVER_WRAPPED), pad=False):
        if text := "".join(segment.text for segment in line).rstrip():
            console.print(Text(text), soft_wrap=True)
    console.print()
