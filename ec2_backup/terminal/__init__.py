"""What a person sees of a run on a terminal, or reads in the output of a CI job: lines, live progress, the end."""

from ec2_backup.terminal.closing import print_report
from ec2_backup.terminal.narrator import Terminal, shown
from ec2_backup.terminal.output import Output, to_output
from ec2_backup.terminal.planned import print_plan
from ec2_backup.terminal.screen import console_for
from ec2_backup.terminal.trouble import guarded, print_error, print_trouble

__all__ = [
    "Output",
    "Terminal",
    "console_for",
    "guarded",
    "print_error",
    "print_plan",
    "print_report",
    "print_trouble",
    "shown",
    "to_output",
]
