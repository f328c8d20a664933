"""Our own limits, kept before AWS has to: calls leave at the rate of the quotas, a queue for each account and Region.

The defaults are AWS's published quotas (AWS Backup endpoints and quotas; CloudTrail API reference, LookupEvents), and
for CloudWatch Logs a cautious guess, since a run makes few of those calls. Prefect's limits are not used: they were
measured at a quarter of the rate asked for.
"""

from collections.abc import Hashable
from functools import cache
from threading import Lock
from typing import Any

from pyrate_limiter import GCRA, Duration, InMemoryStateStore, Limiter, Rate, StateBucket

from ec2_backup.stop import raise_if_stopped

# StartCopyJob and DescribeCopyJob are in no table of AWS: they are kept to what their kin have.
_FIVE_A_SECOND = frozenset(
    {"StartBackupJob", "StopBackupJob", "DescribeBackupVault", "StartRestoreJob", "StartCopyJob"}
)
_FIFTEEN_A_SECOND = frozenset(
    {
        "DescribeBackupJob",
        "DescribeCopyJob",
        "DescribeRecoveryPoint",
        "DescribeRestoreJob",
        "GetRecoveryPointRestoreMetadata",
    }
)
_LOOK_SECONDS = 0.5  # how soon a waiting call notices that the run was told to stop
_PARTS = 10  # a turn is taken in so many parts
_CATCH_UP = 2  # how many parts of a turn a thread that woke late leaves to the next one

_quotas: dict[str, float] = {}
_lock = Lock()


def set_quota(operation: str, calls_per_second: float) -> None:
    """Use another quota for an operation, such as `StartBackupJob` in an account where AWS raised it."""
    _quotas[operation] = calls_per_second


def wait_for_turn(place: Hashable, event_name: str, **_: Any) -> None:
    """Return when the call may be sent; botocore's `before-send` calls this. Raises Interrupted when told to stop.

    `place` stands for the account and Region that the quota is of.
    """
    service, operation = event_name.split(".")[1:3]
    rate = _rate_of(service, operation)
    if rate is None:
        return
    with _lock:  # threads that begin at once would each make a limiter of their own
        limiter = _limiter(place, *rate)
    while not limiter.try_acquire(operation, weight=_PARTS, timeout=_LOOK_SECONDS):
        raise_if_stopped()


def _rate_of(service: str, operation: str) -> tuple[str, float] | None:
    if operation in _quotas:
        return operation, _quotas[operation]
    if service == "cloudtrail":
        return "cloudtrail", 2.0
    if service == "cloudwatch-logs":
        return service, 5.0
    if service != "backup":
        return None
    if operation in _FIVE_A_SECOND:
        return operation, 5.0
    return (operation, 15.0) if operation in _FIFTEEN_A_SECOND else ("List", 20.0)


@cache
def _limiter(place: Hashable, quota: str, calls_per_second: float) -> Limiter:  # noqa: ARG001 - the cache's key
    # The smooth form: a burst at the start would be answered with throttling wherever the account's bucket is not full.
    # A fifth of a turn may be made up for, else the milliseconds of each waking would be lost from the rate.
    rate = Rate(1000 * _PARTS, round(Duration.SECOND * (1000 / calls_per_second)), burst=_PARTS + _CATCH_UP)
    return Limiter(StateBucket([rate], GCRA(), InMemoryStateStore()), buffer_ms=1)
