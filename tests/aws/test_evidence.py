"""Step 12: what there really is of a backup decides whether it counts."""

from dataclasses import replace

import pytest

from ec2_backup import calls
from ec2_backup.aws.evidence import gather_evidence, verify_recovery_points
from ec2_backup.errors import AwsError
from ec2_backup.results import Proof
from ec2_backup.states import BackupJobState
from sandbox.fleet import Fleet
from sandbox.machines import Disk
from tests.aws.backups import HERE, client, ended, instance_id, planned, started

ONE, TWO, THREE = (instance_id(number) for number in (1, 2, 3))
DISKS = (Disk("/dev/xvda", 8, key="fleet"), Disk("/dev/sdf", 20))


@pytest.fixture(scope="module")
def fleet():
    fleet = Fleet()
    for number in range(1, 211):
        fleet.with_disks(instance_id(number), *DISKS)
    return fleet


def proofs_of(*ids: str, run_key: str, **parameters: object) -> list[Proof]:
    """Back the instances up and return what their recovery points prove."""
    plans = planned(*ids, run_key=run_key, **parameters)
    return verify_recovery_points(list(zip(plans, ended(started(plans)), strict=True)), HERE)


def test_a_backup_that_went_well_is_proven_with_its_image_and_snapshots():
    (proof,) = proofs_of(ONE, run_key="good", retention_days=35, tags={"CostCentre": "4711"})

    point = proof.recovery_point
    assert proof.failure is None
    assert proof.notes == ()
    assert point
    assert (point.status, point.image_state, point.retention_days) == ("COMPLETED", "available", 35)
    assert {snapshot.device: snapshot.size_gib for snapshot in point.snapshots} == {"/dev/xvda": 8, "/dev/sdf": 20}
    assert {snapshot.device: snapshot.encrypted for snapshot in point.snapshots} == {
        "/dev/xvda": True,
        "/dev/sdf": False,
    }
    assert {snapshot.state for snapshot in point.snapshots} == {"completed"}
    assert point.tags["CostCentre"] == "4711"
    assert point.tags["RunId"] == "good"
    assert point.size_bytes == 28 * 1024**3
    assert point.delete_at
    assert point.completed_at


DAMAGES = {
    "no-point": ({"point": "missing"}, "no recovery point arn:aws:ec2:us-east-1::image/ami-"),
    "expired": ({"point": "EXPIRED"}, "the recovery point is EXPIRED"),
    "partial": ({"point": "PARTIAL"}, "the recovery point is PARTIAL"),
    "stopped": ({"point": "STOPPED"}, "the recovery point is STOPPED"),
    "no-image": ({"image": "absent"}, "does not exist"),
    "failed-image": ({"image": "failed"}, "is failed, not available"),
    "no-snapshot": ({"missing_snapshot": "/dev/sdf"}, "(/dev/sdf, 20 GiB) has no snapshot in the image"),
    "unencrypted": ({"unencrypted_snapshot": "/dev/xvda"}, "it is encrypted, snapshot snap-"),
    "other-volume": ({"missing_volume_id": "/dev/sdf"}, "(/dev/sdf, 20 GiB) has no snapshot in the image"),
    "short": ({"delete_after_days": 1}, "it is kept 1 day, asked for was 7 days"),
    "tag": ({"missing_tag": "RunId"}, "tag RunId is missing"),
}


@pytest.mark.parametrize(("outcome", "named"), DAMAGES.values(), ids=DAMAGES)
def test_whatever_is_wrong_with_a_backup_is_named_and_its_neighbour_stays_proven(sandbox, request, outcome, named):
    sandbox.control.script(ONE, outcome | {"times": 1})

    bad, good = proofs_of(ONE, TWO, run_key=f"damaged-{request.node.callspec.id}")

    assert bad.failure
    assert bad.failure.step == 12
    assert named in bad.failure.reason
    assert good.failure is None


def test_a_recovery_point_that_is_available_is_as_good_as_a_completed_one(sandbox):
    sandbox.control.script(ONE, {"point": "AVAILABLE", "times": 1})

    (proof,) = proofs_of(ONE, run_key="available")

    assert proof.failure is None


@pytest.mark.parametrize("cause", ["vss-fallback", "network-interfaces"])
def test_completed_with_issues_is_a_failure_in_the_words_of_aws(sandbox, cause):
    sandbox.control.script(ONE, {"state": "COMPLETED", "cause": cause, "times": 1})

    (proof,) = proofs_of(ONE, run_key=f"issues-{cause}")

    assert proof.failure
    assert "completed with issues" in proof.failure.reason


