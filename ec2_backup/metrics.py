"""Step 10, last part: the figures of a run that go to CloudWatch."""

from collections.abc import Iterable, Mapping

from ec2_backup.model import BackupJob, Target
from ec2_backup.results import Proof

Figure = tuple[float, str]


def to_metrics(proofs: Iterable[Proof], jobs: Iterable[BackupJob], target: Target) -> Mapping[str, Figure]:
    """Return each metric of one target with its CloudWatch unit: success, failure, the slowest job's duration, bytes.

    The bytes are provisioned ones: AWS Backup does not say how many it copied.
    """
    jobs_here = {job.instance_id: job for job in jobs if job.target == target}
    proven = {proof.instance_id for proof in proofs if proof.failure is None} & jobs_here.keys()
    return {
        "BackupsProven": (len(proven), "Count"),
        "BackupsFailed": (len(jobs_here) - len(proven), "Count"),
        "SlowestBackup": (max(map(_seconds, jobs_here.values()), default=0.0), "Seconds"),
        "ProvisionedBytes": (sum(jobs_here[key].size_bytes or 0 for key in proven), "Bytes"),
    }


def _seconds(job: BackupJob) -> float:
    return (job.completed_at - job.created_at).total_seconds() if job.completed_at else 0.0
