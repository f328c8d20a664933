"""What earlier drills have left in a folder: their figures as a trend, and when each instance was last restored."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import AwareDatetime, Field, TypeAdapter, ValidationError

from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.runfile import PREFIX as RUN_PREFIX
from ec2_backup.drilled import Restored
from ec2_backup.history.past_run import Origin, PastRun
from ec2_backup.history.trend import Trend, to_trend
from ec2_backup.states import RunStatus, Verdict

TREND_DRILLS = 30
READ_AT_MOST = 200  # of the newest files: a folder may hold years of drills
_Seconds = Annotated[float, Field(ge=0, lt=1e10, allow_inf_nan=False)]


@dataclass(frozen=True, slots=True)
class _Row:
    instance_id: str


@dataclass(frozen=True, slots=True)
class _Outcome:
    row: _Row
    verdict: Verdict
    proven_at: AwareDatetime | None = None
    recovery_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class _Statistics:
    rows: int
    proven: int
    median_recovery_seconds: _Seconds | None = None


@dataclass(frozen=True, slots=True)
class PastDrill:
    """An earlier drill, as much of its report as its trend needs."""

    run_key: str
    status: RunStatus
    exit_code: int
    started_at: AwareDatetime
    ended_at: AwareDatetime
    outcomes: tuple[_Outcome, ...]
    statistics: _Statistics


_DRILL = TypeAdapter(PastDrill)


def past_drills(folder: Path) -> Iterator[PastDrill]:
    """Yield the drills whose reports lie in a folder, the newest first; what cannot be read is passed over."""
    names = [path for path in folder.glob("drill_*.json") if not path.name.startswith(RUN_PREFIX)]
    for path in sorted(names, key=lambda path: path.name, reverse=True)[:READ_AT_MOST]:
        try:
            found = _DRILL.validate_json(path.read_bytes()) if path.is_file() else None
        except (OSError, ValidationError):
            continue
        if found and found.status is not RunStatus.PLANNED:
            yield found


def to_drill_trend(report: DrillReport, folder: Path) -> Trend | None:
    """Return the last drills of a folder and the one whose report this is, None where it is the first."""
    if report.status is RunStatus.PLANNED:
        return None
    earlier = [one for one in past_drills(folder) if one.run_key != report.run_key][: TREND_DRILLS - 1]
    ordered = sorted(map(_to_run, earlier), key=lambda run: run.ended_at)
    return to_trend([*ordered, _to_run(report)])


def to_folder_trend(folder: Path) -> Trend | None:
    """Return the last drills of a folder, None where there are fewer than two."""
    found = list(past_drills(folder))[:TREND_DRILLS]
    return to_trend(sorted(map(_to_run, found), key=lambda run: run.ended_at))


def last_proven(folder: Path) -> dict[str, Restored]:
    """Return when each instance was last restored and proven in a drill of this folder, and how long that took."""
    proofs: dict[str, Restored] = {}
    for drill in past_drills(folder):
        for one in drill.outcomes:
            at = one.proven_at
            known = proofs.get(one.row.instance_id)
            if at and one.verdict is Verdict.PROVEN and (known is None or known.at < at):
                proofs[one.row.instance_id] = Restored(at, one.recovery_seconds, drill.run_key)
    return proofs


def _to_run(drill: PastDrill | DrillReport) -> PastRun:
    """Return a drill as one of the runs that a trend is drawn of, its median recovery, if there is one, as its time."""
    figures = drill.statistics
    return PastRun(
        run_key=drill.run_key,
        status=drill.status,
        exit_code=drill.exit_code,
        started_at=drill.started_at,
        ended_at=drill.ended_at,
        seconds=figures.median_recovery_seconds,
        origin=Origin(""),
        vault="",
        account="",
        is_dry=False,
        instances=figures.rows,
        proven=figures.proven,
        volumes=0,
        protected_bytes=0,
    )
