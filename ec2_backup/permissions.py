"""Step 3, second half: what a run will be allowed to do, decided before it starts anything."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ec2_backup.errors import AccessError
from ec2_backup.model import Caller, Target
from ec2_backup.results import PermissionCheck
from ec2_backup.settings import DEFAULT_OPTIONS, BackupOptions
from ec2_backup.target import account_of

BACKUP_SERVICE = "backup.amazonaws.com"
METRICS_NAMESPACE = "EC2BackupAutomation"

_EVERYWHERE = ("ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeImages", "ec2:DescribeSnapshots")
_ON_VAULTS = ("backup:StartBackupJob", "backup:DescribeBackupVault", "backup:ListRecoveryPointsByBackupVault")
# The trail's log group is not among them: without it nothing is left out, and the audit takes longer.
_OPTIONAL = (
    "ec2:DescribeInstanceTypes",
    "backup:DescribeRegionSettings",
    "backup:ListBackupVaults",
    "cloudtrail:LookupEvents",
    "cloudwatch:PutMetricData",
)
# Without them no copy is made or known, which costs no backup: what is missed fails the copies.
_FOR_COPIES = ("backup:ListCopyJobs", "backup:DescribeCopyJob")
COPYING, COPIED = "backup:StartCopyJob", "arn:{partition}:ec2:*::image/ami-*"
NOTIFYING, UPLOADING = "sns:Publish", "s3:PutObject"
WITH_POLICIES_OF_THEIR_OWN = frozenset({NOTIFYING, UPLOADING})  # a topic or a bucket may allow what the caller's do not


@dataclass(frozen=True, slots=True)
class PermissionNeed:
    """Actions that a run calls on the same resources; without the `required` ones there is no proven backup."""

    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    required: bool = True
    context: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Simulated:
    """The simulation's answer for one action; not `certain` where a policy's condition lacked a value."""

    action: str
    allowed: bool
    required: bool
    certain: bool = True


def to_vault_arn(vault: str, caller: Caller, target: Target) -> str:
    """Return the ARN that a vault of this name has in the caller's account."""
    return f"arn:{caller.partition}:backup:{target.region}:{caller.account}:backup-vault:{vault}"


def needs_of_run(
    vault_arns: Iterable[str], role_arn: str, options: BackupOptions = DEFAULT_OPTIONS
) -> tuple[PermissionNeed, ...]:
    """Return every action that a run calls, with the resource that a least-privilege policy would name for it."""
    vaults = tuple(vault_arns)
    topic, place = options.notify_topic, _own_place(options.report_to or "")
    objects = f"arn:{role_arn.split(':')[1]}:s3:::{place}/*" if place else None
    return (
        PermissionNeed((*_EVERYWHERE, "backup:ListBackupJobs")),
        PermissionNeed(_ON_VAULTS, vaults),
        PermissionNeed(("iam:PassRole",), (role_arn,), context={"iam:PassedToService": BACKUP_SERVICE}),
        PermissionNeed(_OPTIONAL, required=False, context={"cloudwatch:namespace": METRICS_NAMESPACE}),
        *_needs_of_copies(role_arn, options),
        *([PermissionNeed((NOTIFYING,), (topic,), required=False)] if topic else []),
        *([PermissionNeed((UPLOADING,), (objects,), required=False)] if objects else []),
    )


def _needs_of_copies(role_arn: str, options: BackupOptions) -> list[PermissionNeed]:
    """Return what copies need where they are made from; the vaults that they go into are looked at beforehand."""
    if not options.copy_to:
        return []
    images = (COPIED.format(partition=role_arn.split(":")[1]),)
    return [PermissionNeed(_FOR_COPIES, required=False), PermissionNeed((COPYING,), images, required=False)]


def _own_place(report_to: str) -> str:
    """Return bucket and prefix of an S3 URL; a block has credentials of its own, of which the caller's say nothing."""
    return report_to.removeprefix("s3://").rstrip("/") if report_to.startswith("s3://") else ""


def judge_permissions(answers: Iterable[Simulated]) -> PermissionCheck:
    """Return the answers sorted: an action counts as denied only where the simulation was certain of it."""
    answers = tuple(answers)
    refused = [answer for answer in answers if not answer.allowed and answer.certain]
    doubtful = sorted({answer.action for answer in answers if not answer.allowed and not answer.certain})
    return PermissionCheck(
        allowed=tuple(answer.action for answer in answers if answer.allowed),
        denied=tuple(answer.action for answer in refused if answer.required),
        missed=tuple(answer.action for answer in refused if not answer.required),
        unchecked=f"conditions of the policy could not be judged for {', '.join(doubtful)}" if doubtful else None,
    )


def to_whole(checks: Iterable[PermissionCheck]) -> PermissionCheck:
    """Return what was said in all accounts together: allowed is what is allowed in each of them."""
    checks = tuple(checks)
    if len(checks) == 1:
        return checks[0]
    unchecked = [
        f"{account_of(one.access_role_arn) or 'own account'}: {one.unchecked}" for one in checks if one.unchecked
    ]
    return PermissionCheck(
        allowed=tuple(action for action in checks[0].allowed if all(action in one.allowed for one in checks)),
        denied=tuple(dict.fromkeys(action for one in checks for action in one.denied)),
        missed=tuple(dict.fromkeys(action for one in checks for action in one.missed)),
        unchecked="; ".join(unchecked) or None,
    )


def raise_for_denied(check: PermissionCheck, caller: Caller) -> None:
    """Raise AccessError where a call would be refused that the run cannot do without."""
    if check.denied:
        raise AccessError(
            "iam:SimulatePrincipalPolicy",
            "PermissionsMissing",
            f"{caller.arn} is not allowed {', '.join(sorted(check.denied))}",
            hint="Allow these in the caller's IAM policy: ./start-ec2-backup.sh setup --print-policy prints all of it.",
        )
