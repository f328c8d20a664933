"""What a look at the coverage says in the end: where each instance stands, the vaults, what is left over."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from ec2_backup.coverage.model import ClosedPlace, Coverage, LeftOut, Leftover, SeenVault, Standing
from ec2_backup.model import Caller
from ec2_backup.results import RunError

SCHEMA_VERSION = 1


class CoverageStatus(StrEnum):
    """How a look at the coverage ended."""

    MET = "met"
    MISSED = "missed"
    ABORTED = "aborted"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class CoverageStatistics:
    """The figures of a look; bytes are provisioned ones, `api_calls` are all attempts by operation."""

    seconds: float
    api_calls: Mapping[str, int] = field(default_factory=dict)
    throttled_calls: int = 0

    @property
    def calls(self) -> int:
        """All AWS calls."""
        return sum(self.api_calls.values())


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """A look at the coverage from beginning to end.

    `measured_at` is the time, by AWS's clock, that ages are measured at. `closed` places were asked for and could not
    be looked at, or not at all of them: the objective is missed there, since what is unknown is not covered. What is
    `left_out` restore drills have made; it is not among the instances.
    """

    run_key: str
    status: CoverageStatus
    exit_code: int
    started_at: datetime
    ended_at: datetime
    measured_at: datetime
    objective_seconds: float
    parameters: Mapping[str, object]
    coverages: tuple[Coverage, ...]
    vaults: tuple[SeenVault, ...]
    leftovers: tuple[Leftover, ...]
    closed: tuple[ClosedPlace, ...]
    statistics: CoverageStatistics
    caller: Caller | None = None
    left_out: tuple[LeftOut, ...] = ()
    error: RunError | None = None
    run_url: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    schema_version: int = SCHEMA_VERSION

    @property
    def missed(self) -> tuple[Coverage, ...]:
        """The instances that miss the objective, the worst standing first."""
        return tuple(one for one in self.coverages if one.standing is not Standing.COVERED)

    @property
    def is_whole(self) -> bool:
        """Whether the look came to its end: what it says of an instance before that may be for want of looking."""
        return self.status in {CoverageStatus.MET, CoverageStatus.MISSED}

    @property
    def is_empty(self) -> bool:
        """Whether a look that came to its end has found nothing: the objective is met, and nobody should rely on it."""
        return self.is_whole and not (self.coverages or self.closed)

    @property
    def to_back_up(self) -> tuple[Coverage, ...]:
        """Those of them that AWS Backup can back up: it takes no instance whose root is an instance store.

        None in a report that is not whole: the list would be of instances that nobody has looked at.
        """
        missed = self.missed if self.is_whole else ()
        return tuple(one for one in missed if one.instance.root_device_type == "ebs")

    @property
    def covered(self) -> int:
        """How many instances meet the objective."""
        return len(self.coverages) - len(self.missed)

    @property
    def expiring(self) -> tuple[Coverage, ...]:
        """The instances whose last proven recovery point will soon be deleted."""
        return tuple(one for one in self.coverages if one.expires_soon)

    @property
    def standings(self) -> dict[Standing, int]:
        """How many instances stand where, all six of them, the worst first."""
        counted = Counter(one.standing for one in self.coverages)
        return {standing: counted[standing] for standing in Standing}
