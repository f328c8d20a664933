"""Copy jobs: started once whatever happens on the way, found again, watched together, and proven where they are."""

from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

import pytest

from ec2_backup import calls
from ec2_backup.aws.copies.destinations import look_at_destination
from ec2_backup.aws.copies.jobs import (
    describe_copy_job,
    list_copy_jobs,
    start_copy_job,
    start_copy_jobs,
    to_start_failure,
    watch_copy_jobs,
)
from ec2_backup.aws.copies.proof import verify_copies
from ec2_backup.copies.model import CopyFailure, CopyProof
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.states import BackupJobState
from ec2_backup.watch import Patience
from sandbox.copyvaults import seed_copy_vault
from tests.aws.backups import HERE, instance_id
from tests.aws.copying import ARN, THERE, a_destination, ended_copies, planned_copies, started_copies

ONE, TWO, THREE, FOUR = (instance_id(number) for number in (1, 2, 3, 4))
PATIENCE = Patience(timedelta(hours=12), 0.01)


@pytest.fixture(scope="module", autouse=True)
def _vault(sandbox, fleet):  # noqa: ARG001 - there has to be one
    seed_copy_vault(a_destination(), fleet)


def copies_of(sandbox, key: str) -> list[str]:
    return [job["id"] for job in sandbox.control.copies() if job["instance"] == key]


def proof_of(key: str, run_key: str) -> CopyProof:
    """Copy a backup of the instance and return what there is of the copy."""
    plans = planned_copies(key, run_key=run_key)
    jobs = ended_copies(started_copies(plans))
    seen = look_at_destination(a_destination(), THERE)
    (proof,) = verify_copies(list(zip(plans, jobs, strict=True)), seen)
    return proof


def test_a_started_copy_is_created_and_names_its_instance_and_vault():
    (plan,) = planned_copies(ONE, run_key="first")

    job = start_copy_job(plan)

    assert (job.instance_id, job.destination_arn, job.source_arn) == (ONE, ARN, plan.source.arn)
    assert (job.state, job.target, job.key) == (BackupJobState.CREATED, HERE, plan.key)


@pytest.mark.parametrize("kind", ["lost", "truncate", "corrupt", "reset", "throttle"])
def test_a_start_that_goes_wrong_is_repeated_with_its_token_and_makes_one_job(sandbox, kind):
    plans = planned_copies(TWO, run_key=f"repeated-{kind}")
    before = len(copies_of(sandbox, TWO))
    sandbox.control.fault("StartCopyJob", kind=kind, times=1)

    for _ in range(2):
        with suppress(AwsError):  # botocore itself repeats what it takes for trouble that passes
            start_copy_jobs(plans)

    assert len(copies_of(sandbox, TWO)) == before + 1


def test_what_aws_refuses_is_the_failure_of_that_copy_alone(sandbox):
    plans = planned_copies(ONE, TWO, run_key="refused")
    sandbox.control.fault(
        "StartCopyJob", times=1, code="AccessDeniedException", status=403, message="not authorized to copy"
    )

    refused, job = start_copy_jobs(plans)

    assert isinstance(refused, CopyFailure)
    assert (refused.instance_id, refused.destination_arn, refused.step) == (ONE, ARN, 6)
    assert "backup:StartCopyJob in us-east-1: AccessDeniedException: not authorized to copy" in refused.reason
    assert (refused.advice != "", refused.aws_code) == (True, "AccessDeniedException")
    assert job.key == plans[1].key


def test_credentials_that_are_over_end_the_start(sandbox):
    plans = planned_copies(ONE, run_key="expired")
    sandbox.control.fault("StartCopyJob", kind="expired", times=1)

    with pytest.raises(AuthenticationError):
        start_copy_jobs(plans)


def test_a_refusal_without_a_hint_has_the_advice_for_its_words():
    (plan,) = planned_copies(ONE, run_key="advice")

    failure = to_start_failure(plan, AwsError("backup:StartCopyJob", "LimitExceeded", "too many copy jobs running"))

    assert failure.advice == "Another copy of this instance is under way: try again when it is over."


def test_a_list_has_all_copies_since_a_time_and_each_is_described_as_it_is_listed():
    plans = planned_copies(THREE, run_key="listed")
    (job,) = ended_copies(started_copies(plans))

    listed = {one.job_id: one for one in list_copy_jobs(job.created_at, HERE)}

    assert listed[job.job_id] == job == describe_copy_job(job)
    assert job.state is BackupJobState.COMPLETED
    assert job.copy_arn
    assert job.copy_arn.startswith("arn:aws:ec2:eu-west-1::image/ami-")
    assert list_copy_jobs(job.created_at + timedelta(days=30), HERE) == []


def test_a_job_that_aws_does_not_know_is_none():
    (plan,) = planned_copies(ONE, run_key="unknown")
    job = start_copy_job(plan)

    assert describe_copy_job(replace(job, job_id="none")) is None


def test_all_copies_of_a_place_are_watched_by_one_list_a_look():
    jobs = started_copies(planned_copies(ONE, TWO, THREE, FOUR, run_key="watched"))
    before = calls.made()

    over = {job.key: job for some in watch_copy_jobs({job.key: job for job in jobs}, PATIENCE) for job in some}

    made = calls.since(before)
    assert {job.state for job in over.values()} == {BackupJobState.COMPLETED}
    assert len(over) == 4
    assert set(made) == {"backup:ListCopyJobs"}


def test_a_copy_that_went_well_is_proven_with_its_image_and_snapshots():
    proof = proof_of(ONE, "good")

    assert proof.failure is None
    assert proof.recovery_point
    assert (proof.recovery_point.image_state, proof.recovery_point.retention_days) == ("available", 30)
    assert {one.volume_id for one in proof.recovery_point.snapshots} == {"vol-ffffffff"}


@pytest.mark.parametrize(
    ("outcome", "said"),
    [
        ({"missing_snapshot": "/dev/xvda"}, "/dev/xvda (8 GiB) has no snapshots in the copied image"),
        ({"image": "absent"}, "does not exist"),
        ({"image": "failed"}, "not available"),
        ({"point": "missing"}, "the vault has no recovery point arn:aws:ec2:eu-west-1::image/ami-"),
        ({"point": "EXPIRED"}, "the recovery point is EXPIRED"),
        ({"delete_after_days": 3}, "it is kept 3 days, asked for was 30 days"),
        ({"state": "PARTIAL"}, "ended PARTIAL"),
        ({"state": "FAILED", "cause": "service-key"}, "default Backup service managed key"),
    ],
)
def test_any_damage_that_aws_does_to_a_copy_is_found(sandbox, outcome, said):
    sandbox.control.script(ONE, outcome | {"times": 1}, job="copy")

    proof = proof_of(ONE, f"damaged-{said}")

    assert proof.failure
    assert said in proof.failure.reason
    assert proof.failure.advice


def test_copies_of_a_fleet_are_verified_by_one_list_and_two_descriptions():
    plans = planned_copies(ONE, TWO, THREE, FOUR, run_key="batched")
    jobs = ended_copies(started_copies(plans))
    seen = look_at_destination(a_destination(), THERE)
    before = calls.made()

    proofs = verify_copies(list(zip(plans, jobs, strict=True)), seen)

    assert [proof.failure for proof in proofs] == [None] * 4
    assert calls.since(before) == {
        "backup:ListRecoveryPointsByBackupVault": 1,
        "ec2:DescribeImages": 1,
        "ec2:DescribeSnapshots": 1,
    }
