"""How far a fleet of jobs is: a bar with the slowest jobs where somebody looks on, now and then a line elsewhere."""

import time
from collections.abc import Callable, Iterator
from datetime import datetime

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.style import Style
from rich.table import Table
from rich.text import Text

from ec2_backup.copies.model import CopyJob
from ec2_backup.forecast import to_words
from ec2_backup.lines import one_line
from ec2_backup.model import BackupJob
from ec2_backup.narration import STEPS, FleetProgress
from ec2_backup.report.units import duration, size
from ec2_backup.terminal.screen import plain

SLOWEST_SHOWN = 5
BAR_CELLS = 30

Now = Callable[[], datetime]


class LiveFleet:
    """A live display below the scroll; times on it go on between two looks at AWS, and `close` takes it away."""

    def __init__(self, console: Console, progress: FleetProgress, now: Now, proven: int = 0, link: str = "") -> None:
        self._now = now
        self.progress = progress
        self.proven = proven
        self._link = link
        self._seen_at = time.monotonic()
        self._live = Live(console=console, get_renderable=self._view, transient=True, refresh_per_second=2)
        self._live.start()

    def show(self, progress: FleetProgress) -> None:
        """Show this progress from now on."""
        self.progress, self._seen_at = progress, time.monotonic()
        self._live.refresh()

    def close(self) -> None:
        """Take the display off the screen."""
        self._live.stop()

    def _view(self) -> RenderableType:
        since = time.monotonic() - self._seen_at
        return fleet_view(self.progress, since, self._now(), proven=self.proven, link=self._link)


def fleet_view(
    progress: FleetProgress, since_seconds: float, now: datetime, *, proven: int = 0, link: str = ""
) -> RenderableType:
    """Return the bar over the fleet, when it may be over, the counts, and the jobs that have taken longest.

    Args:
        progress: Where the fleet stood at the last look.
        since_seconds: How long ago that was.
        now: What the ages of jobs are measured against.
        proven: How many backups are proven by now.
        link: The run's page in Prefect.
    """
    lines: list[RenderableType] = [Text(), _bar(progress, progress.elapsed_seconds + since_seconds)]
    if about := "  ·  ".join(_about(progress, since_seconds, proven)):
        lines.append(Text(f"        {about}", style="cyan", no_wrap=True, overflow="ellipsis"))
    if progress.slowest:
        lines.append(_slowest(progress.slowest[:SLOWEST_SHOWN], now))
    if link:
        lines.append(Text(one_line(link), Style(dim=True, link=link), overflow="fold"))
    return Group(*lines)


def _bar(progress: FleetProgress, elapsed_seconds: float) -> Table:
    bar = Table.grid(padding=(0, 2, 0, 0))
    bar.add_column(no_wrap=True)
    bar.add_column(no_wrap=True)
    bar.add_column(max_width=BAR_CELLS)  # what gives way on a narrow screen
    bar.add_column(no_wrap=True)
    bar.add_column(no_wrap=True)
    bar.add_row(
        Text(f"    {progress.step:>2}", style="bold"),
        Text(STEPS.get(progress.step, "")),
        ProgressBar(total=max(progress.total, 1), completed=progress.done),
        Text(f"{progress.done:,} of {progress.total:,} {progress.doing}"),
        Text(duration(elapsed_seconds), style="dim"),
    )
    return bar


def _about(progress: FleetProgress, since_seconds: float, proven: int) -> Iterator[str]:
    if progress.remaining_seconds is not None and progress.remaining_seconds > since_seconds:
        yield to_words(progress.remaining_seconds - since_seconds)
    if proven:
        yield f"{proven:,} proven"
    if counts := "  ".join(f"{number:,} {state}" for state, number in progress.counts.items() if number):
        yield counts


def _slowest(jobs: tuple[BackupJob | CopyJob, ...], now: datetime) -> Table:
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(width=6)
    for _ in range(5):
        grid.add_column(style="dim", no_wrap=True)
    for job in jobs:
        elapsed = max((now - job.created_at).total_seconds(), 0.0)
        grid.add_row(
            Text(),
            plain(job.instance_id),
            plain(f"job {job.job_id[:8]}"),
            plain(f"{job.state} {job.percent_done:.0f} %" if job.percent_done else job.state),
            plain(duration(elapsed)),
            plain(size(job.size_bytes) if job.size_bytes else ""),
        )
    return grid


class FleetLines:
    """Progress as plain lines: one only when the counts have changed, and after some seconds of quiet."""

    def __init__(self, seconds_between: float) -> None:
        self._seconds_between = seconds_between
        self._shown: FleetProgress | None = None

    def is_due(self, progress: FleetProgress) -> bool:
        """Tell whether this progress deserves a line, and remember it if so; time is the fleet's own."""
        last = self._shown
        if last and last.step == progress.step:
            unchanged = (last.done, dict(last.counts)) == (progress.done, dict(progress.counts))
            if unchanged or progress.elapsed_seconds - last.elapsed_seconds < self._seconds_between:
                return False
        self._shown = progress
        return True
