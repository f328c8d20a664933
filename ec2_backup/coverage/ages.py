"""How old the last proven recovery points are, in the objective's own measure: what a bar chart is drawn of."""

from dataclasses import dataclass
from datetime import timedelta

from ec2_backup.coverage.period import to_period
from ec2_backup.coverage.report import CoverageReport

BOUNDS = (0.25, 0.5, 1.0, 2.0, 7.0)  # parts and multiples of the objective


@dataclass(frozen=True, slots=True)
class AgeGroup:
    """Instances whose last proven recovery point is of about an age; `share` is the part of the largest group."""

    label: str
    count: int
    share: float
    in_time: bool


def to_ages(report: CoverageReport) -> list[AgeGroup]:
    """Return the groups from the youngest to the oldest, then those without a proven recovery point; none is left out.

    Without any instance there is no group, nor in a report that is not whole.
    """
    if not (report.coverages and report.is_whole):
        return []
    limits = [report.objective_seconds * bound for bound in BOUNDS]
    counts = [0] * (len(BOUNDS) + 2)
    for one in report.coverages:
        place = len(BOUNDS) + 1 if one.age_seconds is None else sum(one.age_seconds > limit for limit in limits)
        counts[place] += 1
    words = [to_period(timedelta(seconds=limit)) for limit in limits]
    labels = [*(f"up to {word}" for word in words), f"over {words[-1]}", "no proven point"]
    return [
        AgeGroup(label, count, count / max(counts), place < len(BOUNDS) and BOUNDS[place] <= 1)
        for place, (label, count) in enumerate(zip(labels, counts, strict=True))
    ]
