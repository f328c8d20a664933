"""The course of a drill: a few instances at a time, each from its restore job to the moment when nothing of it is left.

One shared look after another says what has happened; whoever follows the course says what is done about it, and puts
the instance where it goes on: `Board.jobs` to be restored, `booting`, `commands` to be checked, `leaving` to be gone.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from ec2_backup.drill.marks import REMOVAL
from ec2_backup.drill.model import CheckResult, CheckStatus, Gone, Leaving, SentCommand
from ec2_backup.drill.request import DrillOptions
from ec2_backup.errors import AwsError
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.restore.watch import Looks, is_over, pause_seconds, raise_for_lasting, settled, tell_change
from ec2_backup.watch import Clock

_CLOCK = Clock()


@dataclass(frozen=True, slots=True)
class Managed:
    """Systems Manager manages the new instance, so that a command can be sent to it."""

    waiting: SentCommand


News = PlannedRestore | RestoreJob | RestoredInstance | Managed | CheckResult | Gone


@dataclass(frozen=True, slots=True)
class DrillLooks:
    """How AWS is asked: for jobs and instances as in a restore, for agents, for commands, and for what is left."""

    restores: Looks
    at_agents: Callable[[Sequence[SentCommand]], Iterable[str]]
    at_commands: Callable[[Sequence[SentCommand]], Iterable[CheckResult]]
    at_remains: Callable[[Sequence[Leaving]], Mapping[int, tuple[str, ...]]]


@dataclass(slots=True)
class Board:
    """Where each instance of a drill is: in at most one of these places, by its line. `at_once` is how many may be."""

    at_once: int
    plans: Mapping[int, PlannedRestore]
    waiting: deque[PlannedRestore] = field(default_factory=deque)
    jobs: dict[int, RestoreJob] = field(default_factory=dict)
    booting: dict[int, RestoreJob] = field(default_factory=dict)
    commands: dict[int, SentCommand] = field(default_factory=dict)
    leaving: dict[int, Leaving] = field(default_factory=dict)

    @property
    def in_flight(self) -> int:
        """How many instances there are or will be."""
        return len(self.jobs) + len(self.booting) + len(self.commands) + len(self.leaving)


def follow_course(board: Board, looks: DrillLooks, options: DrillOptions, clock: Clock = _CLOCK) -> Iterator[News]:
    """Yield what happens, until nobody waits and nothing is in flight: first each plan that may be started now.

    Args:
        board: Where each instance is. What is yielded has been taken from it; the one who follows puts it on again.
        looks: How AWS is asked. A look that fails for a passing reason is repeated.
        options: How long to wait for each thing, and how long to pause.
        clock: The time.

    Raises:
        AuthenticationError: At once.
        AwsError: 20 looks in a row failed, or one for a reason that lasts.
    """
    failed_looks, last_news = 0, clock.now()
    while True:
        while board.waiting and board.in_flight < board.at_once:
            yield board.waiting.popleft()
        if not board.in_flight:
            return
        try:
            for news in _round(board, looks, options, clock.now()):
                last_news = clock.now()
                yield news
            failed_looks = 0
        except AwsError as error:
            failed_looks += 1
            raise_for_lasting(error, failed_looks)
        if board.in_flight:
            clock.sleep(pause_seconds(clock.now() - last_news, options))


def _round(board: Board, looks: DrillLooks, options: DrillOptions, now: datetime) -> Iterator[News]:
    """Look at every place once; what is yielded at one of them may be at the next already."""
    yield from _jobs_over(board, looks, options, now)
    for restored in list(settled(list(board.booting.values()), looks.restores, now, options)):
        del board.booting[restored.line]
        yield restored
    yield from _managed(board, looks, options, now)
    yield from _commands_over(board, looks, options, now)
    yield from _gone(board, looks, now)


def _jobs_over(board: Board, looks: DrillLooks, options: DrillOptions, now: datetime) -> Iterator[RestoreJob]:
    for job in list(looks.restores.at_jobs(list(board.jobs.values()))) if board.jobs else ():
        before = board.jobs[job.line]
        board.jobs[job.line] = tell_change(job, before, board.plans) if job.line in board.plans else job
    for job in [job for job in board.jobs.values() if is_over(job, now, options)]:
        del board.jobs[job.line]
        yield job


def _managed(board: Board, looks: DrillLooks, options: DrillOptions, now: datetime) -> Iterator[Managed | CheckResult]:
    waiting = [one for one in board.commands.values() if not one.command_id]
    managed = set(looks.at_agents(waiting)) if waiting else set()
    for one in waiting:
        if one.instance_id in managed:
            del board.commands[one.line]
            yield Managed(one)
        elif _is_late(one, options, now):
            del board.commands[one.line]
            yield CheckResult(one.line, CheckStatus.UNMANAGED)


def _commands_over(board: Board, looks: DrillLooks, options: DrillOptions, now: datetime) -> Iterator[CheckResult]:
    sent = [one for one in board.commands.values() if one.command_id]
    ended = {one.line: one for one in looks.at_commands(sent)} if sent else {}
    for one in sent:
        late = CheckResult(one.line, CheckStatus.LATE) if _is_late(one, options, now) else None
        if result := ended.get(one.line, late):
            del board.commands[one.line]
            yield result


def _gone(board: Board, looks: DrillLooks, now: datetime) -> Iterator[Gone]:
    remains = looks.at_remains(list(board.leaving.values())) if board.leaving else {}
    for one in list(board.leaving.values()):
        left = remains.get(one.line, ())
        if not left or now - one.since >= REMOVAL:
            del board.leaving[one.line]
            yield Gone(one.line, left)


def _is_late(one: SentCommand, options: DrillOptions, now: datetime) -> bool:
    return now - one.since >= timedelta(minutes=options.check_minutes)
