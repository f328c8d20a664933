"""What to type next, when a run has left something to do."""

import shlex

from ec2_backup.report.copies import lacking_copies, mendable_copies
from ec2_backup.results import RunReport
from ec2_backup.settings import DEFAULT_CSV, DEFAULT_OUTPUT, BackupOptions, BackupRequest
from ec2_backup.states import RunStatus, Verdict

PROGRAM = "./start-ec2-backup.sh"


def to_next_command(report: RunReport) -> str:
    """Return the command that goes on where the run ended, empty where it has left nothing to do.

    - A run with jobs that go on, or that was interrupted, is taken up again. One that has no file yet has started
      nothing, and one whose jobs were stopped would find them stopped: these begin anew, the latter with what is not
      proven.
    - What failed is tried again once the cause is mended; a plan without a flaw is carried out. Where only copies
      failed, the run that is taken up finds their backups proven, and copies them, unless each of the copies is there
      and not whole: these it would but find again.
    """
    request = BackupRequest.model_validate(report.parameters)
    interrupted = report.status is RunStatus.INTERRUPTED
    if interrupted or any(outcome.verdict is Verdict.RUNNING for outcome in report.outcomes) or _only_copies(report):
        if request.dry_run or report.caller is None:
            return _command(to_flags(request))
        if not (interrupted and request.options.stop_jobs_on_cancel and "json" in report.files):
            return _command(["resume", report.run_key, *to_flags(BackupRequest(output=request.output))])
        return _only_failed(request, report)
    if report.status is RunStatus.PLANNED:
        return _command(to_flags(request.model_copy(update={"dry_run": False})))
    if report.status is RunStatus.INCOMPLETE and not request.dry_run and "json" in report.files:
        return _only_failed(request, report) if report.failures else _drill_again(request, report)
    return ""


def to_restore_hint(report: RunReport) -> str:
    """Return how an instance is restored, empty where the run proved nothing."""
    proven = [outcome for outcome in report.outcomes if outcome.verdict is Verdict.PROVEN]
    if not proven or "html" not in report.files:
        return ""
    own = next((one for one in proven if not one.row.role_arn), None)
    if own is None:  # each is restored with credentials of its own account
        return "the HTML report has the command for each instance"
    command = _command(
        ["restore", "--instance", own.row.instance_id, *(["--region", own.region] if own.region else [])]
    )
    return command + ("; the HTML report has the command for each" if len(proven) > 1 else "")


def _only_copies(report: RunReport) -> bool:
    is_over = report.status is RunStatus.INCOMPLETE and report.parameters.get("dry_run") is not True
    return is_over and not report.failures and bool(mendable_copies(report))


def _only_failed(request: BackupRequest, report: RunReport) -> str:
    flags = to_flags(request.model_copy(update={"csv": DEFAULT_CSV}))
    return _command([*flags, "--only-failed", report.files["json"]])


def _drill_again(request: BackupRequest, report: RunReport) -> str:
    """Return the command of another drill where the run's own has failed, empty where it is copies alone that did."""
    has_failed = report.drill is not None and not report.drill.is_good
    return _command(["drill", *_drill_flags(request)]) if has_failed or not lacking_copies(report) else ""


def _drill_flags(request: BackupRequest) -> list[str]:
    """Return the flags of a drill of as many instances of the same list, in the same place."""
    options = request.options
    asked = {"csv": request.csv, "region": request.region, "output": str(request.output), "sample": str(options.drill),
             "subnet": options.drill_subnet, "security-group": options.drill_security_group,
             "check": options.drill_check, "profile": options.drill_profile}  # fmt: skip
    usual = {"csv": DEFAULT_CSV, "output": DEFAULT_OUTPUT}
    named = {name: value for name, value in asked.items() if value and value != usual.get(name)}
    return [word for name, value in named.items() for word in (f"--{name}", value)]


def _command(words: list[str]) -> str:
    return shlex.join([PROGRAM, *words])


def to_flags(request: BackupRequest) -> list[str]:
    """Return the flags of the command line that ask for this, without those that say the default.

    Whether a run waits for a vault is asked of runs of deployments alone: there is no flag for it.
    """
    flags: list[str] = []
    for model, default in ((request, BackupRequest()), (request.options, BackupOptions())):
        for field, value in model:
            if value != getattr(default, field) and field not in {"options", "run_key", "on_busy_vault"}:
                flags += _flag(field, value)
    return flags


def _flag(field: str, value: object) -> list[str]:
    if isinstance(value, dict):
        return [word for pair in value.items() for word in ("--tag", "=".join(pair))]
    if field == "publish_metrics":
        return ["--no-metrics"]
    name = f"--{field.replace('_', '-')}"
    if isinstance(value, tuple):
        return [word for one in value for word in (name, str(one))]
    return [name] if value is True else [name, str(value)]
