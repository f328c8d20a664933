"""A copy has one token for one attempt, wherever it is planned; what AWS has of it already is never made again."""

from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.copies.plan import adopt_copies, plan_copies, to_copy_request, to_copy_restarts, to_copy_token
from ec2_backup.results import Failure
from ec2_backup.states import BackupJobState
from tests.unit.backups import a_plan, an_instance
from tests.unit.copies import ACROSS, ARN, RUN_KEY, a_backup, a_copy_job, a_destination, a_planned_copy

FAILED, RUNNING, CREATED = BackupJobState.FAILED, BackupJobState.RUNNING, BackupJobState.CREATED
COPIES = st.tuples(st.text(max_size=3), st.text(max_size=3), st.text(max_size=3), st.integers(1, 3))


def test_a_proven_backup_is_planned_once_for_each_vault():
    near, far = plan_copies(*a_backup(), [a_destination(), a_destination(f"{ACROSS}=9")], RUN_KEY)

    assert (near.destination.arn, far.destination.arn) == (ARN, ACROSS)
    assert (near.retention_days, far.retention_days) == (30, 9)
    assert near.idempotency_token != far.idempotency_token
    assert near.key != far.key


def test_a_backup_that_is_not_proven_is_not_copied():
    plan, job, proof = a_backup()
    failure = Failure(plan.instance.instance_id, 12, "a snapshot is missing")

    assert plan_copies(plan, job, replace(proof, failure=failure), [a_destination()], RUN_KEY) == []
    assert plan_copies(plan, job, replace(proof, recovery_point=None), [a_destination()], RUN_KEY) == []


def test_the_request_has_all_that_start_copy_job_wants_and_leaves_out_a_retention_that_is_none():
    copy = a_planned_copy()
    request = to_copy_request(copy)

    assert request == {
        "RecoveryPointArn": copy.source.arn,
        "SourceBackupVaultName": "EC2-Backup",
        "DestinationBackupVaultArn": ARN,
        "IamRoleArn": copy.role_arn,
        "IdempotencyToken": copy.idempotency_token,
        "Lifecycle": {"DeleteAfterDays": 30},
    }
    assert "Lifecycle" not in to_copy_request(replace(copy, retention_days=None))


@given(one=COPIES, other=COPIES)
def test_two_copies_have_one_token_only_if_they_are_the_same(one, other):
    assert (to_copy_token(*one) == to_copy_token(*other)) == (one == other)
    assert to_copy_token(*one) == to_copy_token(*one)


@pytest.mark.parametrize("state", [CREATED, RUNNING, BackupJobState.COMPLETED, BackupJobState.PARTIAL])
def test_a_copy_that_aws_has_already_is_taken_over_and_not_started(state):
    copy = a_planned_copy()
    job = a_copy_job(copy, state)

    assert adopt_copies([copy], [job], RUN_KEY) == ([job], [], Counter({copy.key: 1}))


def test_a_copy_of_another_point_or_into_another_vault_is_none_of_ours():
    copy = a_planned_copy()
    others = [a_copy_job(copy, source_arn="another"), a_copy_job(copy, destination_arn=ACROSS)]

    assert adopt_copies([copy], others, RUN_KEY) == ([], [copy], Counter())


def test_a_copy_all_of_whose_jobs_failed_is_planned_anew_under_the_next_token():
    copy = a_planned_copy()
    failed = [a_copy_job(copy, FAILED, hours=number) for number in (1, 2)]

    found, (again,), had = adopt_copies([copy], failed, RUN_KEY)

    assert (found, had[copy.key]) == ([], 2)
    assert again.idempotency_token == to_copy_token(RUN_KEY, copy.source.arn, ARN, 3)
    assert replace(again, idempotency_token=copy.idempotency_token) == copy


@given(st.permutations([1, 2, 3]), st.lists(st.sampled_from([FAILED, RUNNING]), min_size=3, max_size=3))
def test_of_several_jobs_the_newest_counts_that_has_not_failed_in_whatever_order_they_are_listed(order, states):
    copy = a_planned_copy()
    jobs = {number: a_copy_job(copy, states[number - 1], hours=number) for number in (1, 2, 3)}
    good = [number for number in jobs if jobs[number].state is RUNNING]

    found, rest, _ = adopt_copies([copy], [jobs[number] for number in order], RUN_KEY)

    assert found == ([jobs[max(good)]] if good else [])
    assert len(rest) == (0 if good else 1)


@pytest.mark.parametrize(
    ("message", "attempts", "again"),
    [
        ("An internal error occurred.", 1, True),
        ("There are too many copy jobs running for resource.", 1, True),
        ("An internal error occurred.", 2, False),
        ("Access Denied trying to call AWS Backup service", 1, False),
    ],
)
def test_a_copy_is_started_again_for_a_passing_cause_and_as_often_as_was_asked(message, attempts, again):
    copy = a_planned_copy(a_plan(an_instance(7)))
    job = a_copy_job(copy, FAILED, message=message)

    plans = to_copy_restarts([job], {copy.key: copy}, RUN_KEY, {copy.key: attempts}, 2)

    assert [plan.idempotency_token for plan in plans] == [to_copy_token(RUN_KEY, copy.source.arn, ARN, 2)] * again


def test_a_copy_that_a_backup_plan_made_is_never_started_again():
    copy = a_planned_copy()
    job = a_copy_job(copy, FAILED, message="An internal error occurred.", adopted=True)

    assert to_copy_restarts([job], {copy.key: copy}, RUN_KEY, {copy.key: 1}, 2) == []
