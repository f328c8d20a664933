"""What there really is of copies: the recovery points in the vault that they went into, their AMIs and snapshots."""

from collections.abc import Sequence

from ec2_backup.aws.evidence import gather_points
from ec2_backup.copies.model import CopyJob, CopyProof, PlannedCopy, SeenDestination
from ec2_backup.copies.verdict import prove_copy
from ec2_backup.states import BackupJobState


def verify_copies(copies: Sequence[tuple[PlannedCopy, CopyJob]], seen: SeenDestination) -> list[CopyProof]:
    """Return for each copy into one vault whether it is proven, from what AWS Backup and EC2 show of it there now.

    One list of the vault for all, since the date of a copy is that of its source.
    """
    vault = seen.destination.vault_name
    wanted = {job.copy_arn: vault for _, job in copies if job.copy_arn and job.state is BackupJobState.COMPLETED}
    since = min((plan.source.created_at or job.created_at for plan, job in copies), default=None)
    found = gather_points(wanted, since, seen.target) if seen.is_visible else ()
    points = {point.arn: point for point in found}
    return [prove_copy(plan, job, points.get(job.copy_arn or ""), seen) for plan, job in copies]
