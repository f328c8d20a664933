"""What a drill will be allowed to do, decided before it starts anything."""

from collections.abc import Sequence

from ec2_backup.drill.request import DrillRequest
from ec2_backup.permissions import PermissionNeed
from ec2_backup.restore.model import ChosenPoint
from ec2_backup.restore.permissions import needs_of_restore
from ec2_backup.settings import DRILL_TAG

HINT = "Allow these in the caller's IAM policy: deployments/iam/drill-policy.json has all that a drill needs."
_COMMANDS = ("ssm:DescribeInstanceInformation", "ssm:GetCommandInvocation")


def needs_of_drill(
    chosen: Sequence[ChosenPoint], role_arn: str, request: DrillRequest, run_key: str
) -> tuple[PermissionNeed, ...]:
    """Return every action that a drill of these points calls once they are chosen, with its resources.

    What it made is terminated by a right that goes with its tag: the policy need allow no more.
    """
    points = [one.point for one in chosen]
    instances = tuple(dict.fromkeys(f"{point.source_arn.rpartition('/')[0]}/*" for point in points))
    images = tuple(dict.fromkeys(point.arn for point in points))
    on_own = {f"ec2:ResourceTag/{DRILL_TAG}": run_key}
    of_own = {f"ssm:resourceTag/{DRILL_TAG}": run_key}
    return (
        *needs_of_restore(chosen, role_arn),
        PermissionNeed(("ec2:TerminateInstances", "ec2:ModifyInstanceAttribute"), instances, context=on_own),
        PermissionNeed(("ec2:CreateTags", "ec2:DeleteTags"), images, required=False),
        *(
            [PermissionNeed(_COMMANDS), PermissionNeed(("ssm:SendCommand",), instances, context=of_own)]
            if request.check
            else []
        ),
    )
