"""Step 6: each planned backup started once, whatever happens on the way."""

from dataclasses import replace

import pytest

from ec2_backup import calls, stop
from ec2_backup.aws.backup import start_backup_job, start_backup_jobs, to_start_failure
from ec2_backup.errors import AccessError, AuthenticationError, AwsError, Interrupted
from ec2_backup.model import BackupJob
from ec2_backup.results import Failure
from ec2_backup.settings import BackupOptions
from ec2_backup.states import BackupJobState
from sandbox.fleet import Fleet
from tests.aws.backups import HERE, VAULT, client, instance_id, planned

ONE, TWO, THREE, WINDOWS = (instance_id(number) for number in (1, 2, 3, 4))


@pytest.fixture(scope="module")
def fleet():
    return Fleet.of_size(4).windows(WINDOWS)


@pytest.fixture(scope="module")
def speed():
    """A token is known for an hour, so hours must not pass in milliseconds here."""
    return 1.0


def jobs_of(sandbox, key: str) -> list[str]:
    """Return the ids of all jobs that AWS has of an instance."""
    return [job["id"] for job in sandbox.control.jobs() if job["instance"] == key]


def test_a_started_job_is_created_and_names_its_instance_and_vault(sandbox):
    (plan,) = planned(ONE, run_key="first")

    job = start_backup_job(plan)

    assert (job.instance_id, job.region, job.vault_name) == (ONE, HERE.region, VAULT)
    assert job.state is BackupJobState.CREATED
    assert job.created_at.utcoffset() is not None
    assert job.job_id in jobs_of(sandbox, ONE)
    assert not job.adopted


def test_a_second_start_with_the_same_token_returns_the_same_job(sandbox):
    (plan,) = planned(ONE, run_key="twice")
    before = len(jobs_of(sandbox, ONE))

    assert start_backup_job(plan) == start_backup_job(plan)
    assert len(jobs_of(sandbox, ONE)) == before + 1


def test_everything_that_was_planned_arrives_at_aws():
    options = BackupOptions(start_window_minutes=60, complete_window_minutes=180, windows_vss=True)
    (plan,) = planned(WINDOWS, run_key="full", retention_days=35, tags={"CostCentre": "4711"}, options=options)

    job = start_backup_job(plan)

    shown = client("backup").describe_backup_job(BackupJobId=job.job_id)
    assert shown["RecoveryPointLifecycle"] == {"DeleteAfterDays": 35}
    assert shown["BackupOptions"] == {"WindowsVSS": "enabled"}
    assert (shown["StartBy"] - shown["CreationDate"]).total_seconds() == 3600
    assert shown["IamRoleArn"] == plan.role_arn
    assert plan.tags["CostCentre"] == "4711"


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("InvalidParameterValueException", "Unsupported resource type: x"),
        ("InvalidRequestException", "EC2 is not opted in"),
        ("ResourceNotFoundException", "The instance ID does not exist"),
    ],
)
def test_a_refusal_is_a_failure_of_that_instance_alone(sandbox, code, message):
    plans = planned(ONE, TWO, run_key=f"refused-{code}")
    sandbox.control.fault(operation="StartBackupJob", contains=ONE, code=code, message=message)

    failure, job = start_backup_jobs(plans)

    assert isinstance(failure, Failure)
    assert isinstance(job, BackupJob)
    assert (failure.instance_id, failure.step, failure.aws_code) == (ONE, 6, code)
    assert message in failure.reason
    assert failure.advice


@pytest.mark.parametrize(
    ("code", "kind"),
    [("AccessDeniedException", AccessError), ("ExpiredTokenException", AuthenticationError)],
)
def test_trouble_that_concerns_all_is_raised_after_all_had_their_turn(sandbox, code, kind):
    plans = planned(ONE, THREE, run_key=f"common-{code}")
    before = len(jobs_of(sandbox, THREE))
    sandbox.control.fault(operation="StartBackupJob", contains=ONE, code=code, message="no")

    with pytest.raises(kind):
        start_backup_jobs(plans)

    assert len(jobs_of(sandbox, THREE)) == before + 1


@pytest.mark.parametrize("fault", [{"kind": "throttle"}, {"kind": "error"}, {"kind": "reset"}])
def test_passing_trouble_is_repeated_until_there_is_a_job(sandbox, fault):
    plans = planned(TWO, run_key=f"passing-{fault['kind']}")
    before, earlier, throttled = len(jobs_of(sandbox, TWO)), calls.made(), calls.throttled()
    sandbox.control.fault(operation="StartBackupJob", times=1, **fault)

    (job,) = start_backup_jobs(plans)

    assert isinstance(job, BackupJob)
    assert len(jobs_of(sandbox, TWO)) == before + 1
    assert calls.since(earlier) == {"backup:StartBackupJob": 2}
    assert calls.throttled() - throttled == (fault["kind"] == "throttle")


def test_an_answer_that_was_lost_after_the_job_was_made_never_makes_a_second_one(sandbox):
    plans = planned(THREE, run_key="lost")
    before = len(jobs_of(sandbox, THREE))
    sandbox.control.fault(operation="StartBackupJob", kind="lost", times=2)

    (job,) = start_backup_jobs(plans)

    made = jobs_of(sandbox, THREE)
    assert isinstance(job, BackupJob)
    assert len(made) == before + 1
    assert job.job_id == made[-1]
    assert start_backup_jobs(plans) == [job]
    assert len(jobs_of(sandbox, THREE)) == before + 1


@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_a_spoilt_answer_is_a_failed_call_and_its_repetition_finds_the_same_job(sandbox, kind):
    plans = planned(ONE, TWO, run_key=kind)
    before = len(jobs_of(sandbox, ONE)), len(jobs_of(sandbox, TWO))
    sandbox.control.fault(operation="StartBackupJob", contains=ONE, kind=kind, times=1)

    with pytest.raises(AwsError) as caught:
        start_backup_jobs(plans)
    assert (caught.value.code, caught.value.retryable) == ("UnreadableAnswer", True)

    assert len(start_backup_jobs(plans)) == 2
    assert (len(jobs_of(sandbox, ONE)), len(jobs_of(sandbox, TWO))) == (before[0] + 1, before[1] + 1)


def test_a_stopped_run_starts_nothing_more(sandbox):
    plans = planned(ONE, run_key="stopped")
    before = len(jobs_of(sandbox, ONE))
    stop.stop()

    with pytest.raises(Interrupted):
        start_backup_jobs(plans)
    assert len(jobs_of(sandbox, ONE)) == before


def test_a_failure_keeps_the_hint_of_the_error_or_finds_one_by_its_words():
    (plan,) = planned(ONE)

    hinted = to_start_failure(plan, AwsError("backup:StartBackupJob", "X", "no", hint="Do this."))
    found = to_start_failure(plan, AwsError("backup:StartBackupJob", "X", "More than 50 tags specified"))

    assert hinted.advice == "Do this."
    assert "remove tags" in found.advice


def test_a_vault_that_is_gone_is_refused_as_a_call_that_is_denied():
    plans = [replace(plan, vault_name="Absent") for plan in planned(ONE, run_key="gone")]

    with pytest.raises(AccessError, match="Insufficient privileges"):
        start_backup_jobs(plans)
