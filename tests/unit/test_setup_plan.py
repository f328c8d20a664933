"""What a setup plans, of what was seen in the account."""

import json
from dataclasses import replace
from typing import Any

import pytest

from ec2_backup.model import Caller, Key
from ec2_backup.setup.ground import (
    ROLE_POLICIES,
    Documents,
    Kind,
    Piece,
    Seen,
    SeenKey,
    SeenRegion,
    SeenRole,
    Setup,
    Status,
)
from ec2_backup.setup.plan import plan_setup
from ec2_backup.setup.request import SetupRequest
from tests.docs.markdown import PROJECT

CALLER = Caller("123456789012", "arn:aws:iam::123456789012:user/jane")
KEY = "arn:aws:kms:eu-west-1:123456789012:key/1"
ROLE = "arn:aws:iam::123456789012:role/service-role/AWSBackupDefaultServiceRole"
IAM = PROJECT / "deployments" / "iam"
DOCUMENTS = Documents((IAM / "caller-policy.json").read_text(), (IAM / "service-role-trust.json").read_text())
ASKED = SetupRequest(regions=("eu-west-1",))

BARE = Seen(CALLER, (SeenRegion("eu-west-1"),))
GOOD_ROLE = SeenRole(ROLE, trusts_backup=True, attached=frozenset(ROLE_POLICIES))
VAULT = SeenRegion("eu-west-1", has_vault=True, vault_key=Key(KEY, "Enabled"))
COMPLETE = Seen(CALLER, (VAULT,), GOOD_ROLE, plan_setup(ASKED, BARE, DOCUMENTS).policy)


def planned(seen: Seen, request: SetupRequest = ASKED) -> Setup:
    return plan_setup(request, seen, DOCUMENTS)


def piece(plan: Setup, kind: Kind) -> Piece:
    (found,) = [one for one in plan.pieces if one.kind is kind]
    return found


def statuses(plan: Setup) -> dict[str, str]:
    return {f"{one.kind} {one.region}".strip(): str(one.status) for one in plan.pieces}


def test_in_a_bare_account_all_is_created_the_key_before_the_vault_and_the_role_before_the_policy():
    plan = planned(BARE)

    assert [one.kind for one in plan.pieces] == [Kind.KEY, Kind.VAULT, Kind.ROLE, Kind.POLICY]
    assert {one.status for one in plan.pieces} == {Status.CREATE}
    assert (plan.is_done, plan.exit_code) == (False, 0)


def test_where_all_is_there_nothing_is_to_be_done_and_no_key_is_looked_for():
    plan = planned(COMPLETE)

    assert statuses(plan) == {"Backup vault eu-west-1": "exists", "IAM role": "exists", "IAM policy": "exists"}
    assert (plan.is_done, plan.exit_code) == (True, 0)


def test_each_region_has_its_own_vault_and_key_and_all_are_in_the_policy():
    regions = (VAULT, SeenRegion("us-east-1"))

    plan = planned(replace(BARE, regions=regions), SetupRequest(regions=("eu-west-1", "us-east-1")))

    assert [(one.kind, one.region, str(one.status)) for one in plan.pieces[:3]] == [
        (Kind.VAULT, "eu-west-1", "exists"),
        (Kind.KEY, "us-east-1", "create"),
        (Kind.VAULT, "us-east-1", "create"),
    ]
    (back_up,) = [one for one in plan.policy["Statement"] if one["Sid"] == "BackUp"]
    assert back_up["Resource"] == [
        "arn:aws:backup:eu-west-1:123456789012:backup-vault:EC2-Backup",
        "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup",
        "arn:aws:ec2:*::image/ami-*",
    ]


def test_a_key_that_an_interrupted_setup_left_without_a_name_is_finished_and_not_made_again():
    plan = planned(replace(BARE, regions=(SeenRegion("eu-west-1", key=SeenKey(KEY, "Enabled", alias=False)),)))

    assert piece(plan, Kind.KEY).status is Status.FINISH
    assert piece(plan, Kind.VAULT).status is Status.CREATE
    assert plan.keys == {"eu-west-1": KEY}


@pytest.mark.parametrize("state", ["Disabled", "PendingDeletion"])
def test_a_key_that_cannot_be_used_is_left_alone_and_no_vault_is_made_with_it(state):
    plan = planned(replace(BARE, regions=(SeenRegion("eu-west-1", key=SeenKey(KEY, state)),)))

    assert (piece(plan, Kind.KEY).status, piece(plan, Kind.VAULT).status) == (Status.DIFFERS, Status.DIFFERS)
    assert state in piece(plan, Kind.KEY).detail
    assert f"aws kms enable-key --key-id {KEY}" in piece(plan, Kind.KEY).advice
    assert plan.exit_code == 12


