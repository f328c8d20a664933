"""What to type next, when a restore has left something to do."""

import shlex

from ec2_backup.report.command import PROGRAM
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreOptions, RestoreRequest
from ec2_backup.settings import DEFAULT_OUTPUT
from ec2_backup.states import RunStatus, Verdict

_NOT_FLAGS = {"recovery_point", "dry_run", "run_key", "options"}


def to_next_command(report: RestoreReport) -> str:
    """Return the command that goes on where the restore ended, "" where it has left nothing to do.

    What goes on at AWS, and what was interrupted after it had begun, is taken up; a plan without a flaw is carried out.
    """
    request = RestoreRequest.model_validate(report.parameters)
    goes_on = any(one.job and one.verdict is Verdict.RUNNING for one in report.outcomes)
    interrupted = report.status is RunStatus.INTERRUPTED and any(one.job for one in report.outcomes)
    if goes_on or interrupted:
        folder = [] if str(request.output) == DEFAULT_OUTPUT else ["--output", str(request.output)]
        return shlex.join([PROGRAM, "resume", report.run_key, *folder])
    if report.status is RunStatus.PLANNED:
        named = [request.recovery_point] if request.recovery_point else []
        return shlex.join([PROGRAM, "restore", *named, *_flags(request), "--yes"])
    return ""


def _flags(request: RestoreRequest) -> list[str]:
    """Return the flags that ask for this, without those that say the default."""
    flags: list[str] = []
    usual = RestoreRequest.model_construct()
    for model, default in ((request, usual), (request.options, RestoreOptions())):
        for field, value in model:
            if field not in _NOT_FLAGS and value != getattr(default, field):
                flags += ["--no-copy-tags"] if field == "copy_tags" else [f"--{field.replace('_', '-')}", str(value)]
    return flags
