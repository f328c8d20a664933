"""What a run tells while it goes on: one channel with three readers (log file, terminal, Prefect).

It is the standard library's logging: each record on `LOGGER` carries a `mark` and, where they apply, the number of
the `step` it belongs to, the `progress` of the fleet, or in the end the `report`. Handlers decide what to show of it.
"""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from ec2_backup.copies.model import CopyJob
from ec2_backup.forecast import to_words
from ec2_backup.model import BackupJob
from ec2_backup.states import BackupJobState

LOGGER = logging.getLogger("ec2_backup")

STEPS: Mapping[int, str] = MappingProxyType(
    {
        1: "Script execution",
        2: "Instance ID collection",
        3: "Authentication",
        4: "Instance validation",
        5: "Volume discovery",
        6: "Backup job initiation",
        7: "IAM role",
        8: "Vault",
        9: "Encryption",
        10: "Monitoring",
        11: "Audit",
        12: "Recovery point",
        13: "Local logging",
    }
)


class Mark(StrEnum):
    """What a line is: the sign it begins with."""

    DONE = "✅"
    FAILED = "❌"
    NOTE = "ℹ️"
    WARNING = "⚠️"


_LEVELS = {Mark.FAILED: logging.ERROR, Mark.WARNING: logging.WARNING}


@dataclass(frozen=True, slots=True)
class FleetProgress:
    """Where the jobs of a fleet stand: `doing` is "started" (step 6), "finished" or "copies finished" (step 10).

    `remaining_seconds` is when the last job may have ended, None where nothing tells (`forecast`).
    """

    step: int
    doing: str
    done: int
    total: int
    counts: Mapping[BackupJobState, int]
    elapsed_seconds: float
    slowest: tuple[BackupJob | CopyJob, ...] = ()
    remaining_seconds: float | None = None


def tell(text: str, *, mark: Mark = Mark.NOTE, step: int | None = None) -> None:
    """Tell one line; the mark decides its sign and its level."""
    LOGGER.log(_LEVELS.get(mark, logging.INFO), text, extra={"mark": mark, "step": step, "progress": None})


def tell_done(step: int, text: str) -> None:
    """Tell that a step ended well, with what came of it."""
    tell(text, mark=Mark.DONE, step=step)


def tell_progress(progress: FleetProgress) -> None:
    """Tell how far the fleet is; a reader without a live display may show only some of these."""
    moving = ", ".join(f"{count:,} {state}" for state, count in progress.counts.items() if count)
    left = "" if progress.remaining_seconds is None else f", {to_words(progress.remaining_seconds)}"
    text = f"{progress.done:,} of {progress.total:,} {progress.doing}" + (f" ({moving})" if moving else "") + left
    LOGGER.info(text, extra={"mark": Mark.NOTE, "step": progress.step, "progress": progress})


def tell_proven(text: str, proven: int) -> None:
    """Tell that backups were proven while others go on; `proven` are all by now."""
    LOGGER.info(text, extra={"mark": Mark.NOTE, "step": 12, "progress": None, "proven": proven})


def tell_link(url: str) -> None:
    """Tell at which page the run can be followed; a reader with a live display may keep it in sight."""
    LOGGER.info("follow the run at %s", url, extra={"mark": Mark.NOTE, "step": 1, "progress": None, "link": url})


def tell_report(report: object, step: int | None = 13) -> None:
    """Tell that the report is published; the last record of a run of whatever kind."""
    told = {"mark": Mark.DONE, "step": step, "progress": None, "report": report}
    LOGGER.info("log and report are written", extra=told)
