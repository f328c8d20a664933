"""The course of a drill: never more at once than allowed, everything to its end, and nothing waited for for ever."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.drill.course import Board, DrillLooks, Managed, News, follow_course
from ec2_backup.drill.marks import longest
from ec2_backup.drill.model import CheckResult, CheckStatus, Leaving, SentCommand
from ec2_backup.drill.request import DrillOptions
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob, RestoreJobState
from ec2_backup.restore.model import PlannedRestore
from ec2_backup.restore.watch import Looks
from ec2_backup.watch import Clock
from tests.unit.drills import a_request
from tests.unit.restores import NEW, NOW, REGION, a_job, a_plan, restored

OPTIONS = DrillOptions(deadline_minutes=60, checks_minutes=10, check_minutes=15, at_once=3, poll_seconds=30)
NEVER = 1e6


@dataclass(frozen=True)
class Fate:
    """How many minutes each thing takes for one instance; `NEVER` is one that does not come."""

    job: float = 3
    boot: float = 3
    agent: float = 1
    command: float = 1
    end: float = 1


@dataclass
class Sky:
    """AWS over time, for instances that each have their fate; and somebody who follows the course of their drill."""

    fates: dict[int, Fate]
    now: datetime = NOW
    trouble: list[Exception] = field(default_factory=list)
    seen: list[tuple[str, int]] = field(default_factory=list)
    most: int = 0

    def drill(self, options: DrillOptions = OPTIONS) -> Board:
        """Follow a drill with a check to its end, doing what the program does about each thing."""
        plans = {line: a_plan(line=line) for line in self.fates}
        board = Board(options.at_once, plans, deque(plans.values()))
        looks = DrillLooks(Looks(self.jobs, self.instances), self.agents, self.commands, self.remains)
        for news in follow_course(board, looks, options, Clock(lambda: self.now, self._sleep)):
            self._act(news, board)
            self.most = max(self.most, board.in_flight)
        return board

    def _act(self, news: News, board: Board) -> None:
        line = news.row.line if isinstance(news, PlannedRestore) else getattr(news, "waiting", news).line
        self.seen.append((type(news).__name__, line))
        match news:
            case PlannedRestore():
                running = {"state": RestoreJobState.RUNNING, "created_arn": "", "completed_at": None}
                board.jobs[line] = a_job(line=line, created_at=self.now, **running)
            case RestoreJob(state=RestoreJobState.COMPLETED):
                board.booting[line] = news
            case RestoredInstance(is_ready=True):
                board.commands[line] = SentCommand(line, NEW, REGION, self.now)
            case Managed():
                board.commands[line] = replace(news.waiting, command_id="c")
            case RestoredInstance() | CheckResult():
                board.leaving[line] = self._leaving(line)

    def _leaving(self, line: int) -> Leaving:
        return Leaving(line, NEW, REGION, self.now)

    def _sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.now += timedelta(seconds=seconds)

    def _is_past(self, since: datetime, minutes: float) -> bool:
        return self.now >= since + timedelta(minutes=minutes)

    def jobs(self, jobs: Sequence[RestoreJob]) -> list[RestoreJob]:
        if self.trouble:
            raise self.trouble.pop()
        return [self._job(job) for job in jobs]

    def _job(self, job: RestoreJob) -> RestoreJob:
        if not self._is_past(job.created_at, self.fates[job.line].job):
            return job
        return a_job(line=job.line, created_at=job.created_at, completed_at=self.now)

    def instances(self, jobs: Sequence[RestoreJob]) -> list[RestoredInstance]:
        found = []
        for job in jobs:
            ready = self._is_past(job.completed_at or NOW, self.fates[job.line].boot)
            check = "ok" if ready else "initializing"
            found.append(restored(a_plan(line=job.line), seen_at=self.now, instance_check=check, system_check=check))
        return found

    def agents(self, waiting: Sequence[SentCommand]) -> list[str]:
        return [one.instance_id for one in waiting if self._is_past(one.since, self.fates[one.line].agent)]

    def commands(self, sent: Sequence[SentCommand]) -> list[CheckResult]:
        ended = [
            one for one in sent if self._is_past(one.since, self.fates[one.line].agent + self.fates[one.line].command)
        ]
        return [CheckResult(one.line, CheckStatus.PASSED, 0) for one in ended]

    def remains(self, leaving: Sequence[Leaving]) -> dict[int, tuple[str, ...]]:
        return {
            one.line: () if self._is_past(one.since, self.fates[one.line].end) else ("volume vol-0a is in-use",)
            for one in leaving
        }


def test_an_instance_goes_from_its_plan_to_the_moment_when_nothing_of_it_is_left() -> None:
    sky = Sky({1: Fate()})

    sky.drill()

    assert sky.seen == [(kind, 1) for kind in ("PlannedRestore", "RestoreJob", "RestoredInstance", "Managed",
                                               "CheckResult", "Gone")]  # fmt: skip


minutes = st.sampled_from([0.0, 0.5, 2.0, 8.0, NEVER])
fates = st.builds(Fate, job=minutes, boot=minutes, agent=st.just(1.0), command=minutes, end=minutes)


@settings(max_examples=30, deadline=None)
@given(st.lists(fates, min_size=1, max_size=9), st.integers(1, 4))
def test_whatever_happens_all_come_to_an_end_in_time_and_never_more_at_once_than_allowed(
    found: list[Fate], at_once: int
) -> None:
    sky = Sky(dict(enumerate(found, 1)))
    options = OPTIONS.model_copy(update={"at_once": at_once})

    board = sky.drill(options)

    numbers = Counter(sky.seen)
    assert board.in_flight == 0
    assert not board.waiting
    assert sky.most <= at_once
    assert all(number == 1 for number in numbers.values()), "nothing happens twice"
    assert {line for kind, line in numbers if kind == "PlannedRestore"} == set(sky.fates)
    assert sky.now - NOW <= len(found) * longest(a_request(check="true", options=options))


def test_the_next_one_starts_as_soon_as_one_is_gone_and_waits_for_no_other() -> None:
    sky = Sky({1: Fate(job=50), 2: Fate(), 3: Fate()})

    sky.drill(OPTIONS.model_copy(update={"at_once": 2}))

    assert sky.seen.index(("PlannedRestore", 3)) < sky.seen.index(("RestoreJob", 1))


def test_an_agent_that_never_reports_is_given_up_at_the_checks_deadline() -> None:
    sky = Sky({1: Fate(agent=NEVER)})

    sky.drill()

    assert ("Managed", 1) not in sky.seen
    assert ("CheckResult", 1) in sky.seen
    assert timedelta(minutes=21) <= sky.now - NOW < timedelta(minutes=26)


def test_trouble_that_passes_costs_a_look_and_trouble_that_lasts_ends_the_watch() -> None:
    passing = AwsError("backup:ListRestoreJobs", "ThrottlingException", "slow down", retryable=True)
    sky = Sky({1: Fate()}, trouble=[passing] * 3)
    sky.drill()
    assert sky.seen[-1] == ("Gone", 1)

    with pytest.raises(AuthenticationError):
        Sky({1: Fate()}, trouble=[AuthenticationError("sts", "ExpiredToken", "over")]).drill()
    with pytest.raises(AwsError, match="slow down"):
        Sky({1: Fate()}, trouble=[passing] * 30).drill()
