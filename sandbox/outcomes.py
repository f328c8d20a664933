"""What is to become of the backup jobs of an instance: scripted, so that every bad end can be met on purpose."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Self

from sandbox import script
from sandbox.aftermath import CopyOutcome, RestoreOutcome
from sandbox.backup.causes import Cause
from sandbox.script import Script

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
        choices = {"state": _ENDS, "image": _IMAGES, "point": _POINTS, "cause": ("", *Cause)}
        script.raise_for_unknown(self, choices)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the outcome that a JSON object describes.

        Raises:
            ValueError: A key that is not a field, or a value that cannot be meant.
        """
        return script.from_json(cls, values)

    def to_dict(self) -> dict[str, Any]:
        """Return the outcome as a JSON object."""
        return asdict(self)


@dataclass(slots=True)
class Outcomes:
    """The scripts, and how AWS Backup behaves where nobody outside knows or where it is a matter of luck.

    Attributes:
        role_trust: A role that AWS Backup cannot assume is refused by the call (`sync`) or fails the job (`async`).
        absent_instance: An instance that is not there is refused by the call (`sync`) or fails the job (`async`).
        restore_metadata: Metadata that make no sense are refused by the call (`sync`) or fail the job (`async`).
        propagation_seconds: For how long after CreateRole a role cannot be assumed, in virtual seconds.
        list_lag_seconds: For how long lists of jobs do not show a new one, in virtual seconds.
        page_size: The most that one page of any list holds.
        empty_log_pages: How many pages of FilterLogEvents are empty before the first one that is not.
        backups: What becomes of backup jobs.
        restores: What becomes of restore jobs, by the instance that was backed up.
        copies: What becomes of copy jobs, by the instance that was backed up.
    """

    role_trust: str = "sync"
    absent_instance: str = "async"
    restore_metadata: str = "async"
    propagation_seconds: float = 0.0
    list_lag_seconds: float = 0.0
    page_size: int = 1000
    empty_log_pages: int = 0
    backups: Script[Outcome] = field(default_factory=lambda: Script(Outcome))
    restores: Script[RestoreOutcome] = field(default_factory=lambda: Script(RestoreOutcome))
    copies: Script[CopyOutcome] = field(default_factory=lambda: Script(CopyOutcome))

    def script(self, instance_id: str, outcome: Outcome | RestoreOutcome | CopyOutcome) -> None:
        """Let the coming jobs of an instance, or of `*`, have this outcome; it takes an earlier one's place."""
        if isinstance(outcome, RestoreOutcome):
            self.restores.put(instance_id, outcome)
        elif isinstance(outcome, CopyOutcome):
            self.copies.put(instance_id, outcome)
        else:
            self.backups.put(instance_id, outcome)

    def switch(self, **values: Any) -> None:
        """Set switches by name.

        Raises:
            ValueError: A switch that does not exist, or a value that it does not have.
        """
        for name, value in values.items():
            if name not in SWITCHES:
                raise ValueError(f"there is no switch {name!r}; there are {', '.join(SWITCHES)}")
            if SWITCHES[name] in {"sync", "async"} and value not in {"sync", "async"}:
                raise ValueError(f"{name} is sync or async: {value!r}")
            setattr(self, name, type(SWITCHES[name])(value))

    def clear(self) -> None:
        """Forget the scripts and return every switch to where it was."""
        for one in (self.backups, self.restores, self.copies):
            one.clear()
        self.switch(**SWITCHES)

    def to_dict(self) -> dict[str, Any]:
        """Return switches and scripts as a JSON object."""
        scripts: dict[str, Script[Any]] = {"backup": self.backups, "restore": self.restores, "copy": self.copies}
        return {name: getattr(self, name) for name in SWITCHES} | {
            "script": {job: one.to_dict() for job, one in scripts.items()}
        }


SWITCHES: Mapping[str, Any] = {
    "role_trust": "sync",
    "absent_instance": "async",
    "restore_metadata": "async",
    "propagation_seconds": 0.0,
    "list_lag_seconds": 0.0,
    "page_size": 1000,
    "empty_log_pages": 0,
}
"""The switches of `Outcomes` with the values that they begin with."""

OUTCOMES = Outcomes()
