"""Runs that are ended by a signal at chosen moments, resumed, and held against the sandbox's own books."""

import json
import re
import shutil
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ec2_backup.report import from_json
from ec2_backup.states import Verdict
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.copying import a_vault, copies_of
from tests.flow_runs.front_door import Ended, FrontDoor, has_made, wait_while_at_work
from tests.flow_runs.kill_points import COPYING, INSTANCES, Point

_LOG_LINE = re.compile(r"\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\] .*")
_KEPT_FILE = re.compile(r"backup_log_.*\.log|run_.*\.json|report_.*\.(json|csv|html)")


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a run that was killed and resumed; `violations` says what was not as promised."""

    point: Point
    killed_after: float
    resumed: str
    jobs: int
    violations: tuple[str, ...]

    def __str__(self) -> str:
        verdict = "ok" if not self.violations else "VIOLATED: " + "; ".join(self.violations)
        return (
            f"{self.point!s:<64} killed after {self.killed_after:4.1f} s, {self.resumed}, {self.jobs} jobs: {verdict}"
        )


def kill_and_resume(point: Point, door: FrontDoor, aws: Sandbox, number: int = signal.SIGKILL) -> Tried:
    """Start a run, send it a signal at the point, resume it, and return what was found."""
    fleet = Fleet.of_size(INSTANCES)
    fleet.write_csv(door.folder / "ec2_instances.csv")
    a_vault(fleet)
    aws.control.clear_calls()
    began = time.monotonic()
    process = door.start(*point.flags)
    is_reached = _to_moment(point, door.folder / "backup-output", aws)
    wait_while_at_work(process, lambda: is_reached() or process.poll() is not None)
    time.sleep(point.delay)
    process.send_signal(number)
    killed_after = time.monotonic() - began
    first = door.ended(process)
    violations = [] if number == signal.SIGKILL else [*_of_interruption(first)]
    how, ended = _resume(point, door)
    jobs = {job["id"]: job["instance"] for job in aws.control.jobs()}
    folders = dict.fromkeys([door.folder / "backup-output", ended.folder])
    violations += [
        *_of_jobs(jobs),
        *_of_copies(point, aws),
        *_of_end(ended, jobs),
        *(one for folder in folders for one in _of_files(folder)),
    ]
    return Tried(point, killed_after, f"exit {first.code}, {how}: exit {ended.code}", len(jobs), tuple(violations))


def _to_moment(point: Point, folder: Path, aws: Sandbox) -> Callable[[], bool]:
    if ":" in point.what or point.what == "*":
        return has_made(aws, point.what, point.count)
    return lambda: len(list(folder.glob(point.what))) >= point.count


def _resume(point: Point, door: FrontDoor) -> tuple[str, Ended]:
    """Take the run up again, or begin it anew where it had not come to write its file."""
    run_file = next(iter((door.folder / "backup-output").glob("run_*.json")), None)
    if run_file is None:
        return "begun anew", door.run(*point.flags)
    run_key = json.loads(run_file.read_text())["run_key"]
    if not point.elsewhere:
        return "resumed", door.run("resume", run_key)
    folder = door.folder / "elsewhere"
    (folder / "backup-output").mkdir(parents=True)
    shutil.copy(run_file, folder / "backup-output")
    home = str(folder / "home")  # which is not there
    env = {**door.env, "HOME": home, "EC2_BACKUP_HOME": home, "PREFECT_API_URL": door.api}
    return "resumed elsewhere", FrontDoor(folder, env, door.api).run("resume", f"backup-output/{run_file.name}")


def _of_interruption(ended: Ended) -> Iterator[str]:
    """Yield what a run owes that was asked to end, and had the time to: its exit code, its log and its report."""
    if ended.code not in {0, 130, -signal.SIGINT, -signal.SIGTERM}:  # 0: it was over; a signal: Python was not begun
        yield f"the interrupted run ended with {ended.code}: {ended.output[-2000:]}"
    if "Traceback" in ended.output and ended.code > 0:
        yield f"it showed a traceback: {ended.output[-2000:]}"
    for log in ended.folder.glob("*.log"):
        if "The run ended with exit code" not in log.read_text(encoding="utf-8"):
            yield f"{log.name} has no end"
        if not list(ended.folder.glob("report_*.json")):
            yield "there is no report"


def _of_jobs(jobs: Mapping[str, str]) -> Iterator[str]:
    numbers = Counter(jobs.values())
    if len(numbers) != INSTANCES:
        yield f"{len(numbers)} of {INSTANCES} instances have a job"
    for instance_id, number in numbers.items():
        if number > 1:
            yield f"{instance_id} has {number} jobs"


def _of_copies(point: Point, aws: Sandbox) -> Iterator[str]:
    wanted = INSTANCES if point.phase in COPYING else 0
    copies = copies_of(aws)
    if len(copies) != wanted:
        yield f"{len(copies)} of {wanted} instances have a copy job"
    yield from (f"{instance_id} has {number} copy jobs" for (instance_id, _), number in copies.items() if number > 1)


def _of_end(ended: Ended, jobs: Mapping[str, str]) -> Iterator[str]:
    if ended.code:
        yield f"exit code {ended.code}: {ended.output[-2000:]}"
        return
    run_key = _newest_key(ended.folder)
    yield from (f"{path.name} is left behind" for path in ended.folder.glob(f".*_{run_key}.*"))
    report = from_json((ended.folder / f"report_{run_key}.json").read_text(encoding="utf-8"))
    verdicts = Counter(outcome.verdict for outcome in report.outcomes)
    if verdicts != {Verdict.PROVEN: INSTANCES}:
        yield f"the report says {dict(verdicts)}"
    if any(copy.verdict is not Verdict.PROVEN for one in report.outcomes for copy in one.copies):
        yield "the report has copies that are not proven"
    if {one.job.job_id: one.row.instance_id for one in report.outcomes if one.job} != jobs:
        yield "the report's jobs are not those of the sandbox's books"


def _newest_key(folder: Path) -> str:
    newest = max(folder.glob("run_*.json"), key=lambda path: path.stat().st_mtime_ns)
    return newest.stem.removeprefix("run_")


def _of_files(folder: Path) -> Iterator[str]:
    """Yield what is wrong with the files: all must be whole, or temporary ones that a later run removes."""
    for path in folder.iterdir():
        if path.name.startswith((".run_", ".report_")):
            continue
        if not _KEPT_FILE.fullmatch(path.name):
            yield f"{path.name} is left behind"
        elif path.suffix == ".log":
            yield from _of_log(path)
        elif path.suffix == ".json":
            json.loads(path.read_text(encoding="utf-8"))


def _of_log(path: Path) -> Iterator[str]:
    text = path.read_text(encoding="utf-8")
    if text and not text.endswith("\n"):
        yield f"{path.name} ends in the middle of a line"
    for number, line in enumerate(text.splitlines(), 1):
        if not _LOG_LINE.fullmatch(line):
            yield f"{path.name}: line {number} is no line of a log: {line!r}"
