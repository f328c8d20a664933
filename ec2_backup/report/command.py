"""What to type next, when a run has left something to do."""

import shlex

from ec2_backup.results import RunReport
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.states import RunStatus, Verdict

PROGRAM = "./start-ec2-backup.sh"


def to_next_command(report: RunReport) -> str:
    """Return the command that takes the run up again where it has jobs that go on, or was interrupted, else nothing.

    It has the same parameters and the run's key, so nothing that was started is started again.
    """
    goes_on = any(outcome.verdict is Verdict.RUNNING for outcome in report.outcomes)
    if not goes_on and report.status is not RunStatus.INTERRUPTED:
        return ""
    words = [PROGRAM, *to_flags(BackupRequest.model_validate(report.parameters)), "--run-key", report.run_key]
    return shlex.join(words)


def to_flags(request: BackupRequest) -> list[str]:
    """Return the flags of the command line that ask for this, without those that say the default."""
    flags: list[str] = []
    for model, default in ((request, BackupRequest()), (request.options, BackupOptions())):
        for field, value in model:
            if value != getattr(default, field) and field not in {"options", "run_key"}:
                flags += _flag(field, value)
    return flags


def _flag(field: str, value: object) -> list[str]:
    if isinstance(value, dict):
        return [word for pair in value.items() for word in ("--tag", "=".join(pair))]
    if field == "publish_metrics":
        return ["--no-metrics"]
    name = f"--{field.replace('_', '-')}"
    return [name] if value is True else [name, str(value)]
