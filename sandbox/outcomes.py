"""What is to become of the backup jobs of an instance: scripted, so that every bad end can be met on purpose."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from threading import Lock
from typing import Any, Self

from sandbox.backup.causes import Cause

ANY_INSTANCE = "*"
"""The key whose outcome is for every instance that has none of its own."""

_ENDS = ("COMPLETED", "FAILED", "EXPIRED", "ABORTED", "PARTIAL", "CREATED")
_IMAGES = ("", "absent", "failed")
_POINTS = ("", "missing", "EXPIRED", "PARTIAL", "STOPPED", "AVAILABLE")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a job; the defaults are a backup that works. All times are virtual seconds.

    Attributes:
        state: How the job ends. `CREATED` is a job that never starts; it expires after its start window.
        cause: Where the message and its category come from, unless they are given.
        message: The StatusMessage, instead of the cause's; COMPLETED with a message is "completed with issues".
        category: The MessageCategory, instead of the cause's.
        created_seconds: How long the job stays CREATED.
        pending_seconds: How long it is PENDING after that.
        duration_seconds: How long it is RUNNING.
        retries: How many attempts to start fail for a passing reason, each retried ten virtual minutes later.
        point: `missing` for no recovery point, or the Status it has in the end.
        image: `absent` or `failed`, for an AMI that does not hold what the recovery point promises.
        missing_snapshot: The device name of a volume that has no snapshot in the AMI.
        unencrypted_snapshot: The device name of a volume whose snapshot is not encrypted though the volume is.
        missing_volume_id: The device name of a volume whose snapshot names another volume as its source.
        delete_after_days: A retention other than the one asked for.
        missing_tag: The key of a tag that the AMI lacks.
        backup_plan_id: The plan that made the job, which is then not one that somebody asked for on demand.
        times: For how many jobs of the instance this holds; None for all of them.
    """

    state: str = "COMPLETED"
    cause: str = ""
    message: str = ""
    category: str = ""
    created_seconds: float | None = None
    pending_seconds: float = 0.0
    duration_seconds: float | None = None
    retries: int = 0
    point: str = ""
    image: str = ""
    missing_snapshot: str = ""
    unencrypted_snapshot: str = ""
    missing_volume_id: str = ""
    delete_after_days: int | None = None
    missing_tag: str = ""
    backup_plan_id: str = ""
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: A state, cause, image or point that does not exist.
        """
        for name, allowed in {"state": _ENDS, "image": _IMAGES, "point": _POINTS, "cause": ("", *Cause)}.items():
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} must be one of {', '.join(filter(None, allowed))}: {getattr(self, name)!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the outcome that a JSON object describes.

        Raises:
            ValueError: A key that is not a field, or a value that cannot be meant.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        return asdict(self)


@dataclass(slots=True)
class Outcomes:
    """The script, and how AWS Backup behaves where nobody outside knows or where it is a matter of luck.

    Attributes:
        role_trust: A role that AWS Backup cannot assume is refused by the call (`sync`) or fails the job (`async`).
        absent_instance: An instance that is not there is refused by the call (`sync`) or fails the job (`async`).
        propagation_seconds: For how long after CreateRole a role cannot be assumed, in virtual seconds.
        list_lag_seconds: For how long ListBackupJobs does not show a new job, in virtual seconds.
        page_size: The most that one page of any list holds.
    """

    role_trust: str = "sync"
    absent_instance: str = "async"
    propagation_seconds: float = 0.0
    list_lag_seconds: float = 0.0
    page_size: int = 1000
    _scripted: dict[str, Outcome] = field(default_factory=dict)
    _taken: dict[str, int] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def script(self, instance_id: str, outcome: Outcome) -> None:
        """Let the coming jobs of an instance, or of `*`, have this outcome; it takes an earlier one's place."""
        with self._lock:
            self._scripted[instance_id] = outcome
            self._taken[instance_id] = 0

    def take(self, instance_id: str) -> Outcome:
        """Return what becomes of a job that is being made for an instance, and count it."""
        with self._lock:
            for key in (instance_id, ANY_INSTANCE):
                outcome = self._scripted.get(key)
                if outcome and (outcome.times is None or self._taken[key] < outcome.times):
                    self._taken[key] += 1
                    return outcome
        return Outcome()

    def switch(self, **values: Any) -> None:
        """Set switches by name.

        Raises:
            ValueError: A switch that does not exist, or a value that it does not have.
        """
        for name, value in values.items():
            if name not in SWITCHES:
                raise ValueError(f"there is no switch {name!r}; there are {', '.join(SWITCHES)}")
            if name in {"role_trust", "absent_instance"} and value not in {"sync", "async"}:
                raise ValueError(f"{name} is sync or async: {value!r}")
            setattr(self, name, type(SWITCHES[name])(value))

    def clear(self) -> None:
        """Forget the script and return every switch to where it was."""
        with self._lock:
            self._scripted.clear()
            self._taken.clear()
        self.switch(**SWITCHES)

    def to_dict(self) -> dict[str, Any]:
        """Return switches and script as a JSON object."""
        script = {instance_id: outcome.to_dict() for instance_id, outcome in self._scripted.items()}
        return {name: getattr(self, name) for name in SWITCHES} | {"script": script}


SWITCHES: Mapping[str, Any] = {
    "role_trust": "sync",
    "absent_instance": "async",
    "propagation_seconds": 0.0,
    "list_lag_seconds": 0.0,
    "page_size": 1000,
}
"""The switches of `Outcomes` with the values that they begin with."""

OUTCOMES = Outcomes()
