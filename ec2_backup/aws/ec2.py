"""Step 4: instances, always in batches, as everything that is asked of EC2.

A filter leaves an unknown id out, where a list of ids fails the whole call for one of them; but it takes 200 values
(EC2 API reference, DescribeInstances), and a list 1,000 ids, as AWS's own EBS CSI driver asks for snapshots. No list
is trusted to be taken: one that AWS refuses is asked for by filter.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ec2_backup.aws.session import pages
from ec2_backup.errors import AwsError
from ec2_backup.model import Caller, Instance, InventoryRow, Target
from ec2_backup.plan import validate_state
from ec2_backup.results import Failure
from ec2_backup.selection import Filters, Selection, Term, to_filters

FILTER_VALUES = 200
LISTED_IDS = 1000


def describe_instances(instance_ids: Sequence[str], caller: Caller, target: Target) -> tuple[Instance, ...]:
    """Return those of the instances that AWS still shows, terminated ones too, each without its volumes so far."""
    found = by_id("describe_instances", "Reservations", "instance-id", instance_ids, target)
    return tuple(
        to_instance(instance, caller, target) for reservation in found for instance in reservation["Instances"]
    )


def locate_instances(rows: Sequence[InventoryRow], target: Target) -> list[InventoryRow]:
    """Return those of the rows whose instances are at this target, 200 ids a call: most are expected elsewhere."""
    wanted = {row.instance_id: row for row in rows}
    found = by_filter("describe_instances", "Reservations", "instance-id", list(wanted), target)
    return [wanted[one["InstanceId"]] for reservation in found for one in reservation["Instances"]]


def validate_instances(rows: Sequence[InventoryRow], caller: Caller, target: Target) -> list[Instance | Failure]:
    """Return for each row the instance that can be backed up, or why it cannot; rows of one target."""
    found = {
        instance.instance_id: instance
        for instance in describe_instances([row.instance_id for row in rows], caller, target)
    }
    return [_validate(row, found.get(row.instance_id), target) for row in rows]


def _validate(row: InventoryRow, instance: Instance | None, target: Target) -> Instance | Failure:
    if instance is None:
        return Failure(
            row.instance_id,
            4,
            f"there is no such instance in {target} (line {row.line} of the CSV)",
            "Check the id, the account and the Region; a terminated instance disappears within the hour.",
        )
    return validate_state(instance) or instance


def select_instances(selection: Selection, target: Target) -> list[tuple[str | None, str]]:
    """Return name and id of every instance that fits the selection, in that order: 1,000 instances a call."""
    found = {key: name for group in selection.groups for key, name in _fitting(group, target)}
    left_out = {key for group in selection.excluded for key, _ in _fitting(group, target)}
    return sorted(
        ((name, key) for key, name in found.items() if key not in left_out), key=lambda one: (one[0] or "", one[1])
    )


def _fitting(group: Sequence[Term], target: Target) -> Iterator[tuple[str, str | None]]:
    for reservation in _filtered("describe_instances", "Reservations", to_filters(group), target):
        for instance in reservation["Instances"]:
            yield instance["InstanceId"], to_tags(instance.get("Tags", ())).get("Name") or None


def by_filter(operation: str, key: str, name: str, values: Sequence[str], target: Target) -> Iterator[dict[str, Any]]:
    """Yield what a Describe operation of EC2 finds for these values of a filter, 200 values a call."""
    for start in range(0, len(values), FILTER_VALUES):
        filters: Filters = [{"Name": name, "Values": list(values[start : start + FILTER_VALUES])}]
        yield from _filtered(operation, key, filters, target)


def _filtered(operation: str, key: str, filters: Filters, target: Target) -> Iterator[dict[str, Any]]:
    for page in pages("ec2", operation, target, key=key, Filters=filters, PaginationConfig={"PageSize": 1000}):
        yield from page[key]


def by_id(operation: str, key: str, name: str, ids: Sequence[str], target: Target) -> Iterator[dict[str, Any]]:
    """Yield what a Describe operation of EC2 finds for these ids, 1,000 ids a call as long as all of them exist.

    `name` is the filter that goes by the id, such as `snapshot-id`. Where AWS does not take a list of ids, for one that
    is unknown or for its length, these are asked for by filter.
    """
    for start in range(0, len(ids), LISTED_IDS):
        some = list(ids[start : start + LISTED_IDS])
        # One call by filter does as well for a few.
        listed = by_list(operation, key, name, some, target) if len(some) > FILTER_VALUES else None
        yield from listed or by_filter(operation, key, name, some, target)


def by_list(operation: str, key: str, name: str, ids: list[str], target: Target) -> list[dict[str, Any]] | None:
    """Return what is found for a list of ids, None where AWS refuses it."""
    parameter = "".join(word.capitalize() for word in name.split("-")) + "s"
    try:
        return [found for page in pages("ec2", operation, target, key=key, **{parameter: ids}) for found in page[key]]
    except AwsError as error:
        if error.code.startswith("Invalid"):
            return None
        raise


def to_tags(tags: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """Return EC2's list of Key and Value as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in tags}


def to_instance(instance: Mapping[str, Any], caller: Caller, target: Target) -> Instance:
    """Return an instance as DescribeInstances shows it, without its volumes so far."""
    tags = to_tags(instance.get("Tags", ()))
    instance_id = instance["InstanceId"]
    return Instance(
        instance_id=instance_id,
        arn=f"arn:{caller.partition}:ec2:{target.region}:{caller.account}:instance/{instance_id}",
        region=target.region,
        state=instance["State"]["Name"],
        instance_type=instance["InstanceType"],
        name=tags.get("Name", ""),
        platform=instance.get("Platform", ""),
        root_device_type=instance.get("RootDeviceType", "ebs"),
        tags=tags,
        access_role_arn=target.role_arn,
        volume_ids=tuple(
            mapping["Ebs"]["VolumeId"] for mapping in instance.get("BlockDeviceMappings", ()) if mapping.get("Ebs")
        ),
    )
