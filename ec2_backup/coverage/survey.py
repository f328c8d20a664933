"""What a look at the coverage has learned so far; whoever asks at whatever moment gets a whole report."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from ec2_backup.coverage.assessment import Yardstick, assess
from ec2_backup.coverage.drills import to_left_out
from ec2_backup.coverage.leftovers import to_leftovers
from ec2_backup.coverage.model import (
    ClosedPlace,
    Coverage,
    KeptPoint,
    LeftOut,
    RestoredPoint,
    SeenInstance,
    SeenVault,
    Standing,
)
from ec2_backup.coverage.proof import to_unlooked
from ec2_backup.coverage.report import CoverageReport, CoverageStatistics, CoverageStatus
from ec2_backup.coverage.request import CoverageRequest
from ec2_backup.errors import AwsError, Ec2BackupError, Interrupted
from ec2_backup.model import Caller, RecoveryPoint, Target
from ec2_backup.results import RunError
from ec2_backup.settlement import Calls, to_run_error
from ec2_backup.target import Account

Place = tuple[str, str]  # an account and a Region
UNREAD = "the vaults of account {}, {} were not read before the look ended"
AGAIN = "Nothing was started: look again with the same command."
FAULT = "This is a fault of the program: please report it with the log. Nothing was started."


@dataclass(slots=True)
class Survey:
    """A look at the coverage while it goes on; `callers` by the role that an account is entered through."""

    request: CoverageRequest
    run_key: str
    began_at: datetime
    run_url: str = ""
    caller: Caller | None = None
    callers: dict[str, Caller] = field(default_factory=dict)
    accounts: dict[str, Account] = field(default_factory=dict)
    places: dict[Target, Place] = field(default_factory=dict)
    instances: list[SeenInstance] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    vaults: list[SeenVault] = field(default_factory=list)
    looked: dict[str, RecoveryPoint] = field(default_factory=dict)
    restored: list[RestoredPoint] = field(default_factory=list)
    closed: dict[Target, AwsError] = field(default_factory=dict)
    report: CoverageReport | None = None
    _listed: set[Target] = field(default_factory=set[Target])
    _read: set[Target] = field(default_factory=set[Target])
    _points: defaultdict[str, list[KeptPoint]] = field(default_factory=lambda: defaultdict(list))

    def keep_instances(self, target: Target, found: Iterable[SeenInstance]) -> None:
        """Keep all instances of a Region of an account, but leave out those that a restore drill has made."""
        self._listed.add(target)
        for seen in found:
            if one := to_left_out(seen):
                self.left_out.append(one)
            else:
                self.instances.append(seen)

    def keep_vaults(self, target: Target, vaults: Iterable[SeenVault], points: Iterable[KeptPoint]) -> None:
        """Keep all vaults of a Region of an account, and the recovery points in them."""
        self._read.add(target)
        self.vaults += vaults
        for kept in points:
            self._points[kept.instance_id].append(kept)

    def keep_looked(self, points: Iterable[RecoveryPoint]) -> None:
        """Keep recovery points that were looked into."""
        self.looked |= {point.arn: point for point in points}

    @property
    def points(self) -> Iterator[KeptPoint]:
        """All recovery points."""
        return (one for points in self._points.values() for one in points)

    def points_of(self, instance_id: str) -> list[KeptPoint]:
        """Return the recovery points of an instance."""
        return self._points.get(instance_id, [])

    def to_look_into(self) -> dict[Target, list[KeptPoint]]:
        """Return the recovery points to look into next, by where they are; none in a place that refuses."""
        found: defaultdict[Target, list[KeptPoint]] = defaultdict(list)
        for kept in to_unlooked(self.instances, self.points_of, self.looked):
            if kept.target not in self.closed:
                found[kept.target].append(kept)
        return dict(found)

    def close(self, target: Target, error: AwsError) -> None:
        """Note that a place refuses: why, and that what is there is not known."""
        self.closed.setdefault(target, error)

    @property
    def measured_at(self) -> datetime:
        """The time that ages are measured at: AWS's, as long as it tells, else when the look began."""
        return (self.caller.answered_at if self.caller else None) or self.began_at

    def coverages(self) -> tuple[Coverage, ...]:
        """Return where each instance stands, the worst first."""
        request = self.request
        by = Yardstick(request.objective, request.warning, self.measured_at, self._blind())
        restored = {one.instance_id: one for one in sorted(self.restored, key=lambda one: one.proof.at)}  # the newest
        found = [
            replace(
                assess(one, self.points_of(one.instance.instance_id), self.looked, by),
                restored=restored.get(one.instance.instance_id),
            )
            for one in self.instances
        ]
        order = {standing: number for number, standing in enumerate(Standing)}
        found.sort(key=lambda one: (order[one.standing], -(one.age_seconds or 0), one.instance.instance_id))
        return tuple(found)

    def _blind(self) -> Mapping[Place, str]:
        """Return what could not be read, by place; all that was not read yet by a look that ends early is of it."""
        unread = {place: UNREAD.format(*place) for target, place in self.places.items() if target not in self._read}
        denied = {(one.account, one.region): f"vault {one.name}: {one.trouble}" for one in self.vaults if one.trouble}
        return unread | denied | {self.places[target]: error.message for target, error in self.closed.items()}

    def looked_at(self) -> set[Place]:
        """Return the accounts and Regions of which every instance is known."""
        return set() if self.request.select else {self.places[target] for target in self._listed}


