"""What to type next, when a run has left something to do."""

import shlex

from ec2_backup.results import RunReport
from ec2_backup.settings import DEFAULT_CSV, BackupOptions, BackupRequest
from ec2_backup.states import RunStatus, Verdict

PROGRAM = "./start-ec2-backup.sh"


def to_next_command(report: RunReport) -> str:
    """Return the command that takes the run up again where it has jobs that go on, or was interrupted, else nothing.

    A run that has no file yet has started nothing, and one whose jobs were stopped would find them stopped: these
    begin anew, the latter with what is not proven.
    """
    request = BackupRequest.model_validate(report.parameters)
    interrupted = report.status is RunStatus.INTERRUPTED
    if not interrupted and all(outcome.verdict is not Verdict.RUNNING for outcome in report.outcomes):
        return ""
    if request.dry_run or report.caller is None:
        words = to_flags(request)
    elif interrupted and request.options.stop_jobs_on_cancel and "json" in report.files:
        words = [*to_flags(request.model_copy(update={"csv": DEFAULT_CSV})), "--only-failed", report.files["json"]]
    else:
        words = ["resume", report.run_key, *to_flags(BackupRequest(output=request.output))]
    return shlex.join([PROGRAM, *words])


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
