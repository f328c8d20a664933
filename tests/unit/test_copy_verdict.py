"""A copy counts when it would restore all that its source would; whatever single thing is wrong is found and named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ec2_backup.copies.model import PlannedCopy
from ec2_backup.copies.verdict import prove_copy
from ec2_backup.model import RecoveryPoint
from ec2_backup.states import BackupJobState
from tests.unit.backups import plans
from tests.unit.copies import KEY, a_copy_job, a_copy_point, a_planned_copy, a_seen

Damage = Callable[[PlannedCopy, RecoveryPoint, int], tuple[RecoveryPoint, str]]


def changed(point: RecoveryPoint, number: int, **changes: object) -> RecoveryPoint:
    """Return the point with one of its snapshots changed."""
    snapshots = list(point.snapshots)
    snapshots[number] = replace(snapshots[number], **changes)  # type: ignore[arg-type]
    return replace(point, snapshots=tuple(snapshots))


def without(_: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    rest = tuple(one for one in point.snapshots if one != point.snapshots[number])
    return replace(point, snapshots=rest), f"{point.snapshots[number].device} ("


def twice(_: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    return replace(point, snapshots=(*point.snapshots, point.snapshots[number])), "has 2 snapshots in the copied image"


def incomplete(_: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    return changed(point, number, state="error"), "is error, not completed"


def smaller(plan: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    size = plan.source.snapshots[number].size_gib
    return changed(point, number, size_gib=size - 1), f"has {size - 1} GiB, its source {size}"


def plain(_: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    return changed(point, number, encrypted=False, kms_key_id=None), "is not encrypted"


def under_another_key(_: PlannedCopy, point: RecoveryPoint, number: int) -> tuple[RecoveryPoint, str]:
    return changed(point, number, kms_key_id="arn:other"), f"is encrypted with arn:other, the vault with {KEY}"


def unavailable(_: PlannedCopy, point: RecoveryPoint, __: int) -> tuple[RecoveryPoint, str]:
    return replace(point, image_state="failed"), "its image ami-copy is failed, not available"


def without_image(_: PlannedCopy, point: RecoveryPoint, __: int) -> tuple[RecoveryPoint, str]:
    return replace(point, image_state=None, snapshots=()), "its image ami-copy does not exist"


def expired(_: PlannedCopy, point: RecoveryPoint, __: int) -> tuple[RecoveryPoint, str]:
    return replace(point, status="EXPIRED"), "the recovery point is EXPIRED"


def kept_otherwise(_: PlannedCopy, point: RecoveryPoint, __: int) -> tuple[RecoveryPoint, str]:
    return replace(point, retention_days=None), "it is kept for ever, asked for was 30 days"


DAMAGES = [without, twice, incomplete, smaller, plain, under_another_key, unavailable, without_image, expired,
           kept_otherwise]  # fmt: skip


@given(plans())
def test_a_copy_that_holds_all_of_its_source_is_proven(plan):
    copy = a_planned_copy(plan)
    job = a_copy_job(copy)

    proof = prove_copy(copy, job, a_copy_point(copy, job), a_seen())

    assert (proof.failure, proof.notes, proof.key) == (None, (), copy.key)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
@given(plan=plans(), number=st.integers(0, 4))
def test_any_damage_is_found_and_named(damage, plan, number):
    copy = a_planned_copy(plan)
    job = a_copy_job(copy)
    point, said = damage(copy, a_copy_point(copy, job), number % len(copy.source.snapshots))

    proof = prove_copy(copy, job, point, a_seen())

    assert proof.failure
    assert proof.failure.step == 12
    assert said in proof.failure.reason
    assert proof.failure.is_lasting, "whoever takes the run up finds the same copy"


def test_a_point_that_the_vault_does_not_show_is_no_copy():
    copy = a_planned_copy()
    job = a_copy_job(copy)

    proof = prove_copy(copy, job, None, a_seen())

    assert proof.failure
    assert proof.failure.reason == f"the vault has no recovery point {job.copy_arn}"


@pytest.mark.parametrize("state", [state for state in BackupJobState if state is not BackupJobState.COMPLETED])
def test_a_job_in_any_state_but_completed_gave_no_copy(state):
    copy = a_planned_copy()
    good = a_copy_point(copy, a_copy_job(copy))

    proof = prove_copy(copy, a_copy_job(copy, state, message="Access Denied"), good, a_seen())

    assert proof.failure
    assert proof.failure.step == 10
    assert state in proof.failure.reason
    assert proof.failure.is_lasting is (state.is_final and state is not BackupJobState.FAILED), "that is started again"


def test_a_job_that_completed_with_issues_gave_no_copy():
    copy = a_planned_copy()
    job = a_copy_job(copy, message_category="AccessDenied", message="something is missing")

    proof = prove_copy(copy, job, a_copy_point(copy, job), a_seen())

    assert proof.failure
    assert "completed with issues (AccessDenied): something is missing" in proof.failure.reason
    assert proof.failure.is_lasting
    assert "resume" not in proof.failure.advice


def test_a_copy_where_nobody_may_look_is_not_proven_however_good_it_may_be():
    copy = a_planned_copy()
    job = a_copy_job(copy)
    unseen = a_seen(vault=None, unseen="the account cannot be entered")

    proof = prove_copy(copy, job, a_copy_point(copy, job), unseen)

    assert proof.failure
    assert "cannot be verified: the account cannot be entered" in proof.failure.reason
    assert not proof.failure.is_lasting


def test_of_a_copy_that_a_backup_plan_made_the_retention_is_told_and_not_judged():
    copy = a_planned_copy()
    job = a_copy_job(copy, adopted=True)

    proof = prove_copy(copy, job, replace(a_copy_point(copy, job), retention_days=90), a_seen())

    assert proof.failure is None
    assert proof.notes == ("a backup plan made this copy, which is kept 90 days",)


def test_a_vault_whose_key_is_not_known_proves_copies_under_any_key():
    copy = a_planned_copy()
    job = a_copy_job(copy)
    seen = a_seen()
    assert seen.vault

    keyless = replace(seen, vault=replace(seen.vault, encryption_key_arn=None), key=None)

    assert prove_copy(copy, job, a_copy_point(copy, job), keyless).failure is None
