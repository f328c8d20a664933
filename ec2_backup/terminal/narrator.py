"""The narration channel on a terminal: the steps as they end, trouble at once, the fleet's progress below."""

import logging
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from rich.console import Console
from rich.text import Text

from ec2_backup.lines import printable_lines
from ec2_backup.listener import Told, listening, told
from ec2_backup.narration import STEPS, FleetProgress, Mark
from ec2_backup.terminal.fleet import FleetLines, LiveFleet, Now
from ec2_backup.terminal.screen import plain, print_hanging

SMALL_FLEET = 20
INSTANCE_ID = re.compile(r"\bi-[0-9a-f]{8}(?:[0-9a-f]{9})?\b")  # a note that holds one speaks of a single instance
TITLE_CELLS = max(map(len, STEPS.values()))

# "⚠" without its emoji selector: terminals agree that it is one cell wide, so the columns stay straight.
_SIGNS = {Mark.DONE: "✅", Mark.FAILED: "❌", Mark.WARNING: "⚠ ", Mark.NOTE: "  "}
_STYLES = {Mark.DONE: "", Mark.FAILED: "red", Mark.WARNING: "yellow", Mark.NOTE: "dim"}


def _utc_now() -> datetime:
    return datetime.now(UTC)


@contextmanager
def shown(
    console: Console,
    *,
    live: bool,
    quiet: bool = False,
    fleet: int | None = None,
    seconds_between: float = 30.0,
    now: Now = _utc_now,
) -> Iterator["Terminal"]:
    """Show what the narration channel tells on the console while the block runs.

    `live` asks for a live display, which a console that is no terminal does not get. `quiet` shows only trouble that
    the end does not name: warnings, and failures that are not those of one instance. `fleet` is the number of
    instances where it is known beforehand. `seconds_between` is the quiet between two lines of progress where there is
    no live display. `now` is the time that the ages of jobs are measured against.
    """
    terminal = Terminal(console, live=live, quiet=quiet, fleet=fleet, seconds_between=seconds_between, now=now)
    with listening(terminal):
        yield terminal


class Terminal(logging.Handler):
    """A handler that shows the narration channel's records on a console."""

    def __init__(
        self,
        console: Console,
        *,
        live: bool,
        quiet: bool = False,
        fleet: int | None = None,
        seconds_between: float = 30.0,
        now: Now = _utc_now,
    ) -> None:
        super().__init__(logging.WARNING if quiet else logging.INFO)
        self._console = console
        self._is_quiet = quiet
        self._is_live = live and console.is_terminal and not console.is_dumb_terminal
        self._fleet = fleet or 0
        self._now = now
        self._lines = FleetLines(seconds_between)
        self._view: LiveFleet | None = None
        self._last_text = ""
        self._proven = 0
        self._link = ""
        self._told = Counter[tuple[int, Mark, bool]]()

    def emit(self, record: logging.LogRecord) -> None:
        """Show a record; one that cannot be shown is reported the way logging does it."""
        try:
            line = told(record)
            if line.progress:
                self._show_progress(line.progress, line.text)
            elif not self._is_in_view(line):
                self._show(line)
        except Exception:  # noqa: BLE001 - a handler must never break the run that it shows
            self.handleError(record)

    def close(self) -> None:
        """Take a live display off the screen; where its step did not end, its last state stays as a line."""
        unfinished = self._view
        self._end_view()
        if unfinished:
            self._print(Told(self._last_text, Mark.NOTE, unfinished.progress.step))
        super().close()

    def _show_progress(self, progress: FleetProgress, text: str) -> None:
        self._fleet = max(self._fleet, progress.total)
        self._last_text = text
        if not self._is_live:
            if self._lines.is_due(progress):
                self._print(Told(text, Mark.NOTE, progress.step))
            return
        if self._view and self._view.progress.step != progress.step:
            self._end_view()
        if self._view:
            self._view.show(progress)
        else:
            self._view = LiveFleet(self._console, progress, self._now, self._proven, self._link)

    def _is_in_view(self, line: Told) -> bool:
        """Tell whether the live display shows this, or the end does where it is quiet, so that no line is needed."""
        self._link = line.link or self._link
        if line.proven is not None:
            self._proven = line.proven
            if self._view:
                self._view.proven = line.proven
        if self._is_quiet:
            return line.mark is Mark.FAILED and INSTANCE_ID.search(line.text) is not None
        return self._is_live and (line.proven is not None or bool(line.link))

    def _show(self, line: Told) -> None:
        if self._view and line.mark is Mark.DONE and line.step == self._view.progress.step:
            self._end_view()
        if line.step is None or line.mark in {Mark.DONE, Mark.FAILED}:
            self._print(line)
            return
        of_one = line.mark is Mark.NOTE and INSTANCE_ID.search(line.text) is not None
        allowed = 0 if of_one and self._fleet > SMALL_FLEET else SMALL_FLEET
        self._told[line.step, line.mark, of_one] += 1
        if self._told[line.step, line.mark, of_one] <= allowed:
            self._print(line)
        elif self._told[line.step, line.mark, of_one] == allowed + 1:
            kind = "Lines about single instances" if of_one else "Further lines"
            self._print(Told(f"{kind} of this step are in the log.", line.mark, line.step))

    def _end_view(self) -> None:
        if self._view:
            self._view.close()
            self._view = None

    def _print(self, line: Told) -> None:
        style = _STYLES[line.mark]
        sign, step = Text(_SIGNS[line.mark]), Text(f"{line.step or '':>2}", style=style or "bold")
        first, *others = printable_lines(line.text)
        title = STEPS.get(line.step or 0, "") if line.mark is Mark.DONE else ""
        if title:
            print_hanging(self._console, sign, step, Text(f"{title:<{TITLE_CELLS}}", style="bold"), plain(first))
        else:
            print_hanging(self._console, sign, step, plain(first, style))
        for other in others:
            print_hanging(self._console, plain(other, style or "dim"), indent=8)
