"""At which moments runs are ended, spread over all that a run does."""

from dataclasses import dataclass
from random import Random

from tests.flow_runs.copying import ELSEWHERE

INSTANCES = 20
FLAGS = ("--start-jobs-per-second", "10", "--csv", "ec2_instances.csv")
PHASES = ("reading", "preflight", "starting", "polling", "verifying", "reporting")
COPYING = ("copying", "watching copies", "proving copies")  # of runs that copy what they have proven
LISTS_BEFORE_STARTING = 5  # the vault's jobs since the run began, and the active ones in each of four states

# What is counted, from how many on to how many, and how many seconds later at the most.
_MOMENTS: dict[str, tuple[tuple[str, ...], tuple[int, int], float]] = {
    "reading": (("backup_log_*.log",), (1, 1), 0.3),
    "preflight": (("*",), (1, 15), 0.0),
    "starting": (("backup:StartBackupJob",), (1, INSTANCES), 0.05),
    "polling": (("backup:ListBackupJobs",), (LISTS_BEFORE_STARTING + 1, LISTS_BEFORE_STARTING + 1), 0.5),
    "verifying": (
        (
            "backup:ListRecoveryPointsByBackupVault",
            "ec2:DescribeImages",
            "ec2:DescribeSnapshots",
            "cloudtrail:LookupEvents",
        ),
        (1, 1),
        0.05,
    ),
    "copying": (("backup:StartCopyJob",), (1, INSTANCES), 0.05),
    "watching copies": (("backup:ListCopyJobs",), (2, 2), 0.5),  # the first looks for what is there already
    "proving copies": (("backup:ListCopyJobs",), (4, 9), 0.1),
    "reporting": (("cloudwatch:PutMetricData", ".report_*", "report_*.csv"), (1, 1), 0.2),
}


@dataclass(frozen=True, slots=True)
class Point:
    """When to kill: once there are `count` calls of `what` (or files, for a pattern), and `delay` seconds later.

    Attributes:
        elsewhere: Resume on a machine that has the run file and nothing else.
    """

    phase: str
    what: str
    count: int
    delay: float = 0.0
    elsewhere: bool = False

    @property
    def flags(self) -> tuple[str, ...]:
        """What the run is called with."""
        return (*FLAGS, "--copy-to", ELSEWHERE) if self.phase in COPYING else FLAGS

    def __str__(self) -> str:
        return f"{self.phase} ({self.count} x {self.what} + {self.delay:.2f} s)"


def to_points(number: int, seed: int) -> list[Point]:
    """Return so many points, spread over all phases; the same seed gives the same points."""
    random, phases = Random(seed), (*PHASES, *COPYING)
    return [_to_point(phases[index % len(phases)], index % 2 == 1, random) for index in range(number)]


def _to_point(phase: str, elsewhere: bool, random: Random) -> Point:
    what, counts, delay = _MOMENTS[phase]
    return Point(phase, random.choice(what), random.randint(*counts), random.uniform(0, delay), elsewhere)
