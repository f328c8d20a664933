"""Idempotency tokens: a call that repeats one within the hour gets what that one made."""

from datetime import datetime, timedelta
from typing import Generic, TypeVar

from sandbox.clock import CLOCK

TOKEN_LIFE = timedelta(hours=1)

T = TypeVar("T")


class Tokens(Generic[T]):
    """The jobs of one kind that were started with a token, by that token."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[datetime, T]] = {}

    def replayed(self, token: str | None) -> T | None:
        """Return what the token made within the last hour, None for a token that is new, forgotten or empty."""
        created, job = self._made.get(token or "", (None, None))
        # Clients repeat a call after seconds of their own time, however fast the sandbox's time passes.
        return job if created and CLOCK.now() < created + TOKEN_LIFE else None

    def remember(self, token: str | None, created: datetime, job: T) -> None:
        """Keep what a token has made; no token, nothing kept."""
        if token:
            self._made[token] = (created, job)
