"""The history as a program reads it: JSON values that stay what they are while the words on the screen change."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from ec2_backup.history.gathering import History
from ec2_backup.history.past_run import PastRun, Seen
from ec2_backup.since import SinceLast
from ec2_backup.states import Verdict

SCHEMA_VERSION = 1


def to_overview(history: History) -> dict[str, Any]:
    """Return runs, newest last, what is new in the newest run that did more than plan, and what was left out."""
    return {
        "schema_version": SCHEMA_VERSION,
        "runs": [_run(run) for run in history.runs],
        "since_last": _since(history.since_last, history.newest),
        "unreadable": [{"file": one.file, "why": one.why} for one in history.unreadable],
    }


def _run(run: PastRun) -> dict[str, Any]:
    failing = {key: seen for key, seen in run.seen.items() if seen.verdict not in {Verdict.PROVEN, Verdict.PLANNED}}
    return {
        "run_key": run.run_key,
        "status": run.status.value,
        "exit_code": run.exit_code,
        "started_at": _time(run.started_at),
        "ended_at": _time(run.ended_at),
        "seconds": run.seconds,
        "csv": run.origin.csv,
        "is_part_of_csv": run.origin.is_part,
        "vault": run.vault,
        "account": run.account,
        "dry_run": run.is_dry,
        "instances": run.instances,
        "proven": run.proven,
        "success_rate": run.success_rate,
        "volumes": run.volumes,
        "protected_bytes": run.protected_bytes,
        "copies": run.copies,
        "proven_copies": run.proven_copies,
        "failures": [_instance(key, seen) for key, seen in failing.items()],
    }


def _instance(key: str, seen: Seen) -> Mapping[str, str]:
    return {"instance_id": key, "name": seen.name, "verdict": seen.verdict.value, "reason": seen.reason}


def _since(since: SinceLast | None, newest: PastRun | None) -> dict[str, Any] | None:
    if since is None or newest is None:
        return None
    groups = (
        "newly_failing",
        "newly_fixed",
        "still_failing",
        "still_proven",
        "new",
        "vanished",
        "unsettled",
        "left_out",
    )
    return {
        "run_key": newest.run_key,
        "earlier_run_key": since.run_key,
        "earlier_started_at": _time(since.started_at),
        **{group: list(getattr(since, group)) for group in groups},
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")
