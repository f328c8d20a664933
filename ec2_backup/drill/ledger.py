"""What a drill has learned so far: what a restore has, and what came of checks, removals and leftovers."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ec2_backup.drill.marks import longest
from ec2_backup.drill.model import CheckResult, Gone, Leftover
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import DrillOptions, DrillRequest
from ec2_backup.drilled import Restored
from ec2_backup.narration import Mark, tell
from ec2_backup.restore.ledger import RestoreLedger


@dataclass(slots=True)
class DrillLedger(RestoreLedger):
    """A drill's memory while it goes on. `proven` are the lines that were restored, verified and, if wanted, checked.

    `connected` says how the network is not isolated, where that was accepted; `undrilled` are instances that were
    listed and are not drilled, each with the reason. `ended` are the lines of which nothing is left, or nothing that
    this drill could still remove; `left` says what is. `proofs` are of an earlier process of this very drill.
    `in_other_drills` is of how many instances drills that may be at work restore the recovery points.
    """

    drill: DrillRequest = field(default_factory=lambda: DrillRequest(run_key="none"))
    connected: tuple[str, ...] = ()
    undrilled: dict[str, str] = field(default_factory=dict)
    leftovers: dict[int, Leftover] = field(default_factory=dict)
    in_other_drills: int = 0
    checks: dict[int, CheckResult] = field(default_factory=dict)
    proofs: dict[int, Restored] = field(default_factory=dict)
    proven_at: dict[int, datetime] = field(default_factory=dict)
    kept: set[int] = field(default_factory=set)
    ended: dict[int, datetime] = field(default_factory=dict)
    left: dict[int, tuple[str, ...]] = field(default_factory=dict)
    report: DrillReport | None = None

    @property
    def options(self) -> DrillOptions:
        """How long to wait, and what to do with what failed."""
        return self.drill.options

    @property
    def now(self) -> datetime:
        """The time by AWS's clock, as far as its answers tell."""
        return datetime.now(UTC) + self.ahead

    @property
    def until(self) -> datetime:
        """Until when a restore that is started now may be at work, at the longest, by AWS's clock."""
        return self.now + longest(self.drill)

    def find(self, found: Sequence[Leftover]) -> None:
        """Write down what earlier drills have left, and tell it; of those that may be at work only how much it is."""
        self.leftovers = {one.line: one for one in found if not one.at_work_on}
        self.in_other_drills = len({one.at_work_on for one in found if one.at_work_on})
        for one in self.leftovers.values():
            tell(f"left by an earlier drill, to be removed: {one}", mark=Mark.WARNING)

    def prove(self, line: int) -> None:
        """Write down that a recovery point has been restored, verified, and checked where that was wanted."""
        self.proven.add(line)
        self.proven_at[line] = self.now
        tell(f"{self.name_of(line)}: its recovery point is proven by {self.jobs[line].created_id}", mark=Mark.DONE)

    def end(self, gone: Gone) -> None:
        """Write down that an instance is gone with its volumes, or what is left of it."""
        self.ended[gone.line] = self.now
        if gone.left:
            self.leave(gone.line, *gone.left)

    def leave(self, line: int, *what: str) -> None:
        """Write down what is left, which this drill could not remove, and tell it."""
        self.left[line] = (*self.left.get(line, ()), *what)
        for one in what:
            tell(f"{self.name_of(line)}: {one}", mark=Mark.FAILED)

    def keep(self, line: int) -> None:
        """Write down that the new instance stays, for somebody to look at."""
        self.kept.add(line)
        said = f"{self.jobs[line].created_id} stays for a look (--keep-failed); the next drill removes it"
        tell(f"{self.name_of(line)}: {said}", mark=Mark.WARNING)

    def seconds_of(self, line: int) -> float | None:
        """Return the recovery time: from the job's creation to the passed status checks, None where nobody saw it."""
        if proof := self.proofs.get(line):
            return proof.seconds
        job, ready_at = self.jobs.get(line), self.ready_at.get(line)
        return (ready_at + self.ahead - job.created_at).total_seconds() if job and ready_at else None

    def name_of(self, line: int) -> str:
        """Return what a row is called: the original's id, or what an earlier drill has left."""
        leftover = self.leftovers.get(line)
        return str(leftover) if leftover else RestoreLedger.name_of(self, line)
