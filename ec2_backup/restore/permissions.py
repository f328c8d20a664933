"""What a restore will be allowed to do, decided before it starts anything."""

from collections.abc import Iterable

from ec2_backup.errors import AccessError
from ec2_backup.model import Caller
from ec2_backup.permissions import BACKUP_SERVICE, PermissionNeed
from ec2_backup.restore.model import ChosenPoint
from ec2_backup.results import PermissionCheck

_EVERYWHERE = (
    "ec2:DescribeInstances",
    "ec2:DescribeInstanceStatus",
    "ec2:DescribeVolumes",
    "backup:ListRestoreJobs",
)
_ON_POINTS = ("backup:StartRestoreJob", "backup:GetRecoveryPointRestoreMetadata")
# Without the rest of these the plan is not held against what there is, and AWS itself refuses what is wrong.
_OPTIONAL = (
    "ec2:DescribeSubnets",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeInstanceTypeOfferings",
    "iam:GetInstanceProfile",
)
HINT = "Allow these in the caller's IAM policy: deployments/iam/restore-policy.json has all that a restore needs."


def needs_of_restore(chosen: Iterable[ChosenPoint], role_arn: str) -> tuple[PermissionNeed, ...]:
    """Return every action that a restore of these points calls once they are chosen, with its resources."""
    found = [one.point for one in chosen]
    points = tuple(dict.fromkeys(point.arn for point in found))
    instances = tuple(dict.fromkeys(f"{point.source_arn.rpartition('/')[0]}/*" for point in found))
    return (
        PermissionNeed(_EVERYWHERE),
        PermissionNeed(_ON_POINTS, points),
        PermissionNeed(("ec2:CreateTags",), instances),
        PermissionNeed(("iam:PassRole",), (role_arn,), context={"iam:PassedToService": BACKUP_SERVICE}),
        PermissionNeed(_OPTIONAL, required=False),
    )


def raise_for_denied(check: PermissionCheck, caller: Caller, hint: str = HINT) -> None:
    """Raise AccessError where a call would be refused that the run cannot do without."""
    if check.denied:
        raise AccessError(
            "iam:SimulatePrincipalPolicy",
            "PermissionsMissing",
            f"{caller.arn} is not allowed {', '.join(sorted(check.denied))}",
            hint=hint,
        )
