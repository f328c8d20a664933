"""A drill at AWS: what the network is, what may be ended, and marks that say whose something is."""

import time
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ec2_backup.aws.drill import leftovers, marks, removal, ssm
from ec2_backup.aws.drill.removal import tag_leftover
from ec2_backup.aws.restore import instances
from ec2_backup.drill.marks import Mark, marked, to_mark_tags
from ec2_backup.drill.model import CheckStatus, Claim, Leaving, SentCommand
from ec2_backup.drilled import Restored
from ec2_backup.errors import AwsError
from ec2_backup.model import Caller, ServiceRole
from ec2_backup.restore.jobs import RestoreJob
from ec2_backup.restore.model import PlannedRestore
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.inbox import client_of
from tests.aws.restores import AT, FIRST, a_plan, over, started

KEY, OTHER_KEY = "20261123T020000Z-0a1b2c3d", "20261122T020000Z-0f0f0f0f"


@pytest.fixture(scope="module")
def serving() -> AbstractContextManager[Sandbox]:
    return running(speed=300_000, fleet=Fleet.of_size(3), past=True)


def drilled(sandbox: Sandbox, caller: Caller, role: ServiceRole, key: str, until: datetime) -> PlannedRestore:
    """Return the plan of a drill of the first instance, into the place for drills."""
    assert sandbox.seclusion
    subnet, group = sandbox.seclusion.subnet, sandbox.seclusion.group
    plan = a_plan(caller, role, key)
    metadata = {**plan.metadata, "SubnetId": subnet, "SecurityGroupIds": f'["{group}"]'}
    plan = replace(plan, metadata=metadata, idempotency_token=f"{key}-{until.timestamp()}", copies_tags=False)
    return marked(plan, Mark(key, until, subnet))


def made_by(plan: PlannedRestore, began: datetime) -> RestoreJob:
    job = over(started(plan), began)
    assert job.created_id, job
    return job


def claim_of(plan: PlannedRestore, key: str) -> Claim:
    return Claim(key, plan.point.arn, plan.metadata["SubnetId"], plan.point.source_id)


