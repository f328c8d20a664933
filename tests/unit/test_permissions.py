"""What a run may do is decided before it starts anything."""

import pytest

from ec2_backup.errors import AccessError
from ec2_backup.model import Caller, Target
from ec2_backup.permissions import Simulated, judge_permissions, needs_of_run, raise_for_denied, to_vault_arn
from ec2_backup.results import PermissionCheck
from ec2_backup.settings import BackupOptions

CALLER = Caller("123456789012", "arn:aws-cn:iam::123456789012:user/ops", "aws-cn")
ROLE = "arn:aws-cn:iam::123456789012:role/Backup"
VAULT = "arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:Nightly"


def test_a_vault_arn_is_of_the_callers_partition_and_account():
    assert to_vault_arn("Nightly", CALLER, Target("cn-north-1")) == VAULT


def test_starting_is_asked_for_on_the_vaults_and_passing_on_the_role():
    needs = {action: need for need in needs_of_run([VAULT], ROLE) for action in need.actions}

    assert needs["backup:StartBackupJob"].resources == (VAULT,)
    assert needs["iam:PassRole"].resources == (ROLE,)
    assert needs["iam:PassRole"].context == {"iam:PassedToService": "backup.amazonaws.com"}


@pytest.mark.parametrize("action", ["cloudtrail:LookupEvents", "cloudwatch:PutMetricData", "ec2:DescribeInstanceTypes"])
def test_a_run_can_do_without(action):
    assert {need.required for need in needs_of_run([VAULT], ROLE) if action in need.actions} == {False}


def test_telling_and_uploading_are_asked_for_on_the_topic_and_the_prefix_where_the_run_does_them():
    topic = "arn:aws-cn:sns:cn-north-1:123456789012:ops"
    whole = BackupOptions(notify_topic=topic, report_to="s3://reports")
    needs = {action: need for need in needs_of_run([VAULT], ROLE, whole) for action in need.actions}

    assert (needs["sns:Publish"].resources, needs["sns:Publish"].required) == ((topic,), False)
    assert needs["s3:PutObject"].resources == ("arn:aws-cn:s3:::reports/*",)
    assert not {"sns:Publish", "s3:PutObject"} & {one for need in needs_of_run([VAULT], ROLE) for one in need.actions}


def test_answers_are_sorted_into_allowed_denied_and_missed():
    check = judge_permissions(
        [
            Simulated("a:Allowed", allowed=True, required=True),
            Simulated("a:Denied", allowed=False, required=True),
            Simulated("a:Missed", allowed=False, required=False),
        ]
    )

    assert check == PermissionCheck(("a:Allowed",), ("a:Denied",), ("a:Missed",))


def test_a_refusal_that_hangs_on_an_unknown_condition_is_doubtful_and_not_denied():
    doubtful = [Simulated(f"a:{name}", allowed=False, required=True, certain=False) for name in ("B", "A", "B")]

    check = judge_permissions(doubtful)

    assert check.denied == ()
    assert check.unchecked == "conditions of the policy could not be judged for a:A, a:B"
    raise_for_denied(check, CALLER)


def test_a_denied_action_ends_the_run_and_all_denied_ones_are_named():
    with pytest.raises(AccessError) as caught:
        raise_for_denied(PermissionCheck(denied=("iam:PassRole", "backup:StartBackupJob")), CALLER)

    assert caught.value.exit_code == 11
    assert f"{CALLER.arn} is not allowed backup:StartBackupJob, iam:PassRole" in str(caught.value)
    assert caught.value.hint
