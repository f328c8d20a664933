"""Past runs as a folder of reports would yield them, for the tests of what is made of them."""

from datetime import UTC, datetime, timedelta

from ec2_backup.history.past_run import Origin, PastRun, Seen
from ec2_backup.states import RunStatus, Verdict

FIRST = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
PROVEN, FAILED, RUNNING, NOT_STARTED = Verdict.PROVEN, Verdict.FAILED, Verdict.RUNNING, Verdict.NOT_STARTED


def a_past_run(
    day: int = 0,
    status: RunStatus | None = None,
    *,
    csv: str = "ec2_instances.csv",
    is_part: bool = False,
    key: str | None = None,
    account: str = "123456789012",
    seconds: float = 1200,
    **verdicts: Verdict,
) -> PastRun:
    """Return the run of a day, with a verdict for each instance, which is known here by a short name."""
    proven = sum(verdict is PROVEN for verdict in verdicts.values())
    began = FIRST + timedelta(days=day)
    return PastRun(
        run_key=key or f"run-{day}",
        status=status or (RunStatus.PROVEN if proven == len(verdicts) else RunStatus.INCOMPLETE),
        exit_code=0,
        started_at=began,
        ended_at=began + timedelta(seconds=seconds),
        seconds=seconds,
        origin=Origin(csv, is_part),
        vault="EC2-Backup",
        account=account,
        is_dry=status is RunStatus.PLANNED,
        instances=len(verdicts),
        proven=proven,
        volumes=2 * len(verdicts),
        protected_bytes=100 * 1024**3 * proven,
        seen={name: Seen(verdict, f"name-of-{name}") for name, verdict in verdicts.items()},
    )
