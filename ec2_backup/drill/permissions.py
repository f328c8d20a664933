"""What a drill will be allowed to do, decided before it starts anything."""

from dataclasses import replace

from ec2_backup.model import Caller, Target
from ec2_backup.permissions import PermissionNeed
from ec2_backup.restore.permissions import Places, needs_of_restore
from ec2_backup.settings import DRILL_TAG, BackupOptions

HINT = "Allow these in the caller's IAM policy: deployments/iam/drill-policy.json has all that a drill needs."
_COMMANDS = ("ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation")


def needs_of_drill(places: Places, role_arn: str, run_key: str, *, checks: bool) -> tuple[PermissionNeed, ...]:
    """Return every action that a drill calls once its points are chosen, with its resources.

    What it made is terminated by a right that goes with its tag: the policy need allow no more.
    """
    on_own = {f"ec2:ResourceTag/{DRILL_TAG}": run_key}
    of_own = {f"ssm:resourceTag/{DRILL_TAG}": run_key}
    send = PermissionNeed(("ssm:SendCommand",), places.instances, context=of_own)
    return (
        *needs_of_restore(places, role_arn),
        PermissionNeed(("ec2:TerminateInstances", "ec2:ModifyInstanceAttribute"), places.instances, context=on_own),
        PermissionNeed(("ec2:CreateTags", "ec2:DeleteTags"), places.images, required=False),
        *([PermissionNeed(_COMMANDS), send] if checks else []),
    )


INDISPENSABLE = frozenset(
    action for need in needs_of_drill(Places((), ()), "", "", checks=True) if need.required for action in need.actions
)
"""The actions without which a drill does not begin."""


def needs_of_drill_afterwards(
    options: BackupOptions, caller: Caller, role_arn: str, target: Target
) -> tuple[PermissionNeed, ...]:
    """Return what the drill after a backup run calls, where one is wanted; the backups themselves can do without."""
    if not options.drill:
        return ()
    of_region = f"arn:{caller.partition}:ec2:{target.region}:"
    places = Places((f"{of_region}:image/ami-*",), (f"{of_region}{caller.account}:instance/*",))
    needs = needs_of_drill(places, role_arn, "drill", checks=bool(options.drill_check))
    return tuple(replace(need, required=False) for need in needs)
