"""How a script shows what it measured: a small table, with the machine's load above it."""

import os
from collections.abc import Iterable
from datetime import UTC, datetime

from rich.console import Console
from rich.table import Table


def show(title: str, columns: Iterable[str], rows: Iterable[Iterable[object]], *remarks: str) -> None:
    """Print a table with a remark below it for each thing that a reader must know."""
    load = ", ".join(f"{one:.1f}" for one in os.getloadavg())
    now = datetime.now(UTC)
    table = Table(title=f"{title}\n{now:%Y-%m-%d}, {os.cpu_count()} cores, load {load}", title_justify="left")
    for number, column in enumerate(columns):
        table.add_column(column, justify="right" if number else "left")
    for row in rows:
        table.add_row(*map(str, row))
    console = Console(width=120)
    console.print(table)
    for remark in remarks:
        console.print(remark, style="dim")


def verdict(*, met: bool) -> str:
    """Return how a target is marked."""
    return "met" if met else "MISSED"
