"""Step 5: the EBS volumes of instances, and the disks that no AMI covers."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ec2_backup.aws.ec2 import FILTER_VALUES, LISTED_IDS, by_filter, by_list
from ec2_backup.aws.session import pages
from ec2_backup.errors import AccessError
from ec2_backup.model import Instance, Target, Volume

_TYPES_A_CALL = 100


def describe_volumes(instances: Sequence[Instance], target: Target) -> tuple[Instance, ...]:
    """Return the instances with every EBS volume attached to them, and with what no AMI covers named."""
    ids = [instance.instance_id for instance in instances]
    attached: dict[str, list[Volume]] = {instance_id: [] for instance_id in ids}
    for volume in _mapped_volumes(instances, target) or _attached_volumes(ids, target):
        for attachment in volume["Attachments"]:
            # A Multi-Attach volume also shows attachments to instances that nobody asked for.
            if attachment["InstanceId"] in attached:
                attached[attachment["InstanceId"]].append(_to_volume(volume, attachment["Device"]))
    stores = _instance_stores({instance.instance_type for instance in instances}, target)
    return tuple(
        replace(
            instance,
            volumes=tuple(sorted(attached[instance.instance_id], key=lambda volume: volume.device)),
            instance_store=stores.get(instance.instance_type, ()),
        )
        for instance in instances
    )


def _attached_volumes(instance_ids: Sequence[str], target: Target) -> Iterator[dict[str, Any]]:
    return by_filter("describe_volumes", "Volumes", "attachment.instance-id", instance_ids, target)


def _mapped_volumes(instances: Sequence[Instance], target: Target) -> list[dict[str, Any]] | None:
    """Return the volumes of the instances' block device mappings, asked for by id, None where these do not do.

    The mappings name every EBS volume that is attached, and nothing else (EC2 API reference, InstanceBlockDevice
    Mapping): so for a large fleet its thousand ids a call take the place of 200 instances a call. They are as old as
    the look at the instances, some seconds. Where one of them has vanished since, or is no longer attached, a volume
    was exchanged, and all are asked for by filter. One that was only added is in the backup, since AWS Backup takes
    what is attached when the job begins, and is not among those that are verified: as one that is added a moment after
    any look.
    """
    if len(instances) <= FILTER_VALUES:
        return None
    mapped = {(volume_id, instance.instance_id) for instance in instances for volume_id in instance.volume_ids}
    ids = sorted({volume_id for volume_id, _ in mapped})
    found: list[dict[str, Any]] = []
    for start in range(0, len(ids), LISTED_IDS):
        some = by_list("describe_volumes", "Volumes", "volume-id", ids[start : start + LISTED_IDS], target)
        if some is None:
            return None
        found += some
    attached = {(volume["VolumeId"], one["InstanceId"]) for volume in found for one in volume["Attachments"]}
    return found if mapped <= attached else None


def _to_volume(volume: Mapping[str, Any], device: str) -> Volume:
    return Volume(
        volume_id=volume["VolumeId"],
        device=device,
        size_gib=volume["Size"],
        volume_type=volume["VolumeType"],
        encrypted=volume["Encrypted"],
        kms_key_id=volume.get("KmsKeyId"),
        iops=volume.get("Iops"),
    )


def _instance_stores(instance_types: Iterable[str], target: Target) -> dict[str, tuple[str, ...]]:
    """Return the instance-store disks by instance type; they are in no block device mapping, only in the type."""
    names = sorted(set(instance_types))
    stores: dict[str, tuple[str, ...]] = {}
    try:
        for start in range(0, len(names), _TYPES_A_CALL):
            batch = names[start : start + _TYPES_A_CALL]
            filters = [{"Name": "instance-type", "Values": batch}]
            for page in pages("ec2", "describe_instance_types", target, key="InstanceTypes", Filters=filters):
                stores |= {kind["InstanceType"]: _to_disks(kind) for kind in page["InstanceTypes"]}
    except AccessError:
        return {}  # worth a warning from the permission check, not worth the backup
    return stores


def _to_disks(kind: Mapping[str, Any]) -> tuple[str, ...]:
    if not kind.get("InstanceStorageSupported"):
        return ()
    return tuple(
        f"{disk['Count']} x {disk['SizeInGB']} GB {disk['Type'].upper()} instance store"
        for disk in kind.get("InstanceStorageInfo", {}).get("Disks", ())
    )
