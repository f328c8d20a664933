"""What needs somebody's attention, gathered by what is to be done about it."""

from collections.abc import Iterable
from dataclasses import dataclass

from ec2_backup.report.reasons import advice, step
from ec2_backup.results import Outcome


@dataclass(frozen=True, slots=True)
class FailureGroup:
    """Instances that have no proven recovery point, for which the same advice is given at the same step."""

    step: str
    advice: str
    outcomes: tuple[Outcome, ...]


def to_failure_groups(failures: Iterable[Outcome]) -> list[FailureGroup]:
    """Return the failures by step and advice, the largest group first."""
    groups: dict[tuple[str, str], list[Outcome]] = {}
    for outcome in failures:
        groups.setdefault((step(outcome), advice(outcome)), []).append(outcome)
    found = [FailureGroup(where, remedy, tuple(outcomes)) for (where, remedy), outcomes in groups.items()]
    return sorted(found, key=lambda group: -len(group.outcomes))
