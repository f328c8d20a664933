"""What a restore will be allowed to do, decided before it starts anything."""

from collections.abc import Iterable
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Places:
    """The ARNs of what is restored and of what may come of it: an image, and any instance of its account and Region."""

    images: tuple[str, ...]
    instances: tuple[str, ...]


def to_places(chosen: Iterable[ChosenPoint]) -> Places:
    """Return which images these points are, and of what ARNs the new instances will be."""
    points = [one.point for one in chosen]
    instances = (f"{point.source_arn.rpartition('/')[0]}/*" for point in points)
    return Places(tuple(dict.fromkeys(point.arn for point in points)), tuple(dict.fromkeys(instances)))


def needs_of_restore(places: Places, role_arn: str) -> tuple[PermissionNeed, ...]:
    """Return every action that a restore calls once its points are chosen, with its resources."""
    return (
        PermissionNeed(_EVERYWHERE),
        PermissionNeed(_ON_POINTS, places.images),
        PermissionNeed(("ec2:CreateTags",), places.instances),
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
