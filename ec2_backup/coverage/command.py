"""What to type next, when a look at the coverage has found something to back up."""

import shlex

from ec2_backup.coverage.report import CoverageReport
from ec2_backup.report.command import PROGRAM
from ec2_backup.settings import DEFAULT_ACCOUNT_ROLE


def to_next_command(report: CoverageReport) -> str:
    """Return the command that backs up what misses the objective, "" where there is nothing of the kind."""
    if "missed" not in report.files:
        return ""
    usual = {"account_role": DEFAULT_ACCOUNT_ROLE}
    asked = ((name, report.parameters.get(name)) for name in ("accounts", "account_role", "credentials_block"))
    flags = [(f"--{name.replace('_', '-')}", value) for name, value in asked if value and value != usual.get(name)]
    return shlex.join([PROGRAM, "--csv", report.files["missed"], *(str(word) for pair in flags for word in pair)])
