"""What one kind of run has of its own in its keeping: what it is called, what it leaves behind, and how it ends."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from ec2_backup.settlement import Calls


class Reported(Protocol):
    """What every kind of report has: the names of its files."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def files(self) -> Mapping[str, str]:
        """The file of each kind."""
        ...


class Kept(Protocol):
    """What every kind of run has while it goes on."""

    run_key: str
    run_url: str
    report: Any

    @property
    def request(self) -> Any:
        """What was asked for; its `output` is the folder for the log."""
        ...


Run = TypeVar("Run", bound=Kept)
Report = TypeVar("Report", bound=Reported)


def nothing(_: Kept) -> None:
    """Do nothing: for a kind of run that has nothing to recall, or to cancel."""


@dataclass(frozen=True, slots=True)
class Customs(Generic[Run, Report]):
    """What one kind of run has of its own in its keeping.

    Attributes:
        name: The kind in a word: the log's name begins with it.
        opening: What the log begins with.
        closing: What it ends with.
        greeting: What is told first.
        settle: Makes the report of the run, of when it ended, its calls, and the error that ended it.
        publish: Writes the report's files and returns the report with their names; no signal disturbs it.
        deliver: Brings the report elsewhere once it and the log are whole, however that went; it raises nothing.
        complaint: Returns what a report that is published says of a run that is no good, "" of a good one.
        noun: What the complaint's hint calls one of many.
        recall: Asks AWS what was started when the block was interrupted and may not have been told.
        cancel: Does after that what else an interrupted run owes; it is not called after an error.
        is_numbered: Whether what is told carries the numbers of the 13 steps.
    """

    name: str
    opening: Callable[[Run], Iterable[str]]
    closing: Callable[[Report], Iterable[str]]
    greeting: Callable[[Run], str]
    settle: Callable[[Run, datetime, Calls, BaseException | None], Report]
    publish: Callable[[Report], Report]
    deliver: Callable[[Report], Report]
    complaint: Callable[[Report], str]
    noun: str = "instance"
    recall: Callable[[Run], None] = nothing
    cancel: Callable[[Run], None] = nothing
    is_numbered: bool = False

    def step(self, number: int) -> int | None:
        """Return the number of a step, None for a kind of run that does not count them."""
        return number if self.is_numbered else None
