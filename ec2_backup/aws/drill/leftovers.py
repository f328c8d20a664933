"""What drills before have left in a subnet: instances by their tags, and the restores of images that bear a mark.

A restore has no tag before its job is over, which takes minutes: a drill that was killed then has left the mark on the
image alone. The restore jobs of such an image, since that drill began and into this subnet and group, are its own.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from ec2_backup.aws.ec2 import by_filter, to_tags
from ec2_backup.aws.restore.jobs import list_restore_jobs, to_restore_job
from ec2_backup.aws.session import call, pages
from ec2_backup.drill.marks import Mark, to_mark
from ec2_backup.drill.model import Leftover
from ec2_backup.drill.removal import ENDED
from ec2_backup.errors import AccessError
from ec2_backup.model import Target
from ec2_backup.restore.jobs import RestoreJob
from ec2_backup.restore.metadata import groups_of
from ec2_backup.restore.plan import FROM_TAG
from ec2_backup.restore.plan import RUN_TAG as RESTORE_TAG
from ec2_backup.runkey import LARGEST_CLOCK_ERROR, to_began_at
from ec2_backup.settings import DRILL_TAG

_LONGEST = timedelta(days=31)  # the longest deadline that a drill may have, for a key that does not say when it began
_ALIVE = ["pending", "running", "stopping", "stopped"]


def find_leftovers(subnet: str, group: str, drill_key: str, now: datetime, target: Target) -> list[Leftover]:
    """Return what drills have left that cannot be at work any more; `drill_key` is the one that asks.

    Two calls where there is nothing. Of a drill that may be at work there are the images that it restores from alone.
    """
    lines = count(-1, -1)
    found = list(_tagged_instances(subnet, drill_key, now, target, lines))
    known = {one.instance_id for one in found}
    for image_id, mark in _marked_images(drill_key, target):
        if not mark.is_over(now):
            found.append(_at_work(image_id, mark, next(lines), target))
            continue
        if mark.subnet != subnet:
            continue
        jobs = _jobs_of(image_id, mark, now, subnet, group, target)
        left = [one for job in jobs if (one := _to_leftover(job, mark, next(lines), target))]
        found += [one for one in left if one.instance_id not in known or one.job_id]
        found.append(
            Leftover(next(lines), mark.drill_key, target.region, marked_image=image_id, access_role_arn=target.role_arn)
        )
    return found


def _tagged_instances(
    subnet: str, drill_key: str, now: datetime, target: Target, lines: Iterator[int]
) -> Iterator[Leftover]:
    asked: list[dict[str, Any]] = [
        {"Name": "tag-key", "Values": [DRILL_TAG]},
        {"Name": "subnet-id", "Values": [subnet]},
        {"Name": "instance-state-name", "Values": _ALIVE},
    ]
    for page in pages("ec2", "describe_instances", target, key="Reservations", Filters=asked):
        for one in (instance for reservation in page["Reservations"] for instance in reservation["Instances"]):
            tags = to_tags(one.get("Tags", ()))
            mark = to_mark(tags)
            if mark is None or mark.drill_key == drill_key:
                continue
            if not mark.is_over(now):
                yield _at_work(one["ImageId"], mark, next(lines), target)
            else:
                yield Leftover(
                    line=next(lines),
                    drill_key=mark.drill_key,
                    region=target.region,
                    recovery_point_arn=tags.get(FROM_TAG, ""),
                    instance_id=one["InstanceId"],
                    access_role_arn=target.role_arn,
                )


def _at_work(image_id: str, mark: Mark, line: int, target: Target) -> Leftover:
    return Leftover(line, mark.drill_key, target.region, at_work_on=image_id, access_role_arn=target.role_arn)


def _marked_images(drill_key: str, target: Target) -> Iterator[tuple[str, Mark]]:
    asked = [{"Name": "tag-key", "Values": [DRILL_TAG]}]
    for page in pages("ec2", "describe_images", target, key="Images", Owners=["self"], Filters=asked):
        for image in page["Images"]:
            mark = to_mark(to_tags(image.get("Tags", ())))
            if mark and mark.drill_key != drill_key:
                yield image["ImageId"], mark


def _jobs_of(image_id: str, mark: Mark, now: datetime, subnet: str, group: str, target: Target) -> Iterator[RestoreJob]:
    """Yield the restore jobs that a drill may have started from an image: in its time, into this subnet and group."""
    began_at = to_began_at(mark.drill_key) or now - _LONGEST
    for job in list_restore_jobs(began_at - LARGEST_CLOCK_ERROR, target):
        is_of_image = job["RecoveryPointArn"].rpartition("/")[2] == image_id
        if is_of_image and job["CreationDate"] <= (mark.until or now) and _goes_to(job, subnet, group, target):
            yield to_restore_job(job, 0, target)


def _goes_to(job: Mapping[str, Any], subnet: str, group: str, target: Target) -> bool:
    try:
        answer = call("backup", "get_restore_job_metadata", target, key="Metadata", RestoreJobId=job["RestoreJobId"])
    except AccessError:
        return False  # nothing is terminated on a guess
    metadata = answer["Metadata"]
    return metadata.get("SubnetId") == subnet and groups_of(metadata) == (group,)


def _to_leftover(job: RestoreJob, mark: Mark, line: int, target: Target) -> Leftover | None:
    """Return what a job has made or may still make, None where that is gone, or bears the name of another run."""
    left = Leftover(
        line=line,
        drill_key=mark.drill_key,
        region=target.region,
        recovery_point_arn=job.recovery_point_arn,
        instance_id=job.created_id,
        is_tagged=False,
        access_role_arn=target.role_arn,
    )
    if not job.state.is_final:
        return replace(left, instance_id="", job_id=job.job_id)
    found = by_filter("describe_instances", "Reservations", "instance-id", [job.created_id], target)
    for one in (instance for reservation in found for instance in reservation["Instances"] if job.created_id):
        tags = to_tags(one.get("Tags", ()))
        is_own = tags.get(RESTORE_TAG, mark.drill_key) == mark.drill_key
        if one["State"]["Name"] not in ENDED and is_own:
            return replace(left, is_tagged=DRILL_TAG in tags)
    return None
