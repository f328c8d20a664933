"""The figures of a run by account and Region."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PlaceStatistics:
    """What a run did in one Region of one account; bytes are provisioned ones, `api_calls` are all attempts."""

    account: str
    region: str
    instances: int
    proven: int
    failed: int
    volumes: int
    protected_bytes: int
    api_calls: int
