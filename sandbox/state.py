"""Everything that the sandbox remembers outside of moto, and what control may do with it."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.backup.models import backup_backends
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

from sandbox.aftermath import CopyOutcome, RestoreOutcome
from sandbox.authorization import CREDENTIALS
from sandbox.backup import books
from sandbox.clock import CLOCK
from sandbox.faults import FAULTS, Fault
from sandbox.outcomes import OUTCOMES, Outcome
from sandbox.quotas import QUOTAS


def reset(speed: float = 1.0, *, quotas: bool = False, ahead_seconds: float = 0.0) -> None:
    """Return to an empty AWS in which nothing goes wrong, at the given speed, its clock so far ahead of ours."""
    BackendDict.reset()
    reset_model_data()
    FAULTS.clear()
    OUTCOMES.clear()
    QUOTAS.clear(enforced=quotas)
    CREDENTIALS.strict = False
    CLOCK.reset(speed, ahead_seconds=ahead_seconds)


Book = Callable[[str, str], list[dict[str, Any]]]


def _all(book: Book, account: str = "", region: str = "") -> list[dict[str, Any]]:
    """Return every job of a kind that was ever made, of one account and Region or of all."""
    places = [(one, name) for one, regions in list(backup_backends.items()) for name in list(regions)]
    wanted = [(one, name) for one, name in places if account in {"", one} and region in {"", name}]
    return [job | {"account": one, "region": name} for one, name in wanted for job in book(one, name)]


def _fault(**values: Any) -> None:
    FAULTS.add(Fault.from_dict(values))


_OUTCOMES: Mapping[str, type[Outcome] | type[RestoreOutcome] | type[CopyOutcome]] = {
    "backup": Outcome,
    "restore": RestoreOutcome,
    "copy": CopyOutcome,
}


def _script(instance_id: str, outcome: Mapping[str, Any], job: str = "backup") -> None:
    if job not in _OUTCOMES:
        raise ValueError(f"there is no job {job!r}; there are {', '.join(_OUTCOMES)}")
    OUTCOMES.script(instance_id, _OUTCOMES[job].from_dict(outcome))


def _switch(**values: Any) -> None:
    if "quotas" in values:
        QUOTAS.enforced = bool(values.pop("quotas"))
    if "strict_credentials" in values:
        CREDENTIALS.strict = bool(values.pop("strict_credentials"))
    OUTCOMES.switch(**values)


ACTIONS: Mapping[str, Callable[..., Any]] = {
    "jobs": partial(_all, books.jobs),
    "restores": partial(_all, books.restores),
    "copies": partial(_all, books.copies),
    "calls": QUOTAS.to_dict,
    "clear_calls": lambda: QUOTAS.clear(enforced=QUOTAS.enforced),
    "fault": _fault,
    "faults": FAULTS.to_list,
    "clear_faults": FAULTS.clear,
    "script": _script,
    "switch": _switch,
    "advance": CLOCK.advance,
    "speed": lambda: CLOCK.speed,
    "health": lambda: "ok",
}
