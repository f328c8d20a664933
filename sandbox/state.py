"""Everything that the sandbox remembers outside of moto, and what control may do with it."""

from collections.abc import Callable, Mapping
from typing import Any

from moto.backup.models import backup_backends
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data

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


def jobs(account: str = "", region: str = "") -> list[dict[str, Any]]:
    """Return every backup job ever made, of one account and Region or of all."""
    places = [(one, name) for one, regions in list(backup_backends.items()) for name in list(regions)]
    wanted = [(one, name) for one, name in places if account in {"", one} and region in {"", name}]
    return [job | {"account": one, "region": name} for one, name in wanted for job in books.jobs(one, name)]


def _fault(**values: Any) -> None:
    FAULTS.add(Fault.from_dict(values))


def _script(instance_id: str, outcome: Mapping[str, Any]) -> None:
    OUTCOMES.script(instance_id, Outcome.from_dict(outcome))


def _switch(**values: Any) -> None:
    if "quotas" in values:
        QUOTAS.enforced = bool(values.pop("quotas"))
    if "strict_credentials" in values:
        CREDENTIALS.strict = bool(values.pop("strict_credentials"))
    OUTCOMES.switch(**values)


ACTIONS: Mapping[str, Callable[..., Any]] = {
    "jobs": jobs,
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
