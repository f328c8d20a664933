"""What a backup run knows of drills: how its own ended, and when each instance was last restored."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Restored:
    """When a backup of an instance was last restored and proven in a drill, and how long the recovery took.

    `seconds` is None where nobody saw when the new instance was ready: the drill had died by then.
    """

    at: datetime
    seconds: float | None
    drill_key: str = ""


@dataclass(frozen=True, slots=True)
class DrillVerdict:
    """How the drill after a run's proofs ended: its headline, whether that is good, and its files."""

    run_key: str
    headline: str
    is_good: bool
    files: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class DrillNews:
    """What a run's own drill has brought so far: its verdict, and what it has restored, by instance."""

    verdict: DrillVerdict | None = None
    restored: dict[str, Restored] = field(default_factory=dict)
