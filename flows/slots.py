"""One run at a time in a vault, over all deployments: each vault has a global concurrency limit of one in Prefect.

Prefect's own limit of a deployment is another thing. It counts the runs of one deployment, into whatever vaults they
go; and it ends a run whose lease cannot be renewed, so the restart of a server would cost a night's backups. Here a
Prefect that is away costs none: two runs at once find each other's jobs at AWS.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from time import monotonic
from uuid import UUID

from prefect import runtime

from ec2_backup import stop
from ec2_backup.errors import VaultBusy
from ec2_backup.ledger import Ledger
from ec2_backup.narration import Mark, tell
from ec2_backup.runfile import write_run_file
from ec2_backup.slots import RUNNING, WAITING, named, to_slots
from flows.leases import LEASE_SECONDS, Refused, Wanted, free, held, take
from flows.neighbours import Sign, neighbours
from flows.shardruns import is_refusal

_LOOK_SECONDS = 5.0
_AWAY_SECONDS = 300.0  # for so long a run waits for a Prefect that is away
_LEFT_SECONDS = 1.5 * LEASE_SECONDS  # a slot that has no holder in sight for so long has none at all
_WAIT = "One run at a time is at work in a vault. Retry this one when that is over"
_HINTS = {"wait": f"{_WAIT}.", "fail": f"{_WAIT}, or let it wait: its option on_busy_vault."}
_OPEN = "Whoever wants runs in the vault again raises its limit on Prefect's page Concurrency."


def may_wait() -> bool:
    """Say whether a run like this one may have to wait: one that a deployment has started.

    One in a terminal has somebody before it.
    """
    return bool(runtime.deployment.id)


@contextmanager
def alone_in_vaults(run: Ledger) -> Iterator[None]:
    """Hold the run's vaults while the block goes on, and before it wait for whoever holds one; or fail at once.

    What it has written down says that it has made no job until then.

    Raises:
        VaultBusy: Another run is at work in one of the vaults, and `on_busy_vault` is `fail`, or the deadline is over.
        Interrupted: The run was told to stop while it waited.
    """
    names = to_slots(run)
    if not (names and may_wait()):
        yield
        return
    wanted = Wanted(names, UUID(runtime.flow_run.id))
    sign = Sign(wanted.flow_run_id)
    lease_id = _Wait(run, wanted, sign).taken()
    sign.show(RUNNING)
    run.waits = False
    write_run_file(run)
    with held(wanted, lease_id, lambda: sign.show(RUNNING)):
        yield


@dataclass(slots=True)
class _Wait:
    """A run that wants slots: when it began to, when Prefect last answered, and when it last saw who holds them."""

    run: Ledger
    wanted: Wanted
    sign: Sign
    began: float = field(default_factory=monotonic)
    answered: float = field(default_factory=monotonic)
    busy_seen: float = field(default_factory=monotonic)
    told: str = ""

    def taken(self) -> UUID | None:
        """Return the lease as soon as the slots are free, or None where Prefect can give none now."""
        while True:
            try:
                if isinstance(answer := take(self.wanted), UUID):
                    break
                why = self._why(answer)
                self.answered = monotonic()
            except Exception as error:  # noqa: BLE001 - Prefect must never cost a backup
                if is_refusal(error) or monotonic() - self.answered > _AWAY_SECONDS:
                    said = f"whether another run is at work in {named(self.run)} is not known: "
                    tell(said + (str(error) or type(error).__name__), mark=Mark.WARNING)
                    break
            else:
                self._wait(why, answer)
            stop.sleep(_LOOK_SECONDS)
        self._go_on()
        return answer if isinstance(answer, UUID) else None

    def _why(self, refused: Refused) -> str:
        """Return who or what keeps the run waiting, "" where that is nobody who is at work."""
        if refused is Refused.CLOSED:
            self.busy_seen = monotonic()
            return f"{named(self.run)} is closed, its limit in Prefect is 0"
        holders, strangers = neighbours(self.run)
        if holders or strangers:
            self.busy_seen = monotonic()
        return f"{named(self.run)} is taken by {', '.join(holders)}" if holders else ""

    def _wait(self, why: str, refused: Refused) -> None:
        """Tell why, raise VaultBusy where there is no waiting any longer, and free what nobody holds any more."""
        now, options = monotonic(), self.run.request.options
        self.sign.show(WAITING)
        is_over = now - self.began > options.deadline_minutes * 60
        if is_over or (why and options.on_busy_vault == "fail"):
            said = why or f"{named(self.run)} is taken, by a run that is not in sight"
            waited = f", after {options.deadline_minutes:g} minutes too" if is_over else ""
            hint = _OPEN if refused is Refused.CLOSED else _HINTS[options.on_busy_vault]
            raise VaultBusy(f"{said[0].upper()}{said[1:]}{waited}.", hint=hint)
        if why not in {"", self.told}:
            tell(f"{why}: waiting until that is over")
            self.told = why
        if now - self.busy_seen > _LEFT_SECONDS:
            self.busy_seen = now
            with suppress(Exception):  # the next look is soon
                free(self.wanted)

    def _go_on(self) -> None:
        """Let the run begin now: jobs that others have made while it waited are none of its own."""
        if self.told:
            tell(f"{named(self.run)} is free, the run goes on")
        caller = self.run.caller
        if caller and caller.answered_at:
            waited = timedelta(seconds=monotonic() - self.began)
            self.run.caller = replace(caller, answered_at=caller.answered_at + waited)
