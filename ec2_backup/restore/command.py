"""What to type next, when a restore has left something to do."""

import shlex
from collections.abc import Container, Iterable
from pathlib import Path

from pydantic import BaseModel

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
        return to_resume(report.run_key, request.output)
    if report.status is RunStatus.PLANNED:
        named = [request.recovery_point] if request.recovery_point else []
        flags = to_flags([(request, RestoreRequest.model_construct()), (request.options, RestoreOptions())])
        return shlex.join([PROGRAM, "restore", *named, *flags, "--yes"])
    return ""


def to_resume(run_key: str, output: Path) -> str:
    """Return the command that takes a run up whose file is in this folder."""
    folder = [] if str(output) == DEFAULT_OUTPUT else ["--output", str(output)]
    return shlex.join([PROGRAM, "resume", run_key, *folder])


def to_flags(models: Iterable[tuple[BaseModel, BaseModel]], switches: Container[str] = ()) -> list[str]:
    """Return the flags that ask for these models, each beside one of the defaults, which are left out.

    `switches` are flags that stand without a value.
    """
    flags: list[str] = []
    for model, default in models:
        for field, value in model:
            if field in _NOT_FLAGS or value == getattr(default, field):
                continue
            flag = f"--{field.replace('_', '-')}"
            flags += ["--no-copy-tags"] if field == "copy_tags" else [flag] if field in switches else [flag, str(value)]
    return flags
