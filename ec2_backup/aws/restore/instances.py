"""The new instances: their tags, their profile, how they are, and what they consist of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from ec2_backup.aws.ebs import describe_volumes
from ec2_backup.aws.ec2 import by_filter, to_tags
from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AwsError
from ec2_backup.model import Instance, Target
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob
from ec2_backup.restore.model import PlannedRestore, RestoreFailure
from ec2_backup.restore.verdict import prove

_STATUSES_A_CALL = 100  # EC2 API reference, DescribeInstanceStatus


def create_tags(plan: PlannedRestore, job: RestoreJob) -> None:
    """Give the instance that the job made the tags of its plan. Raises ValueError where that is the original."""
    if job.created_id in {"", plan.point.source_id}:
        raise ValueError(f"job {job.job_id} made no new instance: {job.created_arn or 'it names none'}")
    tags = [{"Key": key, "Value": value} for key, value in plan.tags.items()]
    call("ec2", "create_tags", plan.point.target, Resources=[job.created_id], Tags=tags)


def attach_profile(plan: PlannedRestore, restored: RestoredInstance) -> RestoredInstance:
    """Give the new instance the profile that was asked for, unless it has it, and return it as it is then."""
    name = plan.attached_profile
    if not name or restored.profile == name:
        return restored
    call(
        "ec2",
        "associate_iam_instance_profile",
        plan.point.target,
        InstanceId=restored.instance.instance_id,
        IamInstanceProfile={"Name": name},
    )
    return replace(restored, profile=name)


def look_at(jobs: Sequence[RestoreJob]) -> list[RestoredInstance]:
    """Return the instances that these jobs made as they are now, those that EC2 shows, without their volumes.

    DescribeInstances has all of them in a call, DescribeInstanceStatus a hundred.
    """
    return [
        restored
        for target in sorted({job.target for job in jobs})
        for restored in _look_at([job for job in jobs if job.target == target], target)
    ]


def _look_at(jobs: Sequence[RestoreJob], target: Target) -> list[RestoredInstance]:
    ids = [job.created_id for job in jobs]
    found = by_filter("describe_instances", "Reservations", "instance-id", ids, target)
    instances = {one["InstanceId"]: one for reservation in found for one in reservation["Instances"]}
    checks = _checks([key for key, one in instances.items() if one["State"]["Name"] == "running"], target)
    return [_to_restored(job, instances[job.created_id], checks, target) for job in jobs if job.created_id in instances]


def verify(plan: PlannedRestore, job: RestoreJob) -> tuple[RestoredInstance | None, RestoreFailure | None]:
    """Return the new instance with its volumes, and how it differs from what was backed up or asked for.

    It gets the profile that was asked for where AWS Backup could not give it that.
    """
    seen = look_at([job])
    if not seen:
        reason = f"EC2 does not show the new instance {job.created_id}"
        return None, RestoreFailure(job.line, reason, "Look for it in the EC2 console.")
    (whole,) = describe_volumes([seen[0].instance], plan.point.target)
    restored = replace(seen[0], instance=whole)
    if restored.is_ready:
        restored = attach_profile(plan, restored)
    return restored, prove(plan, restored)


def _checks(ids: Sequence[str], target: Target) -> Mapping[str, Mapping[str, Any]]:
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(ids), _STATUSES_A_CALL):
        some = list(ids[start : start + _STATUSES_A_CALL])
        try:
            listed = list(pages("ec2", "describe_instance_status", target, key="InstanceStatuses", InstanceIds=some))
        except AwsError as error:
            if error.code.startswith("InvalidInstanceID"):  # one has gone since
                continue
            raise
        found |= {one["InstanceId"]: one for page in listed for one in page["InstanceStatuses"]}
    return found


def _to_restored(
    job: RestoreJob, one: Mapping[str, Any], checks: Mapping[str, Mapping[str, Any]], target: Target
) -> RestoredInstance:
    status, instance_id = checks.get(one["InstanceId"], {}), one["InstanceId"]
    tags = to_tags(one.get("Tags", ()))
    return RestoredInstance(
        line=job.line,
        instance=Instance(
            instance_id=instance_id,
            arn=job.created_arn,
            region=target.region,
            state=one["State"]["Name"],
            instance_type=one["InstanceType"],
            name=tags.get("Name", ""),
            platform=one.get("Platform", ""),
            root_device_type=one.get("RootDeviceType", "ebs"),
            tags=tags,
            access_role_arn=target.role_arn,
        ),
        seen_at=datetime.now(UTC),
        subnet=one.get("SubnetId", ""),
        security_groups=_groups(one.get("SecurityGroups", ())),
        profile=one.get("IamInstanceProfile", {}).get("Arn", "").rpartition("/")[2],
        key_pair=one.get("KeyName", ""),
        instance_check=status.get("InstanceStatus", {}).get("Status", ""),
        system_check=status.get("SystemStatus", {}).get("Status", ""),
    )


def _groups(groups: Iterable[Mapping[str, str]]) -> tuple[str, ...]:
    return tuple(group["GroupId"] for group in groups)