@pytest.mark.parametrize("state", ["FAILED", "EXPIRED", "ABORTED", "PARTIAL"])
def test_a_job_that_did_not_complete_is_a_failure_without_a_look_at_points(sandbox, state):
    sandbox.control.script(ONE, {"state": state, "times": 1})
    plans = planned(ONE, run_key=f"ended-{state}")
    (job,) = ended(started(plans))
    earlier = calls.made()

    (proof,) = verify_recovery_points([(plans[0], job)], HERE)

    assert job.state is BackupJobState(state)
    assert proof.failure
    assert proof.failure.step == 10
    assert calls.since(earlier) == {}


def test_a_snapshot_that_was_deleted_since_is_missed():
    plans = planned(THREE, run_key="deleted")
    backups = list(zip(plans, ended(started(plans)), strict=True))
    (point,) = gather_evidence([backups[0][1]], HERE)
    client("ec2").deregister_image(ImageId=point.image_id)
    client("ec2").delete_snapshot(SnapshotId=point.snapshots[0].snapshot_id)

    (proof,) = verify_recovery_points(backups, HERE)

    assert proof.failure
    assert f"image {point.image_id} does not exist" in proof.failure.reason


def test_a_completed_job_without_the_name_of_its_point_proves_nothing():
    plans = planned(ONE, run_key="nameless")
    (job,) = ended(started(plans))

    (proof,) = verify_recovery_points([(plans[0], replace(job, recovery_point_arn=None))], HERE)

    assert proof.failure
    assert "no recovery point for the job" in proof.failure.reason


def test_a_point_that_the_list_lacks_is_asked_for_by_itself():
    plans = planned(ONE, run_key="unlisted")
    (job,) = ended(started(plans))
    # The list begins an hour before the first job: with a job that claims to be of tomorrow it shows nothing.
    late = replace(job, created_at=job.created_at.replace(year=job.created_at.year + 1))
    earlier = calls.made()

    (proof,) = verify_recovery_points([(plans[0], late)], HERE)

    assert proof.failure is None
    assert calls.since(earlier)["backup:DescribeRecoveryPoint"] == 1


@pytest.mark.parametrize("operation", ["ListRecoveryPointsByBackupVault", "DescribeImages", "DescribeSnapshots"])
@pytest.mark.parametrize("kind", ["truncate", "corrupt"])
def test_evidence_that_cannot_be_understood_never_means_that_there_is_none(sandbox, operation, kind):
    plans = planned(TWO, run_key=f"garbled-{operation}-{kind}")
    jobs = ended(started(plans))
    sandbox.control.fault(operation=operation, kind=kind)

    with pytest.raises(AwsError) as caught:
        verify_recovery_points([(plans[0], jobs[0])], HERE)
    assert (caught.value.code, caught.value.retryable) == ("UnreadableAnswer", True)


def test_a_point_that_may_not_be_looked_at_is_no_absent_one(sandbox):
    plans = planned(ONE, run_key="hidden")
    (job,) = ended(started(plans))
    sandbox.control.script(ONE, {})
    sandbox.control.fault(operation="DescribeRecoveryPoint", code="InvalidParameterValueException", message="no")

    with pytest.raises(AwsError, match="InvalidParameterValueException"):
        gather_evidence([replace(job, recovery_point_arn="arn:aws:ec2:us-east-1::image/ami-0")], HERE)


def test_210_backups_are_verified_with_one_call_for_points_images_and_snapshots_each():
    plans = planned(*(instance_id(number) for number in range(1, 211)), run_key="many")
    backups = list(zip(plans, ended(started(plans)), strict=True))
    earlier = calls.made()

    proofs = verify_recovery_points(backups, HERE)

    assert [proof.failure for proof in proofs] == [None] * 210
    assert calls.since(earlier) == {
        "ec2:DescribeSnapshots": 1,
        "ec2:DescribeImages": 1,
        "backup:ListRecoveryPointsByBackupVault": 1,
    }

    client("ec2").deregister_image(ImageId=proofs[0].recovery_point.image_id)
    client("ec2").delete_snapshot(SnapshotId=proofs[0].recovery_point.snapshots[0].snapshot_id)
    again = verify_recovery_points(backups, HERE)

    assert [proof.failure is None for proof in again] == [False] + [True] * 209
    assert "does not exist" in again[0].failure.reason
