"""Restores at AWS: jobs that are never started twice, and instances that are the new ones."""

import json
import time
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ec2_backup.aws.iam import RESTORE_POLICY, get_role
from ec2_backup.aws.restore import instances, jobs
from ec2_backup.errors import AwsError
from ec2_backup.model import Caller, ServiceRole
from ec2_backup.restore.model import RestoreFailure
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.backups import BACKUP_TRUST
from tests.aws.inbox import client_of
from tests.aws.restores import AT, a_plan, over, started


@pytest.fixture(scope="module")
def serving() -> AbstractContextManager[Sandbox]:
    """A fleet that has been backed up for some days: by a plan into the vault `Default`, by a run into another."""
    return running(speed=300_000, fleet=Fleet.of_size(3), past=True)


def test_the_same_plan_is_never_started_twice(caller: Caller, role: ServiceRole, sandbox: Sandbox) -> None:
    plan = a_plan(caller, role)
    before = len(sandbox.control.restores())

    first, second = started(plan), started(plan)

    assert first.job_id == second.job_id
    assert len(sandbox.control.restores()) == before + 1


def test_a_job_whose_answer_was_lost_is_found_again(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    plan = a_plan(caller, role, "LOST")
    sandbox.control.fault("backup:StartRestoreJob", "lost")

    with pytest.raises(AwsError):
        jobs.start_restore_job(plan)
    (found,) = jobs.find_own_jobs([plan], began, "LOST")

    assert (found.line, found.recovery_point_arn) == (1, plan.point.arn)


def test_the_job_of_other_settings_or_of_another_run_is_not_taken_for_ones_own(
    caller: Caller, role: ServiceRole, began: datetime
) -> None:
    plan = a_plan(caller, role, "MINE")
    job = over(started(plan), began)
    other = replace(plan, metadata={**plan.metadata, "InstanceType": "t3.nano"})

    assert [one.job_id for one in jobs.find_own_jobs([plan], began, "MINE")] == [job.job_id]
    assert list(jobs.find_own_jobs([other], began, "MINE")) == []
    instances.create_tags(plan, job)
    assert list(jobs.find_own_jobs([plan], began, "THEIRS")) == []


def test_what_aws_refuses_for_good_is_a_failure_with_its_words(
    caller: Caller, role: ServiceRole, sandbox: Sandbox
) -> None:
    plan = a_plan(caller, role, "REFUSED")
    sandbox.control.fault("backup:StartRestoreJob", "error", code="InvalidParameterValueException", message="No.")

    refused = jobs.start_restore_job(plan)

    assert isinstance(refused, RestoreFailure)
    assert "No." in refused.reason


def test_the_new_instance_is_tagged_verified_and_never_the_original(
    caller: Caller, role: ServiceRole, began: datetime
) -> None:
    plan = a_plan(caller, role, "PROVEN", name="new")
    job = over(started(plan), began)
    instances.create_tags(plan, job)
    while not instances.look_at([job])[0].is_ready:
        time.sleep(0.005)

    restored, failure = instances.verify(plan, job)

    assert failure is None
    assert restored is not None
    assert restored.instance.tags["Name"] == "new"
    assert [volume.device for volume in restored.instance.volumes] == [disk.device for disk in plan.point.disks]
    with pytest.raises(ValueError, match="made no new instance"):
        instances.create_tags(plan, replace(job, created_arn=plan.point.source_arn))


def test_an_instance_that_has_gone_costs_the_others_nothing(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    job = over(started(a_plan(caller, role, "GONE")), began)
    client_of(sandbox, "ec2").terminate_instances(InstanceIds=[job.created_id])
    absent = replace(job, line=2, created_arn=job.created_arn[:-17] + "f" * 17)

    (seen,) = instances.look_at([job, absent])

    assert seen.is_lost
    assert instances.verify(a_plan(caller, role, "GONE"), absent)[0] is None


def test_a_role_without_the_policy_for_restores_is_warned_of(sandbox: Sandbox) -> None:
    iam = client_of(sandbox, "iam")
    iam.create_role(RoleName="BackupOnly", AssumeRolePolicyDocument=json.dumps(BACKUP_TRUST))

    (warning,) = get_role("BackupOnly", AT, RESTORE_POLICY).warnings

    assert "has no AWSBackupServiceRolePolicyForRestores attached" in warning


def test_looks_far_in_the_past_find_no_job_of_this_run(caller: Caller, role: ServiceRole) -> None:
    plan = a_plan(caller, role, "LATER")

    assert list(jobs.find_own_jobs([plan], datetime.now(UTC) + timedelta(minutes=1), "LATER")) == []
