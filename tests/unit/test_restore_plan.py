"""A planned restore: what it is given, and everything wrong with it named before anything starts."""

from dataclasses import replace

import pytest

from ec2_backup.model import Target
from ec2_backup.restore.ground import Profile
from ec2_backup.restore.model import Changes, ChosenPoint, PlannedRestore, RestoreFailure
from ec2_backup.restore.order import in_targets, in_turns, plan_rows
from ec2_backup.restore.plan import to_idempotency_token, to_new_tags
from tests.unit.restores import ARN, GROUND, GROUP, KEPT, ROLE, SUBNET, a_plan, a_point, a_row, planned


def changed(**changes):
    return planned(changes=Changes(**changes))


def test_the_same_run_row_and_point_always_give_the_same_token_and_others_another():
    token = to_idempotency_token("KEY", ARN, 1)

    assert token == a_plan().idempotency_token
    assert (
        len({token, *(to_idempotency_token(*parts) for parts in (("KEY2", ARN, 1), ("KEY", ARN, 2), ("KEY", "x", 1)))})
        == 4
    )


def test_the_new_instance_says_what_it_was_restored_from_and_by_which_run():
    plan = a_plan(changes=Changes(name="web-new"))

    assert plan.tags == {"RestoredFrom": ARN, "RestoreRunId": "KEY", "Team": "web", "Name": "web-new"}
    assert planned(copy_tags=False).tags == {"RestoredFrom": ARN, "RestoreRunId": "KEY"}


@pytest.mark.parametrize(
    ("made_by", "kept"), [("ec2-backup-automation", {}), ("terraform", {"CreatedBy": "terraform"})]
)
def test_a_tag_that_this_program_gave_the_backup_is_not_the_new_instances(made_by, kept):
    assert to_new_tags(a_point(tags={"CreatedBy": made_by}), Changes()) == kept


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"subnet": "subnet-0000000f"}, "there is no subnet subnet-0000000f in the Region"),
        ({"security_groups": ("sg-0000000f",)}, "there is no security group sg-0000000f in the Region"),
        ({"instance_type": "z9.huge"}, "there is no instance type z9.huge in eu-central-1a"),
        ({"profile": "nobody"}, "there is no instance profile nobody"),
        ({"key_pair": "other"}, "AWS Backup cannot restore with another key pair"),
    ],
)
def test_what_does_not_exist_is_named_with_what_to_do(changes, said):
    failure = changed(**changes)

    assert isinstance(failure, RestoreFailure)
    assert said in failure.reason
    assert failure.advice


def test_all_that_is_wrong_is_named_at_once():
    failure = changed(subnet="subnet-0000000f", profile="nobody", key_pair="other")

    assert failure.reason.count(";") == 2


def test_a_subnet_that_is_gone_is_said_to_be_the_originals():
    failure = planned(ground=replace(GROUND, subnets={}))

    assert f"there is no subnet {SUBNET} of the original in the Region" in failure.reason


def test_groups_of_another_vpc_are_refused():
    failure = planned(ground=replace(GROUND, groups={GROUP: "vpc-other"}))

    assert f"security group {GROUP} is of vpc-other" in failure.reason


def test_a_full_subnet_is_refused():
    full = replace(GROUND.subnets[SUBNET], free_addresses=0)

    assert "has no free address" in planned(ground=replace(GROUND, subnets={SUBNET: full})).reason


def test_the_key_pair_of_the_original_may_be_named():
    assert isinstance(changed(key_pair="ops"), PlannedRestore)


@pytest.mark.parametrize(("may", "said"), [(False, "BackupRole may not pass it"), (None, "is unknown"), (True, None)])
def test_a_profile_that_aws_backup_may_not_pass_is_warned_of(may, said):
    ground = replace(GROUND, profiles={"web": Profile("web", "arn:aws:iam::123456789012:role/web", may)})

    plan = planned({**KEPT, "IamInstanceProfileName": "web"}, ground)

    assert [said in warning for warning in plan.warnings] == ([True] if said else [])


def test_a_profile_that_is_attached_afterwards_is_none_of_aws_backups_business():
    ground = replace(GROUND, profiles={"web": Profile("web", "arn:aws:iam::123456789012:role/web", False)})

    plan = planned(ground=ground, changes=Changes(profile="web"))

    assert (plan.attached_profile, plan.warnings) == ("web", ())


def test_what_the_caller_may_not_look_at_is_left_to_aws_and_said():
    blind = replace(GROUND, subnets=None, groups=None, offered=None, profiles=None)

    plan = planned(ground=blind)

    assert "may not look at subnets, security groups, instance types, instance profiles" in plan.warnings[0]


def test_too_many_tags_are_refused_before_aws_refuses_them():
    chosen = ChosenPoint(a_row(), a_point(tags={f"tag-{number}": "x" for number in range(49)}))

    (failure,) = plan_rows([(chosen, KEPT)], GROUND, ROLE, "KEY", copy_tags=True)

    assert "it would carry 51 tags" in failure.reason


def test_two_lines_that_come_to_the_same_restore_are_one_too_many():
    found = [(ChosenPoint(a_row(line=line), a_point()), KEPT) for line in (2, 3)]
    other = (ChosenPoint(a_row(line=4, changes=Changes(instance_type="t3.micro")), a_point()), KEPT)

    first, second, third = plan_rows([*found, other], GROUND, ROLE, "KEY", copy_tags=True)

    assert isinstance(first, PlannedRestore)
    assert "line 2 restores" in second.reason
    assert "of which a name is none" in second.reason
    assert isinstance(third, PlannedRestore)


def test_turns_follow_their_numbers_and_lines_within_one_their_own():
    plans = [a_plan(line=line, turn=turn) for line, turn in ((2, 20), (3, 10), (4, 20), (5, 10))]

    assert [[plan.row.line for plan in turn] for turn in in_turns(plans)] == [[3, 5], [2, 4]]


def test_rows_are_put_together_by_region():
    rows = [a_row(line=1, region="eu-west-1"), a_row(line=2, region="us-east-1"), a_row(line=3, region="eu-west-1")]

    assert {at: [row.line for row in some] for at, some in in_targets(rows).items()} == {
        Target("eu-west-1"): [1, 3],
        Target("us-east-1"): [2],
    }
