"""What is to become of restores and copies of the backups of an instance: scripted, as backup jobs are."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from sandbox import script
from sandbox.backup.failures import CopyCause, RestoreCause

_RESTORE_ENDS = ("COMPLETED", "FAILED", "ABORTED", "RUNNING", "PENDING")
_COPY_ENDS = ("COMPLETED", "FAILED", "PARTIAL", "RUNNING", "CREATED")
_INSTANCES = ("running", "pending", "stopped", "terminated")
_CHECKS = ("ok", "impaired", "initializing")
_COMMANDS = ("Success", "Failed", "TimedOut", "InProgress")


@dataclass(frozen=True, slots=True)
class RestoreOutcome:
    """What becomes of a restore job and of the instance that it makes; the defaults are a restore that works.

    All times are virtual seconds.

    Attributes:
        state: How the job ends. `PENDING` and `RUNNING` are jobs that hang there for ever.
        cause: Why it FAILED, in AWS's words.
        message: The StatusMessage, instead of the cause's.
        pending_seconds: How long the job is PENDING.
        duration_seconds: How long it is RUNNING.
        instance: What the restored instance comes to: `pending` never runs, `stopped` and `terminated` give up soon
            after their launch.
        checks: The status checks in the end; `initializing` never comes to one.
        checks_seconds: How long after it runs the instance's checks are through.
        missing_volume: The device name of a volume that the instance lacks.
        wrong_size: The device name of a volume that is larger than its snapshot.
        wrong_type: The device name of a volume of another type.
        unencrypted_volume: The device name of a volume that is not encrypted though its snapshot is.
        managed: Whether the instance's agent reports to Systems Manager.
        command: How a command ends that Systems Manager sends to it; `InProgress` never does.
        command_output: What the command writes.
        times: For how many restores of the instance's backups this holds; None for all of them.
    """

    state: str = "COMPLETED"
    cause: str = ""
    message: str = ""
    pending_seconds: float | None = None
    duration_seconds: float | None = None
    instance: str = "running"
    checks: str = "ok"
    checks_seconds: float | None = None
    missing_volume: str = ""
    wrong_size: str = ""
    wrong_type: str = ""
    unencrypted_volume: str = ""
    managed: bool = True
    command: str = "Success"
    command_output: str = ""
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: A state, cause, instance, check or command that does not exist.
        """
        choices = {"state": _RESTORE_ENDS, "cause": ("", *RestoreCause), "instance": _INSTANCES, "checks": _CHECKS}
        script.raise_for_unknown(self, choices | {"command": _COMMANDS})

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the outcome that a JSON object describes.

        Raises:
            ValueError: A key that is not a field, or a value that cannot be meant.
        """
        return script.from_json(cls, values)


@dataclass(frozen=True, slots=True)
class CopyOutcome:
    """What becomes of a copy job; the defaults are a copy that works. All times are virtual seconds.

    Attributes:
        state: How the job ends. `CREATED` and `RUNNING` are jobs that hang there for ever.
        cause: Where the message and its category come from, unless they are given.
        message: The StatusMessage, instead of the cause's.
        category: The MessageCategory, instead of the cause's.
        created_seconds: How long the job stays CREATED.
        duration_seconds: How long it is RUNNING.
        retries: How many attempts to start fail for a passing reason, each retried ten virtual minutes later.
        point: `missing` for no recovery point in the destination, or the Status it has in the end.
        image: `absent` or `failed`, for an AMI that does not hold what the recovery point promises.
        missing_snapshot: The device name of a volume that has no snapshot in the copied AMI.
        delete_after_days: A retention other than the one asked for.
        times: For how many copies of the instance's backups this holds; None for all of them.
    """

    state: str = "COMPLETED"
    cause: str = ""
    message: str = ""
    category: str = ""
    created_seconds: float | None = None
    duration_seconds: float | None = None
    retries: int = 0
    point: str = ""
    image: str = ""
    missing_snapshot: str = ""
    delete_after_days: int | None = None
    times: int | None = None

    def __post_init__(self) -> None:
        """Refuse what cannot be meant.

        Raises:
            ValueError: A state, cause, image or point that does not exist.
        """
        points = ("", "missing", "EXPIRED", "PARTIAL", "AVAILABLE")
        choices = {"state": _COPY_ENDS, "cause": ("", *CopyCause), "image": ("", "absent", "failed"), "point": points}
        script.raise_for_unknown(self, choices)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the outcome that a JSON object describes.

        Raises:
            ValueError: A key that is not a field, or a value that cannot be meant.
        """
        return script.from_json(cls, values)
