"""How several jobs are started one after another, whatever becomes of the others."""

from collections.abc import Callable, Iterable
from typing import TypeVar

from ec2_backup.errors import AwsError

Plan = TypeVar("Plan")
Job = TypeVar("Job")
Refusal = TypeVar("Refusal")


def start_each(
    plans: Iterable[Plan],
    start: Callable[[Plan], Job],
    to_refusal: Callable[[Plan, AwsError], Refusal],
    is_common: Callable[[AwsError], bool],
) -> list[Job | Refusal]:
    """Start each plan and return its job, or what AWS refuses for good as the refusal of that plan alone.

    Raises an AwsError that is common, as passing ones are, after all had their turn: a repetition is safe, since each
    plan's idempotency token gives the job that it already made.
    """
    results: list[Job | Refusal] = []
    common: AwsError | None = None
    for plan in plans:
        try:
            results.append(start(plan))
        except AwsError as error:
            if is_common(error):
                common = error
            else:
                results.append(to_refusal(plan, error))
    if common:
        raise common
    return results
