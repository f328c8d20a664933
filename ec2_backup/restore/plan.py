"""From a chosen recovery point to a planned restore: decisions only, no call to AWS."""

import hashlib
import json
from collections.abc import Iterator, Mapping

from ec2_backup.model import ServiceRole
from ec2_backup.restore.ground import Ground, Subnet
from ec2_backup.restore.metadata import AS_BACKED_UP, PROFILE_KEY, groups_of, left_out, to_attached, to_metadata
from ec2_backup.restore.model import Changes, ChosenPoint, PlannedRestore, RestoreFailure, StoredPoint
from ec2_backup.settings import RESERVED_TAGS
from ec2_backup.tags import CREATED_BY, MAX_TAGS

FROM_TAG, RUN_TAG = "RestoredFrom", "RestoreRunId"
NEVER_RESTORED = "user data, elastic IP addresses, and the data of instance store disks"

_UNPASSED = (
    "Let {role} pass {passed} to EC2 (iam:PassRole), or restore without a profile (--profile none): otherwise the job "
    "fails with an encoded authorization failure."
)


def plan_restore(
    chosen: ChosenPoint, kept: Mapping[str, str], ground: Ground, role: ServiceRole, run_key: str, *, copy_tags: bool
) -> PlannedRestore | RestoreFailure:
    """Return all that StartRestoreJob and CreateTags will be given for a row, or why it cannot be restored so.

    Args:
        chosen: The recovery point.
        kept: What GetRecoveryPointRestoreMetadata says of the original.
        ground: What there is in the Region of what the plan names.
        role: The role that AWS Backup assumes.
        run_key: The run; with the row and the recovery point it always gives the same idempotency token.
        copy_tags: Whether the new instance gets the tags of the backup.
    """
    row, point = chosen.row, chosen.point
    metadata = to_metadata(kept, row.changes)
    tags = to_new_tags(point if copy_tags else None, row.changes) | {FROM_TAG: point.arn, RUN_TAG: run_key}
    flaws = [*_of_key_pair(row.changes, kept), *_of_ground(metadata, row.changes, ground)]
    if len(tags) > MAX_TAGS:
        flaws.append((f"it would carry {len(tags)} tags, and AWS allows {MAX_TAGS}", "Restore with --no-copy-tags."))
    if flaws:
        advice = " ".join(dict.fromkeys(advice for _, advice in flaws))
        return RestoreFailure(row.line, "; ".join(reason for reason, _ in flaws), advice)
    return PlannedRestore(
        chosen=chosen,
        role_arn=role.arn,
        metadata=metadata,
        tags=tags,
        idempotency_token=to_idempotency_token(run_key, point.arn, row.line),
        copies_tags=copy_tags,
        attached_profile=to_attached(metadata, row.changes),
        left_out=tuple(left_out(kept)),
        warnings=tuple(_warnings(metadata, ground, role)),
    )


def to_idempotency_token(run_key: str, recovery_point_arn: str, line: int) -> str:
    """Return the token that stands for one restore of one row in one run: 64 hexadecimal digits, never a time."""
    return hashlib.sha256(json.dumps(["restore", run_key, recovery_point_arn, line]).encode()).hexdigest()


def to_new_tags(point: StoredPoint | None, changes: Changes) -> dict[str, str]:
    """Return the tags of the backup, without AWS's own and those that say what the backup is of, and a name.

    The run sets them itself besides asking AWS Backup to: which ones that copies is documented nowhere.
    """
    copied = point.tags if point else {}
    of_backup = {*RESERVED_TAGS, *(["CreatedBy"] if copied.get("CreatedBy") == CREATED_BY else [])}
    tags = {key: value for key, value in copied.items() if not key.startswith("aws:") and key not in of_backup}
    return tags | ({"Name": changes.name} if changes.name else {})


def _of_key_pair(changes: Changes, kept: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    own = kept.get("KeyName") or ""
    if changes.key_pair and changes.key_pair != own:
        has = f"the original's, {own}" if own else "none, as the original"
        yield (
            f"AWS Backup cannot restore with another key pair: the new instance will have {has}",
            f"Leave out key pair {changes.key_pair}. Without the old key there are Session Manager and serial console.",
        )


def _of_ground(metadata: Mapping[str, str], changes: Changes, ground: Ground) -> Iterator[tuple[str, str]]:
    """Yield what of the metadata does not exist or does not fit together, each with what to do about it."""
    subnet_id, whose = metadata.get("SubnetId", ""), "" if changes.subnet else " of the original"
    subnet = (ground.subnets or {}).get(subnet_id)
    if subnet_id and ground.subnets is not None and subnet is None:
        yield f"there is no subnet {subnet_id}{whose} in the Region", "Name a subnet with --subnet."
    if subnet and subnet.free_addresses == 0:
        yield f"subnet {subnet_id} has no free address", "Name another subnet with --subnet."
    yield from _of_groups(metadata, subnet, ground.groups)
    kind = metadata.get("InstanceType", "")
    if kind and subnet and ground.offered is not None and (kind, subnet.zone) not in ground.offered:
        yield f"there is no instance type {kind} in {subnet.zone}", "Name another type with --instance-type."
    for profile in profiles_of(metadata, changes):
        if ground.profiles is not None and profile not in ground.profiles:
            yield f"there is no instance profile {profile}", "Name one with --profile, or `none` for no profile."


def _of_groups(
    metadata: Mapping[str, str], subnet: Subnet | None, groups: Mapping[str, str] | None
) -> Iterator[tuple[str, str]]:
    for group in groups_of(metadata) if groups is not None else ():
        vpc = (groups or {}).get(group)
        if vpc is None:
            yield f"there is no security group {group} in the Region", "Name groups with --security-groups."
        elif subnet and vpc != subnet.vpc_id:
            yield (
                f"security group {group} is of {vpc}, subnet {subnet.subnet_id} of {subnet.vpc_id}",
                "Name groups of the subnet's VPC with --security-groups.",
            )


def profiles_of(metadata: Mapping[str, str], changes: Changes) -> tuple[str, ...]:
    """Return the names of the instance profiles that the new instance is to have, at first or in the end."""
    named = (metadata.get(PROFILE_KEY, ""), to_attached(metadata, changes))
    return tuple(name for name in named if name and name != AS_BACKED_UP)


def _warnings(metadata: Mapping[str, str], ground: Ground, role: ServiceRole) -> Iterator[str]:
    name = metadata.get(PROFILE_KEY, "")
    profile = (ground.profiles or {}).get(name)
    if profile and profile.role_arn and profile.may_be_passed is not True:
        sure = (
            f"{role.name} may not pass it" if profile.may_be_passed is False else "whether it may be passed is unknown"
        )
        yield f"instance profile {name}: {sure}. " + _UNPASSED.format(role=role.name, passed=profile.role_arn)
    unseen = {"subnets": ground.subnets, "security groups": ground.groups, "instance types": ground.offered,
              "instance profiles": ground.profiles}  # fmt: skip
    if names := [what for what, seen in unseen.items() if seen is None]:
        yield f"not checked beforehand, since the caller may not look at {', '.join(names)}"
