"""AWS's request quotas as token buckets per account and Region, in real seconds, and a count of every call."""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

from sandbox import answer
from sandbox.answer import Answer
from sandbox.call import Call

RATE_EXCEEDED = "Rate exceeded"
REQUEST_LIMIT_EXCEEDED = "Request limit exceeded."


@dataclass(frozen=True, slots=True)
class Quota:
    """A bucket of `burst` tokens that is filled with `rate` tokens a second; `name` is shared by what shares it."""

    name: str
    rate: float
    burst: float


_BACKUP_5 = {
    "StartBackupJob",
    "StopBackupJob",
    "StartRestoreJob",
    "DescribeBackupVault",
    "DeleteBackupVault",
    "CreateBackupVault",
    "TagResource",
    "UntagResource",
    "UpdateRecoveryPointLifecycle",
    "PutBackupVaultLockConfiguration",
    "DeleteBackupVaultLockConfiguration",
}
_BACKUP_10 = {"DeleteRecoveryPoint", "DescribeProtectedResource"}
_BACKUP_15 = {
    "DescribeBackupJob",
    "DescribeRecoveryPoint",
    "DescribeRestoreJob",
    "GetRecoveryPointRestoreMetadata",
    "GetBackupVaultAccessPolicy",
}
_UNPAGED_IS_COSTLY = {"DescribeInstances", "DescribeVolumes", "DescribeSnapshots"}
_NON_MUTATING = ("Describe", "List", "Get", "Search")


def quotas_of(call: Call) -> Iterable[Quota]:
    """Return the quotas that a call needs a token of; services whose quotas do not matter here have none."""
    if call.service == "backup":
        yield Quota("backup", 50, 50)
        yield from _backup(call.operation)
    elif call.service == "ec2":
        yield _ec2(call)
    elif call.name == "cloudtrail:LookupEvents":
        yield Quota(call.name, 2, 2)
    elif call.name == "logs:FilterLogEvents":
        yield Quota(call.name, 5, 5)


def _backup(operation: str) -> Iterable[Quota]:
    rates = {5: operation in _BACKUP_5, 10: operation in _BACKUP_10, 15: operation in _BACKUP_15}
    rates[20] = operation.startswith("List")
    for rate, applies in rates.items():
        if applies:
            yield Quota(f"backup:{operation}", rate, rate)


def _ec2(call: Call) -> Quota:
    if not call.operation.startswith(_NON_MUTATING):
        return Quota(call.name, 10, 100) if call.operation == "CreateTags" else Quota(call.name, 5, 50)
    narrowed = any(name.startswith(("Filter.", "MaxResults", "InstanceId.", "VolumeId.")) for name in call.form())
    if call.operation in _UNPAGED_IS_COSTLY and not narrowed:
        return Quota(f"{call.name} unfiltered", 10, 50)
    return Quota(call.name, 20, 100)


class _Bucket:
    def __init__(self, quota: Quota, now: float) -> None:
        self.quota, self.tokens, self.filled = quota, quota.burst, now

    def holds(self, now: float) -> bool:
        self.tokens = min(self.quota.burst, self.tokens + (now - self.filled) * self.quota.rate)
        self.filled = now
        return self.tokens >= 1


@dataclass(slots=True)
class Quotas:
    """The buckets; `enforced` is off until somebody wants to be throttled, and calls are counted all the same."""

    enforced: bool = False
    _buckets: dict[tuple[str, str, str], _Bucket] = field(default_factory=dict)
    _accepted: Counter[str] = field(default_factory=Counter)
    _throttled: Counter[str] = field(default_factory=Counter)
    _lock: Lock = field(default_factory=Lock)

    def refused(self, call: Call, account: str, content_type: str = "") -> Answer | None:
        """Count a call, and return AWS's error where it comes too soon; a refused call takes no token."""
        with self._lock:
            passes = not self.enforced or self._take(call, account)
            (self._accepted if passes else self._throttled)[call.name] += 1
        if passes:
            return None
        if call.service == "ec2":
            return answer.error("ec2", "RequestLimitExceeded", REQUEST_LIMIT_EXCEEDED)
        return answer.error(call.service, "ThrottlingException", RATE_EXCEEDED, content_type=content_type)

    def _take(self, call: Call, account: str) -> bool:
        now = time.monotonic()
        buckets = []
        for quota in quotas_of(call):
            key = (account, call.region, quota.name)
            buckets.append(self._buckets.setdefault(key, _Bucket(quota, now)))
        full = [bucket.holds(now) for bucket in buckets]
        if all(full):
            for bucket in buckets:
                bucket.tokens -= 1
        return all(full)

    def to_dict(self) -> dict[str, dict[str, int]]:
        """Return how many calls of each operation were accepted and throttled."""
        with self._lock:
            names = sorted(self._accepted | self._throttled)
            return {name: {"accepted": self._accepted[name], "throttled": self._throttled[name]} for name in names}

    def clear(self, *, enforced: bool = False) -> None:
        """Fill all buckets, forget all counts, and enforce the quotas or not."""
        with self._lock:
            self.enforced = enforced
            self._buckets.clear()
            self._accepted.clear()
            self._throttled.clear()


QUOTAS = Quotas()
