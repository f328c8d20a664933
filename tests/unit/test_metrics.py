"""The figures that go to CloudWatch, by Region."""

from dataclasses import replace

from ec2_backup.metrics import to_metrics
from ec2_backup.model import GIB, Target
from ec2_backup.results import Failure, Proof
from ec2_backup.states import BackupJobState
from tests.unit.backups import REGION, a_job, instance_id

ONE, TWO, THREE = (instance_id(number) for number in (1, 2, 3))
JOBS = [
    a_job(ONE),
    replace(a_job(TWO, BackupJobState.RUNNING), size_bytes=7 * GIB),
    replace(a_job(THREE), region="us-east-1"),
]
PROOFS = [Proof(ONE, None, None), Proof(TWO, None, Failure(TWO, 12, "no image")), Proof(THREE, None, None)]


def test_a_region_counts_its_own_jobs_and_the_bytes_of_proven_ones():
    assert to_metrics(PROOFS, JOBS, Target(REGION)) == {
        "BackupsProven": (1, "Count"),
        "BackupsFailed": (1, "Count"),
        "SlowestBackup": (1200.0, "Seconds"),
        "ProvisionedBytes": (40 * GIB, "Bytes"),
    }


def test_a_region_without_jobs_publishes_noughts():
    assert {value for value, _ in to_metrics(PROOFS, JOBS, Target("ap-south-1")).values()} == {0}


def test_a_job_without_a_size_or_an_end_counts_nothing_for_them():
    job = replace(a_job(ONE), size_bytes=None, completed_at=None)

    metrics = to_metrics(PROOFS, [job], Target(REGION))

    assert metrics["ProvisionedBytes"] == (0, "Bytes")
    assert metrics["SlowestBackup"] == (0.0, "Seconds")
