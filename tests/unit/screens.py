"""The end of a run as a file and as a screen get it."""

import io

from rich.console import Console

from ec2_backup.results import RunReport
from ec2_backup.terminal import console_for, print_report


def ending(report: RunReport, next_command: str = "") -> str:
    stream = io.StringIO()
    print_report(report, console_for(stream), next_command=next_command)
    return stream.getvalue()


def on_screen(report: RunReport, width: int) -> str:
    stream = io.StringIO()
    console = Console(
        file=stream, width=width, force_terminal=True, color_system=None, highlight=False, markup=False, emoji=False
    )
    print_report(report, console)
    return "\n".join(line.rstrip() for line in stream.getvalue().splitlines())
