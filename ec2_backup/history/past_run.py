"""An earlier run, as much of its report as comparing it and drawing it needs."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.states import RunStatus, Verdict


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a run's rows come from in the end: the CSV, and whether only a part of its rows was asked for.

    A run that was taken up again names its run file instead of a CSV, one with `--only-failed` a report.
    """

    csv: str
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run said of one instance; `reason` has the first words of why it has no proven recovery point."""

    verdict: Verdict
    name: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PastRun:
    """A run in its report's own figures. `account` is empty where the run ended before it had signed in.

    `seconds` is None where nobody knows how long it took, as of a drill that has restored nothing.
    """

    run_key: str
    status: RunStatus
    exit_code: int
    started_at: datetime
    ended_at: datetime
    seconds: float | None
    origin: Origin
    vault: str
    account: str
    is_dry: bool
    instances: int
    proven: int
    volumes: int
    protected_bytes: int
    copies: int = 0
    proven_copies: int = 0
    seen: Mapping[str, Seen] = field(default_factory=dict)

    @property
    def success_rate(self) -> float | None:
        """Proven instances over all, None where the run had none, or was to plan only."""
        return None if self.is_dry or not self.instances else self.proven / self.instances

    @property
    def ended_by_itself(self) -> bool:
        """True where nothing cut the run short: whatever has no proven recovery point then has failed."""
        return self.status in {RunStatus.PROVEN, RunStatus.INCOMPLETE}


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file that has the name of a report and is none that this program can read, and why."""

    file: str
    why: str

    def __str__(self) -> str:
        """Return the sentence that a person reads."""
        return f"{self.file}: {self.why}"
