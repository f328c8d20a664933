"""A run taken up again from this process: as a run, or, where it has proven everything, to send what is not in S3."""

from dataclasses import replace
from pathlib import Path

from deployments.local_run import run_backup
from deployments.prefect_connection import connect_to_prefect
from ec2_backup.delivery import to_resend, uploaded
from ec2_backup.logfile import kept_log
from ec2_backup.narration import tell
from ec2_backup.publication import write_files
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.sources import names_blocks
from ec2_backup.terminal import Output, print_report, shown
from ec2_backup.uploads import to_copies


def resume_run(request: BackupRequest, output: Output) -> int:
    """Take the run up, show it, and return the exit code; one that has only files left to send does that alone.

    Raises EndedWithoutPrefect like `run_backup`, and UsageError where the folder cannot be written.
    """
    report = to_resend(request.output, request.run_key or "")
    if report is None:
        return run_backup(request, output)
    with output.reserved():
        report = _resent(report, output)
        print_report(report, output.console, quiet=output.is_quiet)
    output.write_report(report)
    return report.exit_code


def _resent(report: RunReport, output: Output) -> RunReport:
    from ec2_backup.aws.s3 import put_file, to_url  # noqa: PLC0415 - imports boto3

    log = Path(report.files["log"])
    with shown(output.console, live=False, quiet=output.is_quiet), kept_log(log):
        tell(f"every backup of run {report.run_key} is proven: only what is not in S3 yet is sent", step=13)
        _use_blocks(report, output)
        copies = {kind: to_url(place) for kind, place in to_copies(report).items()}
        return uploaded(write_files(replace(report, copies=copies)), put_file, to_url)


def _use_blocks(report: RunReport, output: Output) -> None:
    """Load the blocks that the files are sent with, from the Prefect that has them; their lists are not read again."""
    request = BackupRequest.model_validate(report.parameters)
    options = request.options.model_copy(update={"accounts": None})
    sending = request.model_copy(update={"csv": str(report.files["log"]), "options": options})
    if not names_blocks(sending):
        return
    connect_to_prefect(output.aside)
    from flows.blocks import use_blocks  # noqa: PLC0415 - imports Prefect

    use_blocks(sending)
