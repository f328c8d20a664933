"""How a run waits for its vaults: until they are free, or as long as it was told to, and never for nobody."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from time import monotonic
from typing import Protocol
from uuid import UUID

from ec2_backup import stop
from ec2_backup.errors import VaultBusy
from ec2_backup.narration import Mark, tell

LOOK_SECONDS = 5.0
LIST_SECONDS = 30.0  # between two looks at all runs, which cost the server more
AWAY_SECONDS = 300.0  # for so long a run waits for a Prefect that is away
LEFT_SECONDS = 90.0  # nobody in sight for so long: nobody holds the slot, for its lease would have been over before

_WAIT = "One run at a time is at work in a vault. Retry this one when that is over"
_HINTS = {"wait": f"{_WAIT}.", "fail": f"{_WAIT}, or let it wait: its option on_busy_vault."}
_OPEN = "Whoever wants runs in the vault again raises its limit on Prefect's page Concurrency."


class Refused(Enum):
    """Why there is no slot now."""

    TAKEN = "all slots are taken"
    CLOSED = "the limit is 0"


@dataclass(frozen=True, slots=True)
class Neighbours:
    """Other runs at work, in words: those that go into a vault of this run's, and those that go nobody knows where."""

    holders: tuple[str, ...] = ()
    strangers: tuple[str, ...] = ()


class Office(Protocol):
    """Who gives the slots out, and knows of all runs."""

    def take(self) -> UUID | Refused:
        """Return the lease of the slots that this run wants, all or none of them."""

    def neighbours(self) -> Neighbours:
        """Return the other runs that may hold one of them."""

    def show_waiting(self) -> None:
        """Let everybody see that this run waits."""

    def free(self) -> None:
        """Free the slots, whoever had them."""

    def is_refusal(self, error: Exception) -> bool:
        """Say whether the office will answer the same the next time."""


@dataclass(slots=True)
class VaultQueue:
    """A run that wants its vaults, called by `vaults`.

    It waits at most `patience_seconds`, and not at all for a run in sight where `on_busy_vault` is `fail`.
    """

    office: Office
    vaults: str
    on_busy_vault: str
    patience_seconds: float
    clock: Callable[[], float] = monotonic
    sleep: Callable[[float], None] = stop.sleep
    began: float = field(init=False)
    answered: float = field(init=False)  # when the office last did
    seen: float = field(init=False)  # when somebody last was in sight who may hold a slot
    listed: float = field(init=False)
    reason: str = ""
    last_told: str = ""

    def __post_init__(self) -> None:
        """Begin to wait now."""
        self.began = self.answered = self.seen = self.clock()
        self.listed = self.began - LIST_SECONDS

    @property
    def waited_seconds(self) -> float:
        """For how long the run has waited by now."""
        return self.clock() - self.began

    def wait(self) -> UUID | None:
        """Return the lease as soon as the slots are free, or None where the office does not give any out.

        Raises:
            VaultBusy: The run is not to wait, or not any longer.
            Interrupted: It was told to stop meanwhile.
        """
        while True:
            try:
                answer = self.office.take()
            except Exception as error:  # noqa: BLE001 - Prefect must never cost a backup
                if self.office.is_refusal(error) or self.clock() - self.answered > AWAY_SECONDS:
                    said = f"whether another run is at work in {self.vaults} is not known: "
                    tell(said + (str(error) or type(error).__name__), mark=Mark.WARNING)
                    return None
            else:
                self.answered = self.clock()
                if isinstance(answer, UUID):
                    if self.last_told:
                        tell(f"{self.vaults} is free, the run goes on")
                    return answer
                self._stand(answer)
            self.sleep(LOOK_SECONDS)

    def _stand(self, refused: Refused) -> None:
        """Be told why there is no slot; tell it, raise VaultBusy, or free what nobody holds."""
        self.office.show_waiting()
        is_sure = self._look(refused)
        if self.waited_seconds > self.patience_seconds:
            self._give_up(refused, f", still after {self.patience_seconds / 60:g} minutes")
        if is_sure and self.on_busy_vault == "fail":
            self._give_up(refused)
        if self.reason != self.last_told:
            tell(f"{self.reason}: waiting until that is over")
            self.last_told = self.reason
        if self.clock() - self.seen > LEFT_SECONDS:
            self.seen = self.clock()
            with suppress(Exception):  # the next look is soon
                self.office.free()

    def _look(self, refused: Refused) -> bool:
        """Find out who or what keeps the run waiting, and say whether that is certain."""
        if refused is Refused.CLOSED:
            self.reason, self.seen = f"{self.vaults} is closed, its limit in Prefect is 0", self.clock()
            return True
        if self.clock() - self.listed < LIST_SECONDS:
            return False
        try:
            found = self.office.neighbours()
        except Exception:  # noqa: BLE001 - who it is will be known another time
            self.reason, self.seen = self.reason or f"{self.vaults} is taken", self.clock()
            return False
        self.listed = self.clock()
        if found.holders or found.strangers:
            self.seen = self.clock()
        self.reason = f"{self.vaults} is taken, {_by_whom(found)}"
        return bool(found.holders or found.strangers)

    def _give_up(self, refused: Refused, how_long: str = "") -> None:
        hint = _OPEN if refused is Refused.CLOSED else _HINTS[self.on_busy_vault]
        raise VaultBusy(f"{self.reason[:1].upper()}{self.reason[1:]}{how_long}.", hint=hint)


def _by_whom(found: Neighbours) -> str:
    if found.holders:
        return f"by {', '.join(found.holders)}"
    return f"perhaps by {', '.join(found.strangers)}" if found.strangers else "by a run that is not in sight"
