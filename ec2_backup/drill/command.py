"""What to type next, when a drill has left something to do."""

import shlex

from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.request import DrillOptions, DrillRequest
from ec2_backup.report.command import PROGRAM
from ec2_backup.restore.command import to_flags, to_resume
from ec2_backup.states import RunStatus

_SWITCHES = frozenset({"keep_failed", "accept_connected"})


def to_next_command(report: DrillReport) -> str:
    """Return the command that goes on where the drill ended, "" where it has left nothing to do.

    A drill that ended early, or left something, is taken up: that removes what it made. A plan is carried out.
    """
    request = DrillRequest.model_validate(report.parameters)
    ended_early = report.status in {RunStatus.INTERRUPTED, RunStatus.ABORTED}
    if report.left or (ended_early and any(one.job for one in report.outcomes)):
        return to_resume(report.run_key, request.output)
    if report.status is RunStatus.PLANNED and not request.recovery_points:  # for which there is no flag
        usual = DrillRequest.model_construct()
        flags = to_flags([(request, usual), (request.options, DrillOptions())], _SWITCHES)
        return shlex.join([PROGRAM, "drill", *flags, "--yes"])
    return ""
