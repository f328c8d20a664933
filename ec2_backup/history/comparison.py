"""What is new in a run, by what was known of the same instances before it. Pure."""

from collections.abc import Iterable, Mapping, Sequence

from ec2_backup.history.past_run import PastRun, Seen
from ec2_backup.since import SinceLast
from ec2_backup.states import Verdict


def is_comparable(run: PastRun, other: PastRun) -> bool:
    """Say whether two runs back up the same list to the same place: same CSV, same vault, same account.

    A run that ended before it had signed in has no account and fits any. Dry runs and a run's own report never do.
    """
    same_account = run.account == other.account or not (run.account and other.account)
    same_list = (run.origin.csv, run.vault) == (other.origin.csv, other.vault)
    return same_list and same_account and not run.is_dry and not other.is_dry and run.run_key != other.run_key


def to_since_last(run: PastRun, others: Iterable[PastRun]) -> SinceLast | None:
    """Return what is new since the last run that can be compared with.

    None where there is no such run, and where this one ended before it had read its list: it has nothing to say.

    What was known before is what the last earlier run over the whole CSV said that ended by itself, with what shorter
    runs after it have found out since: those with `--only-failed`, interrupted ones, and ones that an error ended. So
    an instance that such a run did not reach keeps its last verdict, and one that it did not ask for has not vanished.
    """
    earlier = sorted(
        (one for one in others if is_comparable(run, one) and one.ended_at <= run.ended_at),
        key=lambda one: one.ended_at,
    )
    base = next((number for number in reversed(range(len(earlier))) if _is_base(earlier[number])), None)
    if base is None or not run.seen:
        return None
    known, last = _known(earlier[base:])
    return _compared(run, known, last)


def _is_base(run: PastRun) -> bool:
    return run.ended_by_itself and not run.origin.is_part


def _known(runs: Sequence[PastRun]) -> tuple[dict[str, Seen], PastRun]:
    """Return what is known of each instance after these runs, and the last of them that has added to it."""
    known, last = dict(_settled(runs[0])), runs[0]
    for run in runs[1:]:
        news = {key: seen for key, seen in _settled(run).items() if key in known or not run.origin.is_part}
        known |= news
        last = run if news else last
    return known, last


def _settled(run: PastRun) -> Mapping[str, Seen]:
    """Return what a run says for good: all that it saw if it ended by itself, else what is proven or failed."""
    if run.ended_by_itself:
        return run.seen
    return {key: seen for key, seen in run.seen.items() if seen.verdict in {Verdict.PROVEN, Verdict.FAILED}}


def _compared(run: PastRun, known: Mapping[str, Seen], last: PastRun) -> SinceLast:
    settled = _settled(run)
    groups: dict[str, list[str]] = {}
    for key in run.seen:
        groups.setdefault(_group(settled.get(key), known.get(key)), []).append(key)
    gone = tuple(key for key in known if key not in run.seen)
    is_whole = not run.origin.is_part
    return SinceLast(
        last.run_key,
        last.started_at,
        **{group: tuple(keys) for group, keys in groups.items()},
        vanished=gone if is_whole else (),
        left_out=() if is_whole else gone,
        names={key: known[key].name for key in gone if known[key].name} if is_whole else {},
    )


def _group(now: Seen | None, before: Seen | None) -> str:
    if before is None:
        return "new"
    if now is None:
        return "unsettled"
    was_proven, is_proven = before.verdict is Verdict.PROVEN, now.verdict is Verdict.PROVEN
    if was_proven:
        return "still_proven" if is_proven else "newly_failing"
    return "newly_fixed" if is_proven else "still_failing"
