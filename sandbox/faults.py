"""Calls that go wrong on purpose: refused, slow, cut off, garbled, or answered by nobody although they took effect."""

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from threading import Lock
from typing import Any, Self

from sandbox import answer, authorization
from sandbox.answer import Answer, Reply
from sandbox.call import Call

KINDS = ("error", "throttle", "expired", "reset", "delay", "lost", "truncate", "corrupt")

_THROTTLED = {
    "ec2": ("RequestLimitExceeded", "Request limit exceeded."),
    "iam": ("Throttling", "Rate exceeded"),
    "sts": ("Throttling", "Rate exceeded"),
    "s3": ("SlowDown", "Please reduce your request rate."),
    "cloudwatch": ("Throttling", "Rate exceeded"),
    "sns": ("Throttling", "Rate exceeded"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What goes wrong with the calls that match.

    Attributes:
        kind: `error` answers with `code`, `message` and `status` and nothing happens; `throttle` and `expired` are
            errors in each service's own words; `reset` drops the connection before the call is looked at; `delay`
            answers `seconds` later; `lost` lets the call take effect and then drops the connection; `truncate` and
            `corrupt` spoil the body of an answer that says 200.
        operation: `StartBackupJob`, `backup:StartBackupJob`, `backup:*`, or `*` for every call of every service.
        contains: Only calls that name this somewhere, such as an instance id; empty for all.
        times: How many calls it is for; None for all from now on.
        skip: How many matching calls go well first.
        code: The error's code.
        message: The error's message.
        status: The HTTP status; 0 for the one that AWS gives with the code.
        seconds: How long a `delay` takes, in real seconds.
    """

    kind: str = "error"
    operation: str = "*"
    contains: str = ""
    times: int | None = None
    skip: int = 0
    code: str = "InternalFailure"
    message: str = "We encountered an internal error. Please try again."
    status: int = 0
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a kind that does not exist.

        Raises:
            ValueError: `kind` is none of `KINDS`.
        """
        if self.kind not in KINDS:
            raise ValueError(f"kind must be one of {', '.join(KINDS)}: {self.kind!r}")

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Return the fault that a JSON object describes.

        Raises:
            ValueError: A key that is not a field, or a kind that does not exist.
        """
        unknown = set(values) - {field.name for field in fields(cls)}
        if unknown:
            raise ValueError(f"unknown: {', '.join(sorted(unknown))}")
        return cls(**values)

    def to_dict(self) -> dict[str, Any]:
        """Return the fault as a JSON object."""
        return asdict(self)

    def matches(self, call: Call) -> bool:
        """Return whether the fault is meant for this call."""
        meant = self.operation in {"*", call.operation, call.name, f"{call.service}:*"}
        return meant and (not self.contains or self.contains in call.text)

    def before(self, call: Call, content_type: str) -> Answer | None:
        """Do what happens before the call takes effect; an answer means that it never does."""
        if self.kind == "delay":
            time.sleep(self.seconds)
        if self.kind == "reset":
            raise ConnectionResetError
        if self.kind == "throttle":
            code, message = _THROTTLED.get(call.service, ("ThrottlingException", "Rate exceeded"))
            return answer.error(call.service, code, message, content_type=content_type)
        if self.kind == "expired":
            return authorization.expired(call.service, content_type)
        if self.kind == "error":
            return answer.error(call.service, self.code, self.message, status=self.status, content_type=content_type)
        return None

    def after(self, reply: Reply) -> Reply:
        """Return the answer as the client gets it, if it gets any."""
        status, headers, body = reply
        if self.kind == "lost":
            raise ConnectionResetError
        if self.kind == "truncate":
            body = body[: len(body) // 2]
        elif self.kind == "corrupt":
            body = body[:1] + b"\xff\xfe\x80" + body[4:]
        else:
            return reply
        return status, headers, body


@dataclass(slots=True)
class _Planned:
    fault: Fault
    seen: int = 0
    struck: int = 0


@dataclass(slots=True)
class Faults:
    """The faults that wait for their calls, oldest first: a call meets the first one that is meant for it."""

    _planned: list[_Planned] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock)

    def add(self, fault: Fault) -> None:
        """Let a fault wait for its calls."""
        with self._lock:
            self._planned.append(_Planned(fault))

    def take(self, call: Call) -> Fault | None:
        """Return the fault that strikes this call, and count it."""
        with self._lock:
            for planned in self._planned:
                spent = planned.fault.times is not None and planned.struck >= planned.fault.times
                if spent or not planned.fault.matches(call):
                    continue
                planned.seen += 1
                if planned.seen > planned.fault.skip:
                    planned.struck += 1
                    return planned.fault
        return None

    def clear(self) -> None:
        """Let all calls go well again."""
        with self._lock:
            self._planned.clear()

    def to_list(self) -> list[dict[str, Any]]:
        """Return the faults with how often each has struck."""
        with self._lock:
            return [planned.fault.to_dict() | {"struck": planned.struck} for planned in self._planned]


FAULTS = Faults()
