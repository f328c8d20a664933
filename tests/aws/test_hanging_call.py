"""A call that AWS does not answer in time is given up and repeated."""

import pytest

from ec2_backup import calls
from ec2_backup.aws.backup import start_backup_jobs
from ec2_backup.aws.session import CONFIG
from ec2_backup.model import BackupJob
from tests.aws.backups import instance_id, planned

LONGER = CONFIG.read_timeout + 1  # type: ignore[attr-defined] - botocore sets it from its keyword


@pytest.fixture(scope="module")
def speed():
    """A token is known for an hour, so hours must not pass in milliseconds here."""
    return 1.0


def test_a_start_that_hangs_is_repeated_and_makes_one_job_whichever_call_comes_first(sandbox):
    plans = planned(instance_id(1), run_key="hanging")
    earlier = calls.made()
    sandbox.control.fault(operation="StartBackupJob", kind="delay", seconds=LONGER, times=1)

    (job,) = start_backup_jobs(plans)

    assert isinstance(job, BackupJob)
    assert [one["id"] for one in sandbox.control.jobs()] == [job.job_id]
    assert calls.since(earlier) == {"backup:StartBackupJob": 2}
