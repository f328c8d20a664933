"""A look at the coverage: every instance, the points of all vaults, and what there is of them, in few calls."""

import pytest

from ec2_backup import calls
from ec2_backup.aws.coverage import describe_fleet, list_recovery_points, list_restored_points, look_into
from ec2_backup.coverage.request import ALL
from ec2_backup.errors import AccessError
from ec2_backup.selection import parse_selection
from sandbox.fleet import Fleet
from sandbox.past import GONE, PLAN, PLAN_VAULT, seed_past
from tests.aws.backups import ACCOUNT, CALLER, HERE, REGION, VAULT, client, instance_id

STOPPED, TERMINATED, STORE = instance_id(3), instance_id(5), "i-0a1b2c3d4e5f60718"


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    fleet = Fleet.of_size(24).in_state(STOPPED, "stopped").in_state(TERMINATED, "terminated")
    return fleet.add(STORE).instance_store_root(STORE)


@pytest.fixture(scope="module", autouse=True)
def past(sandbox: object, fleet: Fleet) -> None:  # noqa: ARG001 - there has to be one
    whole = Fleet.of_size(24)
    whole.machines.pop(TERMINATED)
    seed_past(whole)


def found(text: str = "") -> list[str]:
    selection = parse_selection(text) if text else ALL
    return sorted(one.instance.instance_id for one in describe_fleet(selection, CALLER, HERE))


def test_every_instance_is_seen_also_a_stopped_one_but_none_that_is_terminated(fleet):
    assert found() == sorted({*fleet.machines} - {TERMINATED})


def test_an_instance_comes_with_its_volumes_and_since_when_each_is_attached():
    (one,) = (one for one in describe_fleet(ALL, CALLER, HERE) if one.instance.instance_id == STOPPED)

    assert one.instance.volumes
    assert one.attached_at.keys() == {volume.volume_id for volume in one.instance.volumes}
    assert (one.account, one.instance.region, one.instance.state) == (ACCOUNT, REGION, "stopped")


def test_a_selection_and_its_exclusions_restrict_what_is_looked_at():
    assert STOPPED in found("state=stopped except type=none.such")
    assert STOPPED not in found("state=running|stopped except state=stopped")


def test_the_points_of_all_vaults_are_found_with_the_plan_that_made_them():
    vaults, points = list_recovery_points(CALLER, HERE)

    assert {(one.name, one.account, one.region, one.trouble) for one in vaults} == {
        (PLAN_VAULT, ACCOUNT, REGION, ""),
        (VAULT, ACCOUNT, REGION, ""),
    }
    assert sum(one.points for one in vaults) == len(points)
    by_plan = [one for one in points if one.plan]
    assert {(one.plan.plan_id, one.plan.name, one.plan.rule) for one in by_plan if one.plan} == {tuple(PLAN.values())}
    assert {one.vault for one in by_plan} == {PLAN_VAULT}
    assert GONE in {one.instance_id for one in points}
    assert {one.home for one in points} == {(ACCOUNT, REGION)}
    assert not any(one.is_copy for one in points)


def test_a_vault_that_may_not_be_read_is_told_and_costs_the_others_nothing(sandbox):
    sandbox.control.fault("ListRecoveryPointsByBackupVault", contains=PLAN_VAULT, code="AccessDeniedException",
                          message="Insufficient privileges to perform this action.")  # fmt: skip

    vaults, points = list_recovery_points(CALLER, HERE)

    (closed,) = (one for one in vaults if one.trouble)
    assert (closed.name, closed.points) == (PLAN_VAULT, 0)
    assert "Insufficient privileges" in closed.trouble
    assert {one.vault for one in points} == {VAULT}


def test_vaults_that_may_not_be_listed_are_an_access_error(sandbox):
    sandbox.control.fault("ListBackupVaults", code="AccessDeniedException", message="no")

    with pytest.raises(AccessError):
        list_recovery_points(CALLER, HERE)


def test_a_look_into_points_finds_their_snapshots_and_what_has_no_image():
    _, points = list_recovery_points(CALLER, HERE)

    looked = look_into(points, HERE)

    assert [point.arn for point in looked] == [one.point.arn for one in points]
    absent = [point for point in looked if point.image_state is None]
    assert len(absent) == 4
    assert all(point.snapshots and point.image_state == "available" for point in looked if point not in absent)


def test_what_drills_have_restored_is_read_from_the_tags_of_images_in_one_call():
    before = calls.made()

    restored = list_restored_points(HERE)

    assert calls.since(before) == {"ec2:DescribeImages": 1}
    _, points = list_recovery_points(CALLER, HERE)
    drilled = {one.point.image_id: one for one in points if one.point.image_id in {one.image_id for one in restored}}
    assert {one.instance_id for one in restored} == {instance_id(2), instance_id(15)}
    for one in restored:
        kept = drilled[one.image_id]
        assert kept.instance_id == one.instance_id
        assert kept.point.created_at
        assert 3599 <= (one.proof.at - kept.point.created_at).total_seconds() <= 3600
        assert one.proof.seconds == 254


def test_a_tag_that_is_no_proof_of_a_drill_is_none():
    (one, other) = list_restored_points(HERE)
    client("ec2").create_tags(Resources=[one.image_id], Tags=[{"Key": "DrillProven", "Value": "soon"}])

    assert list_restored_points(HERE) == [other]


def test_the_pages_of_every_list_are_followed(sandbox):
    _, whole = list_recovery_points(CALLER, HERE)
    sandbox.control.switch(page_size=7)

    _, paged = list_recovery_points(CALLER, HERE)

    sandbox.control.switch(page_size=1000)
    assert paged == whole


def test_a_look_at_two_dozen_instances_takes_as_many_calls_as_one_at_a_thousand():
    before = calls.made()

    describe_fleet(ALL, CALLER, HERE)
    _, points = list_recovery_points(CALLER, HERE)
    look_into(points, HERE)

    made = calls.since(before)
    assert made == {
        "backup:ListRecoveryPointsByBackupVault": 2,
        "ec2:DescribeInstances": 1,
        "ec2:DescribeVolumes": 1,
        "ec2:DescribeInstanceTypes": 1,
        "backup:ListBackupVaults": 1,
        "ec2:DescribeImages": 1,
        "ec2:DescribeSnapshots": 1,
    }
