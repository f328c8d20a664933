"""Trouble that passes is waited out within a call: the caller gets the answer and not the trouble."""

from datetime import UTC, datetime, timedelta

import pytest

from ec2_backup import calls
from ec2_backup.aws.backup import list_backup_jobs, start_backup_job
from ec2_backup.aws.ec2 import describe_instances
from tests.aws.backups import CALLER, HERE, VAULT, instance_id, planned

TROUBLE = [
    {"kind": "throttle"},  # ThrottlingException in AWS Backup's words, RequestLimitExceeded in EC2's
    {"code": "LimitExceededException", "status": 400},
    {"code": "TooManyRequestsException", "status": 429},
    {"code": "InternalFailure", "status": 500},
    {"code": "ServiceUnavailableException", "status": 503},
    {"kind": "reset"},
    {"kind": "lost"},
]
EACH = pytest.mark.parametrize("trouble", TROUBLE, ids=lambda trouble: trouble.get("code") or trouble["kind"])


@EACH
def test_a_list_that_fails_at_first_is_the_whole_list(sandbox, trouble):
    (plan,) = planned(instance_id(1), run_key=f"listed-{TROUBLE.index(trouble)}")
    job = start_backup_job(plan)
    earlier = calls.made()
    sandbox.control.fault(operation="ListBackupJobs", times=1, **trouble)

    jobs = list_backup_jobs(VAULT, datetime.now(UTC) - timedelta(days=1), HERE)

    assert job.job_id in {one.job_id for one in jobs}
    assert calls.since(earlier) == {"backup:ListBackupJobs": 2}


@EACH
def test_instances_that_cannot_be_described_at_first_are_not_missing(sandbox, trouble):
    earlier = calls.made()
    sandbox.control.fault(operation="DescribeInstances", times=1, **trouble)

    assert len(describe_instances([instance_id(1), instance_id(2)], CALLER, HERE)) == 2
    assert calls.since(earlier) == {"ec2:DescribeInstances": 2}


def test_a_list_whose_pages_are_slow_is_waited_for_and_whole(sandbox):
    jobs = {start_backup_job(plan).job_id for plan in planned(instance_id(3), instance_id(4), run_key="slow")}
    sandbox.control.switch(page_size=1)
    sandbox.control.fault(operation="ListBackupJobs", kind="delay", seconds=0.3)

    assert jobs <= {job.job_id for job in list_backup_jobs(VAULT, datetime.now(UTC) - timedelta(days=1), HERE)}
