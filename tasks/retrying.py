"""When a task is worth repeating: for trouble that passes, never for a refusal."""

from typing import Any, TypedDict

from prefect.cache_policies import NO_CACHE, CachePolicy

from ec2_backup.errors import AwsError


class Retrying(TypedDict):
    """Keyword arguments of `@task`, with their types."""

    retries: int
    retry_delay_seconds: list[float]
    retry_jitter_factor: float
    retry_condition_fn: Any
    cache_policy: CachePolicy


class Once(TypedDict):
    """The same for a task that is done once."""

    cache_policy: CachePolicy


def is_passing(task: object, task_run: object, state: Any) -> bool:  # noqa: ARG001 - Prefect's signature
    """Return whether the task failed for a reason that may be gone the next time."""
    error = state.data
    return isinstance(error, AwsError) and error.retryable


# botocore has repeated the call several times in some seconds before a task fails: these wait longer. Nothing is
# cached: what AWS shows is the truth, and it changes.
RETRYING = Retrying(
    retries=3,
    retry_delay_seconds=[2, 10, 30],
    retry_jitter_factor=0.5,
    retry_condition_fn=is_passing,
    cache_policy=NO_CACHE,
)

# For what comes after the run's end, which nobody should wait for, least of all after a Ctrl-C: botocore's own
# repetitions are enough.
AT_ONCE = Once(cache_policy=NO_CACHE)