def settle(survey: Survey, ended_at: datetime, calls: Calls, error: BaseException | None = None) -> CoverageReport:
    """Return the report of a look that ended then, by itself or with an error. Pure, whatever is in the survey."""
    run_error = _to_look_error(error)
    coverages = survey.coverages()
    existing = {one.instance.instance_id for one in survey.instances} | {one.instance_id for one in survey.left_out}
    missed = survey.closed or any(one.standing is not Standing.COVERED for one in coverages)
    status = _status(error, missed=bool(missed))
    wanted = existing if survey.request.select else None
    points = [one for one in survey.points if wanted is None or one.instance_id in wanted]
    return CoverageReport(
        run_key=survey.run_key,
        status=status,
        exit_code=run_error.exit_code if run_error else (3 if missed else 0),
        started_at=survey.began_at,
        ended_at=ended_at,
        measured_at=survey.measured_at,
        objective_seconds=survey.request.objective.total_seconds(),
        parameters=survey.request.model_dump(mode="json"),
        coverages=coverages,
        vaults=tuple(survey.vaults),
        leftovers=() if error else to_leftovers(points, existing, survey.looked_at()),
        closed=tuple(
            ClosedPlace(*survey.places[target], trouble.message, trouble.hint)
            for target, trouble in survey.closed.items()
        ),
        statistics=CoverageStatistics(
            (ended_at - survey.began_at).total_seconds(), calls.by_operation, calls.throttled
        ),
        caller=survey.caller,
        left_out=tuple(survey.left_out),
        error=run_error,
        run_url=survey.run_url,
    )


def _to_look_error(error: BaseException | None) -> RunError | None:
    """Return what a report says of the error that ended a look: nothing of it goes on, or is taken up again."""
    found = to_run_error(error)
    if found is None or (isinstance(error, Ec2BackupError) and not isinstance(error, Interrupted)):
        return found
    return replace(found, hint=AGAIN if found.exit_code == Interrupted.exit_code else FAULT)


def _status(error: BaseException | None, *, missed: bool) -> CoverageStatus:
    if error is None:
        return CoverageStatus.MISSED if missed else CoverageStatus.MET
    from_outside = not isinstance(error, Exception) or getattr(error, "exit_code", 1) == 130
    return CoverageStatus.INTERRUPTED if from_outside else CoverageStatus.ABORTED
