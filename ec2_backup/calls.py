"""How many calls this process made to AWS, by operation: counted from botocore's own events, every attempt of each."""

from collections import Counter
from collections.abc import Mapping
from threading import Lock
from typing import Any, TypeVar

_THROTTLED = ("Throttling", "TooManyRequests", "RequestLimitExceeded", "LimitExceededException", "SlowDown")

_PREFIXES = {"cloudwatch-logs": "logs"}

Place = tuple[str, str]  # an account, "" for the caller's own, and a Region

Key = TypeVar("Key", str, Place)

_lock = Lock()
_attempts: Counter[str] = Counter()
_throttled: Counter[str] = Counter()
_places: Counter[Place] = Counter()


def count_attempt(event_name: str, place: Place = ("", ""), **_: Any) -> None:
    """Count one HTTP request; botocore's `before-send.SERVICE.Operation` calls this, also for its own retries."""
    with _lock:
        _attempts[_operation(event_name)] += 1
        _places[place] += 1


def count_throttling(response: object = None, event_name: str = "", **_: Any) -> None:
    """Count an answer that says "too fast"; botocore's `needs-retry.SERVICE.Operation` calls this for each answer."""
    parsed = response[1] if isinstance(response, tuple) else None
    code = parsed.get("Error", {}).get("Code", "") if isinstance(parsed, Mapping) else ""
    if code.startswith(_THROTTLED):
        with _lock:
            _throttled[_operation(event_name)] += 1


def _operation(event_name: str) -> str:
    """Return the operation of an event of botocore with the prefix that IAM and its policies have for the service."""
    service, operation = event_name.split(".")[1:3]
    return f"{_PREFIXES.get(service, service)}:{operation}"


def made() -> Mapping[str, int]:
    """Return the calls made so far by operation, such as `{"backup:StartBackupJob": 74}`."""
    with _lock:
        return dict(_attempts)


def made_by_place() -> Mapping[Place, int]:
    """Return the calls made so far by account and Region."""
    with _lock:
        return dict(_places)


def throttled() -> int:
    """Return how many answers so far said that we were too fast."""
    with _lock:
        return _throttled.total()


def since(earlier: Mapping[str, int]) -> dict[str, int]:
    """Return the calls made after `earlier`, an answer of `made`, most frequent first."""
    return _more(made(), earlier)


def since_by_place(earlier: Mapping[Place, int]) -> dict[Place, int]:
    """Return the calls made after `earlier`, an answer of `made_by_place`, most frequent first."""
    return _more(made_by_place(), earlier)


def _more(now: Mapping[Key, int], earlier: Mapping[Key, int]) -> dict[Key, int]:
    new = Counter(now)
    new.subtract(earlier)
    return {key: count for key, count in new.most_common() if count > 0}
