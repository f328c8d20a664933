"""The recovery points that may be restored, and what the new instances would stand on."""

import json
from contextlib import AbstractContextManager
from datetime import UTC, datetime

import pytest

from ec2_backup.aws.iam import RESTORE_POLICY, get_role
from ec2_backup.aws.restore import ground
from ec2_backup.errors import VaultError
from ec2_backup.model import Caller, ServiceRole
from ec2_backup.restore.model import ChosenPoint, RestoreFailure, RestoreRow
from ec2_backup.restore.verdict import judge_job
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.backups import BACKUP_TRUST, ended
from tests.aws.backups import planned as backups_planned
from tests.aws.backups import started as backups_started
from tests.aws.inbox import client_of
from tests.aws.restores import AT, FIRST, a_plan, chosen_for, over, started


@pytest.fixture(scope="module")
def serving() -> AbstractContextManager[Sandbox]:
    """A fleet that has been backed up for some days: by a plan into the vault `Default`, by a run into another."""
    return running(speed=300_000, fleet=Fleet.of_size(3), past=True)


def test_the_newest_point_of_all_vaults_is_chosen_with_its_disks_and_tags(caller: Caller) -> None:
    chosen = chosen_for(RestoreRow(1, FIRST, region="us-east-1"), caller)

    assert isinstance(chosen, ChosenPoint)
    assert (chosen.point.vault_name, chosen.point.source_id, chosen.point.image_state) == (
        "Default",
        FIRST,
        "available",
    )
    assert all(disk.size_gib and disk.volume_type and disk.state == "completed" for disk in chosen.point.disks)
    assert "Name" in chosen.point.tags


def test_a_point_is_found_by_its_arn_in_whatever_vault_it_is(caller: Caller) -> None:
    newest = chosen_for(RestoreRow(1, FIRST, region="us-east-1"), caller)
    assert isinstance(newest, ChosenPoint)

    by_arn = chosen_for(RestoreRow(1, recovery_point_arn=newest.point.arn, region="us-east-1"), caller)

    assert isinstance(by_arn, ChosenPoint)
    assert by_arn.point == newest.point


def test_a_vault_that_is_named_is_the_only_one_looked_in(caller: Caller) -> None:
    in_other = chosen_for(RestoreRow(1, FIRST, region="us-east-1"), caller, "EC2-Backup")

    assert isinstance(in_other, RestoreFailure)
    with pytest.raises(VaultError):
        chosen_for(RestoreRow(1, FIRST, region="us-east-1"), caller, "No-Such-Vault")


def test_the_ground_has_what_exists_and_nothing_else(caller: Caller, role: ServiceRole) -> None:
    there = ground.look_at_ground(["subnet-0000000f"], [], ["t3.micro", "z9.huge"], ["nobody"], role, caller, AT)

    assert (there.subnets, there.groups, there.profiles) == ({}, {}, {})
    assert {kind for kind, _ in there.offered or ()} == {"t3.micro"}


def test_a_profile_that_aws_backup_may_not_pass_is_seen_beforehand_and_fails_the_job_as_foreseen(
    caller: Caller, role: ServiceRole, sandbox: Sandbox
) -> None:
    began, iam, ec2 = datetime.now(UTC), client_of(sandbox, "iam"), client_of(sandbox, "ec2")
    trust = json.dumps(BACKUP_TRUST)
    iam.create_role(RoleName="web", AssumeRolePolicyDocument=trust.replace("backup.amazonaws.com", "ec2.amazonaws.com"))
    iam.create_instance_profile(InstanceProfileName="web")
    iam.add_role_to_instance_profile(InstanceProfileName="web", RoleName="web")
    ec2.associate_iam_instance_profile(InstanceId=FIRST, IamInstanceProfile={"Name": "web"})
    ended(backups_started(backups_planned(FIRST)))
    iam.create_role(RoleName="Narrow", AssumeRolePolicyDocument=trust)
    allowed = {"Effect": "Allow", "Action": ["ec2:*", "kms:*"], "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [allowed]})
    iam.put_role_policy(RoleName="Narrow", PolicyName="all-there-is", PolicyDocument=document)
    narrow = get_role("Narrow", AT, RESTORE_POLICY)

    plan = a_plan(caller, narrow, "PROFILE")
    failure = judge_job(plan, over(started(plan), began))

    assert plan.metadata["IamInstanceProfileName"] == "web"
    assert "instance profile web: Narrow may not pass it" in plan.warnings[0]
    assert failure is not None
    assert "not authorized" in failure.reason
    assert "iam:PassRole" in failure.advice
    assert [a_plan(caller, one, "NONE", profile=name).warnings for one, name in ((narrow, "none"), (role, "web"))] == [
        (),
        (),
    ]
