"""The way of a proven backup to its copy, as the run goes it, in as few lines as a test needs."""

import time

from ec2_backup.aws.copies.jobs import describe_copy_job, start_copy_jobs
from ec2_backup.aws.evidence import verify_recovery_points
from ec2_backup.copies.destination import CopyDestination, parse_destination
from ec2_backup.copies.model import CopyJob, PlannedCopy
from ec2_backup.copies.plan import plan_copies
from ec2_backup.model import Target
from tests.aws.backups import HERE, ended, planned, started

THERE = Target("eu-west-1")
ARN = "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup-Copy"


def a_destination(text: str = f"{ARN}=30") -> CopyDestination:
    """Return a destination with a retention of its own."""
    return parse_destination(text)


def planned_copies(*ids: str, run_key: str, text: str = f"{ARN}=30") -> list[PlannedCopy]:
    """Back instances of the sandbox up, prove that, and return the plans for their copies."""
    plans = planned(*ids, run_key=run_key)
    jobs = ended(started(plans))
    proofs = verify_recovery_points(list(zip(plans, jobs, strict=True)), HERE)
    return [
        copy
        for plan, job, proof in zip(plans, jobs, proofs, strict=True)
        for copy in plan_copies(plan, job, proof, [a_destination(text)], run_key)
    ]


def started_copies(plans: list[PlannedCopy]) -> list[CopyJob]:
    """Start the copies and return their jobs."""
    return [one for one in start_copy_jobs(plans) if isinstance(one, CopyJob)]


def ended_copies(jobs: list[CopyJob]) -> list[CopyJob]:
    """Return the copy jobs as AWS shows them once all of them have ended."""
    while True:
        now = [describe_copy_job(job) for job in jobs]
        known = [job for job in now if job]
        if all(job.state.is_final for job in known):
            return known
        time.sleep(0.01)