def test_a_region_where_aws_backup_does_not_take_ec2_is_said():
    plan = planned(replace(COMPLETE, regions=(replace(VAULT, takes_ec2=False),)))

    assert "update-region-settings" in piece(plan, Kind.OPT_IN).advice
    assert (plan.is_done, plan.exit_code) == (True, 12)


def test_a_role_that_does_not_trust_aws_backup_is_left_alone():
    plan = planned(replace(COMPLETE, role=replace(GOOD_ROLE, trusts_backup=False, is_ours=True)))

    assert piece(plan, Kind.ROLE).status is Status.DIFFERS
    assert "service-role-trust.json" in piece(plan, Kind.ROLE).advice
    assert (plan.is_done, plan.exit_code) == (True, 11)


@pytest.mark.parametrize(("is_ours", "status"), [(True, Status.FINISH), (False, Status.DIFFERS)])
def test_a_role_without_its_policy_is_finished_where_a_setup_made_it_and_left_alone_where_not(is_ours, status):
    plan = planned(replace(COMPLETE, role=SeenRole(ROLE, trusts_backup=True, is_ours=is_ours)))

    assert piece(plan, Kind.ROLE).status is status
    assert ROLE_POLICIES[0] in piece(plan, Kind.ROLE).detail


def test_a_role_of_somebody_else_that_only_cannot_restore_is_good_enough():
    plan = planned(replace(COMPLETE, role=replace(GOOD_ROLE, attached=frozenset(ROLE_POLICIES[:1]))))

    assert piece(plan, Kind.ROLE).status is Status.EXISTS


def test_the_policy_names_the_role_under_the_path_that_it_has():
    role = replace(GOOD_ROLE, arn="arn:aws:iam::123456789012:role/teams/ops/Backups")

    plan = planned(replace(BARE, role=role), SetupRequest(regions=("eu-west-1",), role="Backups"))

    (passing,) = [one for one in plan.policy["Statement"] if one["Sid"] == "PassTheRole"]
    assert passing["Resource"] == role.arn


def test_only_the_default_role_is_made_where_the_console_makes_it():
    named = planned(BARE, SetupRequest(regions=("eu-west-1",), role="Backups"))

    assert ROLE in piece(planned(BARE), Kind.ROLE).detail
    assert "arn:aws:iam::123456789012:role/Backups" in piece(named, Kind.ROLE).detail


def test_in_another_partition_every_arn_is_of_that_partition():
    plan = planned(replace(BARE, caller=Caller("123456789012", "arn:aws-cn:iam::123456789012:user/jane", "aws-cn")))

    assert "arn:aws:" not in json.dumps(plan.policy)
    assert "arn:aws:" not in "".join(one.detail for one in plan.pieces)


def altered(**changes: Any) -> Seen:
    """Return a complete account whose policy has another BackUp statement."""
    policy = json.loads(json.dumps(COMPLETE.policy))
    (back_up,) = [one for one in policy["Statement"] if one["Sid"] == "BackUp"]
    back_up.update(changes)
    return replace(COMPLETE, policy=policy)


@pytest.mark.parametrize(
    "changes",
    [
        {"Action": ["backup:*"]},
        {"Resource": ["arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"]},
        {"Effect": "Deny"},
        {"Condition": {"Bool": {"aws:MultiFactorAuthPresent": "true"}}},
    ],
)
def test_a_policy_that_says_something_else_is_left_alone_and_the_statement_is_named(changes):
    plan = planned(altered(**changes))

    assert piece(plan, Kind.POLICY).status is Status.DIFFERS
    assert piece(plan, Kind.POLICY).detail.endswith("does not say the same about BackUp")
    assert "aws iam create-policy-version" in piece(plan, Kind.POLICY).advice
    assert plan.exit_code == 11


@pytest.mark.parametrize("changes", [{"Sid": "Other"}, {"Resource": "*"}, {"Resource": ["*"]}])
def test_a_policy_that_says_the_same_in_other_words_or_says_it_of_more_is_there(changes):
    assert piece(planned(altered(**changes)), Kind.POLICY).status is Status.EXISTS


def test_the_policy_has_only_the_statements_that_were_asked_for():
    def sids(**asked: str) -> list[str]:
        plan = planned(BARE, SetupRequest(regions=("eu-west-1",), **asked))  # type: ignore[arg-type]
        return [one["Sid"] for one in plan.policy["Statement"] if one["Sid"] not in usual]

    usual: list[str] = []
    usual = sids()
    assert sids(csv="s3://lists/nightly.csv") == ["ReadTheList"]
    assert sids(report_to="s3://reports/nightly/") == ["SendReports"]
    assert sids(notify_topic="arn:aws:sns:eu-west-1:123456789012:ops") == ["TellTheTopic"]
