"""How a recovery point is restored, as commands: by this program, or by the AWS CLI."""

import shlex

from ec2_backup.report.command import PROGRAM
from ec2_backup.results import Outcome, RunReport
from ec2_backup.states import Verdict


def to_restore_commands(outcome: Outcome, report: RunReport) -> tuple[str, ...]:
    """Return three commands that restore a proven recovery point as a new instance, nothing where there is none.

    The first is this program's, which proves the new instance as well. Without it there are two of the AWS CLI: one
    writes down what the instance was like, as AWS Backup kept it, the other starts the restore with that file, which is
    edited in between. AWS wants values of the file to be JSON texts, as the first of the two writes.
    """
    point, plan, job = outcome.recovery_point, outcome.plan, outcome.job
    if outcome.verdict is not Verdict.PROVEN or point is None:
        return ()
    held_by = job or plan
    vault = held_by.vault_name if held_by else str(report.parameters.get("vault", ""))
    role = plan.role_arn if plan else report.role.arn if report.role else ""
    file = f"restore-{outcome.row.instance_id}.json"
    at = ["--region", outcome.region, "--recovery-point-arn", point.arn]
    look = ["get-recovery-point-restore-metadata", *at, "--backup-vault-name", vault]
    start = ["start-restore-job", *at, "--resource-type", "EC2", "--metadata", f"file://{file}"]
    saved = f"--query RestoreMetadata --output json > {shlex.quote(file)}"
    return (
        shlex.join([PROGRAM, "restore", point.arn]),
        f"{shlex.join(['aws', 'backup', *look])} {saved}",
        shlex.join(["aws", "backup", *start, *(["--iam-role-arn", role] if role else [])]),
    )
