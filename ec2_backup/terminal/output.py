"""What of a run goes where: lines for people, the report as JSON for a program, or little of either."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from dataclasses import dataclass
from typing import IO

from rich.console import Console

from ec2_backup.report import to_document
from ec2_backup.results import RunReport
from ec2_backup.terminal.screen import console_for


@dataclass(frozen=True, slots=True)
class Output:
    """Where a run is shown to people, whether only its trouble is, and where a program gets the report as JSON."""

    console: Console
    is_quiet: bool = False
    report_stream: IO[str] | None = None

    @property
    def aside(self) -> Console:
        """The console for what nobody needs to know, such as that a server is starting."""
        return Console(quiet=True) if self.is_quiet else self.console

    @contextmanager
    def reserved(self) -> Iterator[None]:
        """Keep stdout for the report where that goes there: what anything else prints in the block goes to stderr."""
        with redirect_stdout(sys.stderr) if self.report_stream else nullcontext():
            yield

    def write_report(self, report: RunReport) -> None:
        """Write the report as one JSON document where a program waits for it; in ASCII, which every stream takes."""
        if self.report_stream:
            self.report_stream.write(json.dumps(to_document(report), indent=2) + "\n")
            self.report_stream.flush()


def to_output(*, quiet: bool, as_json: bool) -> Output:
    """Return where a command's output goes: to stdout, or to stderr where stdout is for the JSON report alone."""
    if as_json:
        return Output(console_for(sys.stderr), quiet, sys.stdout)
    return Output(console_for(sys.stdout), quiet)
