"""What a drill may do is asked before it begins, and before the backups where it follows them."""

from ec2_backup.drill.permissions import INDISPENSABLE, needs_of_drill, needs_of_drill_afterwards
from ec2_backup.model import Caller, Target
from ec2_backup.narration import Mark
from ec2_backup.restore.permissions import Places
from ec2_backup.results import PermissionCheck
from ec2_backup.settings import BackupOptions
from ec2_backup.story import tell_of
from tests.unit.listeners import heard

CALLER = Caller("123456789012", "arn:aws-cn:iam::123456789012:user/ops", "aws-cn")
ROLE = "arn:aws-cn:iam::123456789012:role/Backup"
INSTANCES = "arn:aws-cn:ec2:cn-north-1:123456789012:instance/*"
WANTED = BackupOptions(drill=1, drill_subnet="subnet-0a1b2c3d", drill_security_group="sg-0a1b2c3d")


def by_action(needs):
    return {action: need for need in needs for action in need.actions}


def test_what_a_drill_made_is_terminated_by_a_right_that_goes_with_its_tag():
    needs = by_action(needs_of_drill(Places(("image",), (INSTANCES,)), ROLE, "KEY-drill", checks=True))

    assert needs["ec2:TerminateInstances"].resources == (INSTANCES,)
    assert needs["ec2:TerminateInstances"].context == {"ec2:ResourceTag/DrillRunId": "KEY-drill"}
    assert needs["ssm:SendCommand"].context == {"ssm:resourceTag/DrillRunId": "KEY-drill"}


def test_backups_do_without_all_that_the_drill_after_them_needs():
    needs = needs_of_drill_afterwards(WANTED, CALLER, ROLE, Target("cn-north-1"))

    assert {need.required for need in needs} == {False}
    assert by_action(needs)["backup:StartRestoreJob"].resources == ("arn:aws-cn:ec2:cn-north-1::image/ami-*",)
    assert by_action(needs)["ec2:TerminateInstances"].resources == (INSTANCES,)


def test_nothing_is_asked_for_a_drill_or_a_check_that_nobody_wants():
    assert needs_of_drill_afterwards(BackupOptions(), CALLER, ROLE, Target("cn-north-1")) == ()
    assert "ssm:SendCommand" not in by_action(needs_of_drill_afterwards(WANTED, CALLER, ROLE, Target("cn-north-1")))


def test_a_warning_tells_what_the_drill_will_fail_without_from_what_is_only_left_out():
    check = PermissionCheck(("a:B",), missed=("cloudtrail:LookupEvents", "ec2:TerminateInstances", "ec2:DeleteTags"))

    with heard() as listener:
        tell_of(3, [check])

    assert listener.texts(Mark.WARNING) == [
        "not allowed, so left out: cloudtrail:LookupEvents, ec2:DeleteTags",
        "not allowed, so the drill after the backups will fail: ec2:TerminateInstances",
    ]


def test_marks_and_looks_are_no_reason_for_a_drill_not_to_begin():
    assert "ec2:DeleteTags" not in INDISPENSABLE
    assert "ec2:DescribeSubnets" not in INDISPENSABLE
    assert {"backup:StartRestoreJob", "ec2:TerminateInstances", "ssm:SendCommand"} <= INDISPENSABLE
