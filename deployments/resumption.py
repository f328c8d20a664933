"""A run taken up again from this process: as a run, or, where it has proven everything, to send what is not in S3."""

from pathlib import Path

from deployments.local_run import run_backup
from ec2_backup.delivery import to_resend, uploaded
from ec2_backup.logfile import kept_log
from ec2_backup.narration import tell
from ec2_backup.publication import write_files
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.terminal import Output, print_report, shown


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
    from ec2_backup.aws.s3 import put_file  # noqa: PLC0415 - imports boto3

    log = Path(report.files["log"])
    with shown(output.console, live=False, quiet=output.is_quiet), kept_log(log):
        tell(f"every backup of run {report.run_key} is proven: only what is not in S3 yet is sent", step=13)
        return uploaded(write_files(report), put_file)
