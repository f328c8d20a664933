"""What a drill says in the end: a restore's report, with what the checks said, and that nothing is left."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ec2_backup.drill.model import CheckResult
from ec2_backup.restore.report import RestoreOutcome, RestoreReport, RestoreStatistics


@dataclass(frozen=True, slots=True)
class DrillOutcome(RestoreOutcome):
    """All that the drill learned of one instance; `verdict` is proven where its recovery point was.

    `check_seconds` is the time from the job's creation until the check had passed. `removed_at` is when the new
    instance and its volumes were gone, `left` what is not, `is_kept` whether it stays because somebody wants a look.
    """

    check: CheckResult | None = None
    check_seconds: float | None = None
    proven_at: datetime | None = None
    removed_at: datetime | None = None
    is_kept: bool = False
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RemovedLeftover:
    """Something of an earlier drill, when this one had removed it, and what is left of it all the same."""

    what: str
    drill_key: str
    removed_at: datetime | None = None
    left: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DrillStatistics(RestoreStatistics):
    """The figures of a drill; the recovery times are of those that were seen to pass both status checks."""

    median_recovery_seconds: float | None = None
    seconds_per_gib: float | None = None
    left: int = 0


@dataclass(frozen=True, slots=True)
class DrillReport(RestoreReport):
    """A drill from beginning to end. `undrilled` are listed instances that were not drilled, each with the reason.

    `connected` says how the network is not isolated, where that was accepted. `in_other_drills` is how many instances
    were left to other drills, which may have been at work when this one began.
    """

    outcomes: tuple[DrillOutcome, ...] = ()
    statistics: DrillStatistics = field(default_factory=lambda: DrillStatistics(0, 0, 0, 0.0))
    connected: tuple[str, ...] = ()
    undrilled: Mapping[str, str] = field(default_factory=dict)
    leftovers: tuple[RemovedLeftover, ...] = ()
    in_other_drills: int = 0

    @property
    def left(self) -> tuple[str, ...]:
        """Everything that this drill or an earlier one made, and that is still there."""
        found = [*(one.left for one in self.outcomes), *(one.left for one in self.leftovers)]
        return tuple(text for texts in found for text in texts)
