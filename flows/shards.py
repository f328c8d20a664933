"""How a fleet's shards are run: so many at once, each until it is over, once more where its worker has died."""

from collections import deque
from datetime import UTC, datetime
from time import monotonic

from prefect.client.schemas.objects import State, StateType

from ec2_backup import stop
from ec2_backup.errors import Ec2BackupError
from ec2_backup.fleetbook import FleetBook, ShardRun, to_failures
from ec2_backup.fleetoptions import FleetOptions
from ec2_backup.ledger import Ledger
from ec2_backup.narration import FleetProgress, Mark, tell, tell_done, tell_progress
from ec2_backup.report.figures import headline
from ec2_backup.report.units import count
from ec2_backup.shards import Shard, SharedPlace, to_start
from flows.shardruns import earlier_runs, is_refusal, newest_states
from tasks.shards import read_report, start_shard

DELETED = "it was deleted in Prefect"


def take_up(run: Ledger, book: FleetBook, place: SharedPlace) -> None:
    """Find what an earlier run of this fleet has left: reports of shards that are done, and runs that still go on."""
    for flow_run in earlier_runs(run.run_key):
        run_key = str(flow_run.parameters.get("run_key"))
        if run_key in book.shards:
            book.runs[run_key] += 1
            book.under_way[run_key] = ShardRun(book.shards[run_key], flow_run.id)  # of several, the newest
            if flow_run.state is None or flow_run.state.is_final():
                del book.under_way[run_key]
    for shard in book.shards.values():
        if shard.run_key not in book.under_way:
            _read(shard, book, place)
            if book.is_good(shard):
                _close(shard, run, book)
    if book.runs:
        before, going = len(book.over), len(book.under_way)
        left = count(len(book.shards) - before - going, "shard")
        tell(f"{count(before, 'shard')} proven before, {going:,} under way, {left} to be run", step=6)


def run_shards(run: Ledger, book: FleetBook, place: SharedPlace, options: FleetOptions) -> None:
    """Run each shard that is not over, at most so many at once, until all are over or the fleet's deadline has passed.

    What became of them is in the book; rows of which no shard reports are Failures in the ledger.
    """
    begun = book.over | book.under_way.keys()
    turns = deque((shard, 1) for shard in book.shards.values() if shard.run_key not in begun)
    until = monotonic() + options.deadline_minutes * 60
    while turns or book.under_way:
        _begin(turns, run, book, place, options)
        stop.sleep(options.look_seconds)
        for attempt, state in newest_states(book.under_way.values()):
            if state is None or state.is_final():
                turns.extendleft(_end(attempt, state, run, book, place, options))
        if monotonic() > until:
            note_unfinished(book, run, "the fleet's deadline has passed")
            return


def _begin(
    turns: deque[tuple[Shard, int]], run: Ledger, book: FleetBook, place: SharedPlace, options: FleetOptions
) -> None:
    """Start runs while there is room for them; what Prefect cannot do now is tried again at the next look."""
    while turns and len(book.under_way) < options.at_once:
        shard, number = turns[0]
        start = to_start(shard, run.request, place, book.runs[shard.run_key] + 1)
        try:
            flow_run_id = start_shard(start, options.deployment)
        except Exception as error:  # noqa: BLE001 - of a shard, or of a server that may be back in a minute
            if not is_refusal(error):
                tell(f"Prefect could not be asked to run {shard}: {_words(error)}", mark=Mark.WARNING, step=6)
                return
            hint = error.hint if isinstance(error, Ec2BackupError) else ""
            _lose(shard, f"the run of its shard could not be started: {_words(error)}", run, book, hint)
        else:
            book.under_way[shard.run_key] = ShardRun(shard, flow_run_id, number)
            book.runs[shard.run_key] += 1
        turns.popleft()


def _end(
    attempt: ShardRun, state: State | None, run: Ledger, book: FleetBook, place: SharedPlace, options: FleetOptions
) -> list[tuple[Shard, int]]:
    """Settle a shard whose run has ended, or return it with the number of its next run where the worker has died."""
    shard, said = attempt.shard, f"{state.name}: {state.message}" if state else DELETED
    trouble = _read(shard, book, place)
    crashed = state is None or state.type is StateType.CRASHED
    if crashed and not book.is_good(shard) and attempt.number <= options.again:
        tell(f"the run of {shard} is repeated, {said}", mark=Mark.WARNING, step=6)
        del book.under_way[shard.run_key]
        return [(shard, attempt.number + 1)]
    if shard.run_key in book.reports:
        _close(shard, run, book)
    else:
        _lose(shard, f"the run of its shard {attempt.flow_run_id} left no report, {said}. {trouble}".strip(), run, book)
    return []


def _read(shard: Shard, book: FleetBook, place: SharedPlace) -> str:
    """Read the report of a shard into the book, and return what hindered that, "" where there is one."""
    try:
        report = read_report(str(shard), where := place.report(shard))
    except Ec2BackupError as error:
        return f"{error.message} {error.hint}"
    if report is None:
        return f"There is no {where}: is that where every worker and the fleet look?"
    if book.keep(shard, report):
        return ""
    return f"{report.error.message} {report.error.hint}" if report.error else f"{where} is of other instances."


def _close(shard: Shard, run: Ledger, book: FleetBook) -> None:
    book.close(shard)
    report = book.reports[shard.run_key]
    if book.is_good(shard):
        tell_done(10, f"{shard}: {headline(report)}")
    else:
        tell(f"{shard}: {headline(report)}", mark=Mark.FAILED, step=10)
    _progress(run, book)


def _lose(shard: Shard, reason: str, run: Ledger, book: FleetBook, hint: str = "") -> None:
    book.close(shard)
    run.note(to_failures(shard, reason, run.run_key, hint))
    _progress(run, book)


def _progress(run: Ledger, book: FleetBook) -> None:
    seconds = (datetime.now(UTC) - run.began_at).total_seconds()
    total = sum(len(shard.rows) for shard in book.shards.values())
    tell_progress(FleetProgress(10, "instances in shards that are over", book.done, total, {}, seconds))


def note_unfinished(book: FleetBook, run: Ledger, why: str = "the fleet's run ended first") -> None:
    """Write down of each shard that is not over that its instances are not proven, and why."""
    for run_key, shard in book.shards.items():
        if run_key not in book.over | book.reports.keys():
            attempt = book.under_way.get(run_key)
            what = f"the run of its shard {attempt.flow_run_id} goes on" if attempt else "its shard was not started"
            run.note(to_failures(shard, f"{what}, {why}", run.run_key))


def _words(error: Exception) -> str:
    return str(error).splitlines()[0] if str(error) else type(error).__name__
