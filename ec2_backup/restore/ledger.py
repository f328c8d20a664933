"""What a restore run has learned so far. Whoever asks at whatever moment, also after a failure, gets a whole report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from ec2_backup.model import Caller, ServiceRole
from ec2_backup.narration import Mark, tell
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import ChosenPoint, PlannedRestore, RestoreFailure, RestoreList, RestoreRow
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreRequest
from ec2_backup.results import PermissionCheck
from ec2_backup.runkey import LARGEST_CLOCK_ERROR

OfRow = TypeVar("OfRow", ChosenPoint, PlannedRestore, RestoreJob, RestoredInstance)


@dataclass(slots=True)
class RestoreLedger:
    """The run's memory while it goes on: per line the newest of each noun, and at most one failure, the first.

    `taken_up_since` is for a run that was begun before: the earliest time at which it may have started a job. `begun`
    are the lines whose turn has come, `found_over` those whose job was over before this run looked, so that nobody saw
    when its instance was ready; `proven` those whose new instance was held against its recovery point and is whole.
    `ahead` is how much AWS's clock is ahead of ours, as far as its answers tell.
    """

    request: RestoreRequest
    run_key: str
    began_at: datetime
    run_url: str = ""
    taken_up_since: datetime | None = None
    listed: RestoreList | None = None
    caller: Caller | None = None
    ahead: timedelta = timedelta()
    role: ServiceRole | None = None
    permissions: PermissionCheck | None = None
    is_agreed: bool = False
    chosen: dict[int, ChosenPoint] = field(default_factory=dict)
    plans: dict[int, PlannedRestore] = field(default_factory=dict)
    begun: set[int] = field(default_factory=set)
    found_over: set[int] = field(default_factory=set)
    jobs: dict[int, RestoreJob] = field(default_factory=dict)
    restored: dict[int, RestoredInstance] = field(default_factory=dict)
    ready_at: dict[int, datetime] = field(default_factory=dict)
    proven: set[int] = field(default_factory=set)
    failures: dict[int, RestoreFailure] = field(default_factory=dict)
    report: RestoreReport | None = None

    @property
    def rows(self) -> tuple[RestoreRow, ...]:
        """What is to be restored, nothing before that was read."""
        return self.listed.rows if self.listed else ()

    @property
    def jobs_since(self) -> datetime:
        """Since when restore jobs may be the run's own, by AWS's clock."""
        answered_at = self.caller.answered_at if self.caller else None
        return self.taken_up_since or answered_at or self.began_at - LARGEST_CLOCK_ERROR

    @property
    def can_begin(self) -> bool:
        """Whether there is something to start, and nothing that fails already and is to stop the others."""
        return bool(self.plans) and (not self.failures or self.request.options.on_failure == "continue")

    def meet(self, caller: Caller) -> Caller:
        """Write down who we are, and how AWS's clock differs from ours, and return it."""
        self.caller = caller
        if caller.answered_at and abs(ahead := caller.answered_at - datetime.now(UTC)) > timedelta(seconds=2):
            self.ahead = ahead
        tell(f"{caller.arn} in account {caller.account}, Region {caller.region}", mark=Mark.DONE)
        return caller

    def trust(self, role: ServiceRole) -> ServiceRole:
        """Write down the role that AWS Backup assumes, tell what looks wrong with it, and return it."""
        self.role = role
        for warning in role.warnings:
            tell(warning, mark=Mark.WARNING)
        return role

    def note(self, results: Iterable[OfRow | RestoreFailure]) -> list[OfRow]:
        """Write down what is known so far of each row, of which failures are told; return all but these."""
        going_on: list[OfRow] = []
        for result in results:
            if isinstance(result, RestoreFailure):
                self.fail(result)
            else:
                self._write(result)
                going_on.append(result)
        return going_on

    def foresee(self, results: Iterable[PlannedRestore | RestoreFailure]) -> None:
        """Write down what is planned, and tell of each where it comes from and what may go wrong."""
        for plan in self.note(results):
            point = plan.point
            for remark in (*plan.chosen.remarks, *plan.warnings):
                tell(f"{point.source_id}: {remark}", mark=Mark.WARNING)
            made = f"{point.created_at:%Y-%m-%d %H:%M:%S} UTC"
            tell(f"{point.source_id}: to be restored from {point.image_id} of {made}, vault {point.vault_name}")

    def fail(self, failure: RestoreFailure | None) -> None:
        """Write a failure down and tell it, unless the row has one."""
        if failure and failure.line not in self.failures:
            self.failures[failure.line] = failure
            tell(f"{self.name_of(failure.line)}: {failure.reason}", mark=Mark.FAILED)

    def name_of(self, line: int) -> str:
        """Return what a row is called: the original's id."""
        chosen = self.chosen.get(line)
        row = next((row for row in self.rows if row.line == line), None)
        return chosen.point.source_id if chosen else row.wanted if row else f"line {line}"

    def _write(self, noun: object) -> None:
        match noun:
            case ChosenPoint():
                self.chosen[noun.row.line] = noun
            case PlannedRestore():
                self.plans[noun.row.line] = noun
            case RestoreJob():
                self.jobs[noun.line] = noun
            case RestoredInstance():
                self.restored[noun.line] = noun
                if noun.is_ready and noun.line not in self.found_over:
                    self.ready_at.setdefault(noun.line, noun.seen_at)