def test_an_instance_goes_with_all_its_volumes_and_only_by_the_claim_of_who_made_it(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    plan = drilled(sandbox, caller, role, KEY, began + timedelta(hours=6))
    job = made_by(plan, began)
    ec2 = client_of(sandbox, "ec2")
    assert _volumes(ec2, job.created_id)

    untagged = removal.terminate(1, job.created_id, claim_of(plan, KEY), AT)
    instances.create_tags(plan, job)
    foreign = removal.terminate(1, job.created_id, claim_of(plan, OTHER_KEY), AT)
    original = removal.terminate(1, FIRST, claim_of(plan, KEY), AT)
    leaving = removal.terminate(1, job.created_id, claim_of(plan, KEY), AT)

    assert isinstance(untagged, str)
    assert "it has no tag DrillRunId" in untagged
    assert isinstance(foreign, str)
    assert f"its tag DrillRunId is '{KEY}'" in foreign
    assert isinstance(original, str)
    assert "it is the original" in original
    assert isinstance(leaving, Leaving)
    while removal.find_remains([leaving])[1]:
        time.sleep(0.005)
    assert _volumes(ec2, job.created_id) == []
    assert not [one for one in ec2.describe_volumes()["Volumes"] if one["VolumeId"] in leaving.volume_ids]
    assert ec2.describe_instances(InstanceIds=[FIRST])["Reservations"][0]["Instances"][0]["State"]["Name"] == "running"


def _volumes(ec2, instance_id: str) -> list[str]:
    filters = [{"Name": "attachment.instance-id", "Values": [instance_id]}]
    return [one["VolumeId"] for one in ec2.describe_volumes(Filters=filters)["Volumes"]]


def test_protection_against_termination_is_told_and_respected(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    plan = drilled(sandbox, caller, role, KEY, began + timedelta(hours=5))
    job = made_by(plan, began)
    instances.create_tags(plan, job)
    client_of(sandbox, "ec2").modify_instance_attribute(
        InstanceId=job.created_id, DisableApiTermination={"Value": True}
    )

    answer = removal.terminate(1, job.created_id, claim_of(plan, KEY), AT)

    assert isinstance(answer, str)
    assert "could not be terminated" in answer


def test_what_a_killed_drill_had_not_tagged_yet_is_found_by_the_mark_of_its_image(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    assert sandbox.seclusion
    until = began + timedelta(hours=4)
    plan = drilled(sandbox, caller, role, OTHER_KEY, until)
    assert marks.put_mark(plan, OTHER_KEY) == ""
    job = made_by(plan, began)

    def found(key: str, now: datetime) -> set[tuple[str, str, bool]]:
        where = (sandbox.seclusion.subnet, sandbox.seclusion.group) if sandbox.seclusion else ("", "")
        left = leftovers.find_leftovers(*where, key, now, AT)
        of_it = [one for one in left if one.drill_key == OTHER_KEY]
        return {(one.instance_id, one.marked_image, one.is_tagged) for one in of_it}

    def at_work() -> set[str]:
        where = (sandbox.seclusion.subnet, sandbox.seclusion.group) if sandbox.seclusion else ("", "")
        left = leftovers.find_leftovers(*where, KEY, until - timedelta(seconds=1), AT)
        return {one.at_work_on for one in left if one.drill_key == OTHER_KEY}

    assert at_work() == {plan.point.image_id}, "it may still be at work"
    assert found(OTHER_KEY, until) == set(), "it is that drill itself"
    assert found(KEY, until) == {(job.created_id, "", False), ("", plan.point.image_id, True)}
    tag_leftover(job.created_id, {**plan.tags, **to_mark_tags(Mark(OTHER_KEY, until, plan.metadata["SubnetId"]))}, AT)
    assert found(KEY, until) == {(job.created_id, "", True), ("", plan.point.image_id, True)}
    assert at_work() == {plan.point.image_id}, "its instance and its image are one and the same"
    assert isinstance(removal.terminate(1, job.created_id, claim_of(plan, OTHER_KEY), AT), Leaving)
    marks.take_mark(plan.point.image_id, KEY, AT)
    assert found(KEY, until) == {("", plan.point.image_id, True)}, "the mark of another is not ours to take"
    marks.take_mark(plan.point.image_id, OTHER_KEY, AT)
    assert found(KEY, until) == set()


def test_a_proof_is_on_the_image_for_whoever_looks_and_full_images_go_without(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    plan = drilled(sandbox, caller, role, KEY, began + timedelta(hours=3))
    at = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)

    assert marks.put_proof(plan, Restored(at, 245, KEY)) == ""
    assert marks.read_proofs([plan], KEY, AT) == {1: Restored(at, 245, KEY)}
    assert marks.read_proofs([plan], OTHER_KEY, AT) == {}
    sandbox.control.fault(operation="ec2:CreateTags", code="TagLimitExceeded", status=400)
    assert "TagLimitExceeded" in marks.put_mark(plan, KEY)


def test_a_command_runs_on_a_managed_instance_and_its_answer_is_read(
    caller: Caller, role: ServiceRole, sandbox: Sandbox, began: datetime
) -> None:
    sandbox.control.script(FIRST, {"command_output": "one\x1b[31m\ntwo"}, job="restore")
    plan = drilled(sandbox, caller, role, KEY, began + timedelta(hours=2))
    job = made_by(plan, began)
    waiting = SentCommand(1, job.created_id, AT.region, began)
    while job.created_id not in set(ssm.find_managed([waiting])):
        time.sleep(0.005)
    (seen,) = instances.look_at([job])

    sent = replace(waiting, command_id=ssm.send_command(seen.instance, "true", 60, f"drill {KEY}"))

    while not (results := list(ssm.find_results([sent]))):
        time.sleep(0.005)
    assert (results[0].status, results[0].exit_code) == (CheckStatus.PASSED, 0)
    assert results[0].output == "one\\x1b[31m\ntwo"
    unmanaged = replace(seen.instance, instance_id="i-0123456789abcdef0")
    with pytest.raises(AwsError, match="InvalidInstanceId"):
        ssm.send_command(unmanaged, "true", 60, "x")
