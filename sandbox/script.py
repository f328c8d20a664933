"""A script: what is to become of the coming jobs of one kind, by instance."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, fields
from threading import Lock
from typing import Any, ClassVar, Generic, Protocol, TypeVar

ANY_INSTANCE = "*"
"""The key whose outcome is for every instance that has none of its own."""


class Scripted(Protocol):
    """An outcome: a frozen dataclass, which says for how many jobs it holds."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def times(self) -> int | None:
        """For how many jobs of the instance it holds; None for all of them."""


T = TypeVar("T", bound=Scripted)


class Script(Generic[T]):
    """Outcomes by instance id; `usual` makes that of an instance for which none is scripted."""

    def __init__(self, usual: Callable[[], T]) -> None:
        self._usual = usual
        self._scripted: dict[str, T] = {}
        self._taken: dict[str, int] = {}
        self._lock = Lock()

    def put(self, instance_id: str, outcome: T) -> None:
        """Let the coming jobs of an instance, or of `*`, have this outcome; it takes an earlier one's place."""
        with self._lock:
            self._scripted[instance_id] = outcome
            self._taken[instance_id] = 0

    def take(self, instance_id: str) -> T:
        """Return what becomes of a job that is being made for an instance, and count it."""
        with self._lock:
            for key in (instance_id, ANY_INSTANCE):
                outcome = self._scripted.get(key)
                if outcome and (outcome.times is None or self._taken[key] < outcome.times):
                    self._taken[key] += 1
                    return outcome
        return self._usual()

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._scripted.clear()
            self._taken.clear()

    def to_dict(self) -> dict[str, Any]:
        """Return the script as a JSON object."""
        return {instance_id: asdict(outcome) for instance_id, outcome in self._scripted.items()}


def from_json(kind: Callable[..., T], values: Mapping[str, Any]) -> T:
    """Return the outcome that a JSON object describes.

    Raises:
        ValueError: A key that is not a field, or a value that cannot be meant.
    """
    unknown = set(values) - {field.name for field in fields(kind)}  # type: ignore[arg-type]  # it is a dataclass
    if unknown:
        raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
    return kind(**values)


def raise_for_unknown(outcome: object, choices: Mapping[str, tuple[str, ...]]) -> None:
    """Refuse an outcome one of whose fields has a value that does not exist.

    Raises:
        ValueError: Such a value.
    """
    for name, allowed in choices.items():
        if getattr(outcome, name) not in allowed:
            raise ValueError(f"{name} must be one of {', '.join(filter(None, allowed))}: {getattr(outcome, name)!r}")
