"""The AMI and the snapshots of a backup, in moto's EC2 where any EC2 client sees them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.utils import random_ami_id, random_snapshot_id, random_volume_id

from sandbox.clock import CLOCK
from sandbox.outcomes import Outcome

SOURCE_TAG = "aws:backup:source-resource"


@dataclass(frozen=True, slots=True)
class Disk:
    """A volume as a snapshot remembers it, also after the volume is gone; sizes in GiB."""

    id: str
    device: str
    size: int
    volume_type: str
    iops: int | None
    throughput: int | None
    delete_on_termination: bool


@dataclass(frozen=True, slots=True)
class Attachment:
    """A volume as it is attached to an instance: what a snapshot of the backup is made of."""

    device: str
    volume: Volume
    delete_on_termination: bool

    @property
    def disk(self) -> Disk:
        """What a snapshot remembers of it."""
        volume = self.volume
        shape = (volume.size, volume.volume_type, volume.iops, volume.throughput)
        return Disk(volume.id, self.device, *shape, self.delete_on_termination)


def attachments(ec2: Any, instance: Any) -> tuple[Attachment, ...]:
    """Return the EBS volumes of an instance in the order of their devices; instance-store disks are not among them."""
    found = []
    for device, mapping in sorted(instance.block_device_mapping.items()):
        volume = ec2.volumes.get(mapping.volume_id)
        if volume is not None:
            found.append(Attachment(device, volume, bool(mapping.delete_on_termination)))
    return tuple(found)


def user_tags(ec2: Any, resource_id: str) -> dict[str, str]:
    """Return the tags that a person gave to an EC2 resource: those with `aws:` belong to AWS and are not copied."""
    tags: Mapping[str, str] = ec2.tags.get(resource_id, {})
    return {key: value for key, value in tags.items() if not key.startswith("aws:")}


class BackupSnapshot(Snapshot):
    """A snapshot of one volume; pending until its image is available, unless that failed."""

    def __init__(self, ec2: Any, disk: Disk, image: "BackupImage", *, encrypted: bool, key: str | None) -> None:
        self.disk = disk
        self.ready_at = image.ready_at
        description = f"This snapshot is created by the AWS Backup service for {image.id}"
        key = key if encrypted else None
        super().__init__(ec2, random_snapshot_id(), disk, description, encrypted=encrypted, kms_key_id=key)
        self.start_time = image.creation_date
        self.from_ami = image.id

    @property
    def status(self) -> str:
        """`pending`, then `completed`."""
        return "completed" if CLOCK.now() >= self.ready_at else "pending"

    @status.setter
    def status(self, value: str) -> None:
        """Take no notice of moto, which has every snapshot completed from its beginning."""

    @property
    def progress(self) -> str:
        """How far the snapshot is, as EC2 says it."""
        return "100%" if self.status == "completed" else "0%"

    @property
    def volume_id(self) -> str:
        """The volume that the snapshot was taken of, also after that is gone."""
        return self.disk.id

    @property
    def volume_size(self) -> int:
        """The size in GiB that the volume had."""
        return self.disk.size

    def as_mapping(self) -> dict[str, Any]:
        """Return the snapshot as a block device of its image."""
        ebs = {
            "SnapshotId": self.id,
            "VolumeSize": self.disk.size,
            "VolumeType": self.disk.volume_type,
            "DeleteOnTermination": self.disk.delete_on_termination,
            "Encrypted": self.encrypted,
        }
        return {"DeviceName": self.disk.device, "Ebs": ebs}


class BackupImage(Ami):
    """The AMI of a backup; pending until the job is done, then available, or failed where the script says so.

    `origin` is the instance that is backed up, or the image that is copied.
    """

    def __init__(self, ec2: Any, origin: Any, name: str, started: datetime, ready_at: datetime) -> None:
        self.ready_at = ready_at
        self.failed = False
        self.snapshots: list[BackupSnapshot] = []
        made_of = {"source_ami": origin} if isinstance(origin, Ami) else {"instance": origin}
        said = "This image is created by the AWS Backup service."
        zone = f"{ec2.region_name}a"
        super().__init__(ec2, random_ami_id(), name=name, description=said, region_name=zone, **made_of)
        ec2.snapshots.pop(self.ebs_snapshot.id)  # moto makes one of an invented volume of 15 GiB
        self.creation_date = started
        self.image_location = f"{ec2.account_id}/{name}"
        self.root_device_type = "ebs"
        self.root_device_name = origin.root_device_name
        self.hypervisor = "xen"

    @property
    def state(self) -> str:
        """`pending`, then `available` or `failed`."""
        if CLOCK.now() < self.ready_at:
            return "pending"
        return "failed" if self.failed else "available"

    @state.setter
    def state(self, value: str) -> None:
        """Take no notice of moto, which has every image available from its beginning."""

    @property
    def block_device_mappings(self) -> list[dict[str, Any]]:
        """The snapshots of the image, as block devices."""
        return [snapshot.as_mapping() for snapshot in self.snapshots]


def create(ec2: Any, image: BackupImage, source: str, tags: Mapping[str, str], outcome: Outcome) -> None:
    """Put an image into EC2 with a snapshot of every attached volume, their tags merged, as the outcome wants it."""
    image.failed = outcome.image == "failed"
    for attachment in attachments(ec2, image.instance):
        device, volume = attachment.device, attachment.volume
        if device == outcome.missing_snapshot:
            continue
        encrypted = bool(volume.encrypted) and device != outcome.unencrypted_snapshot
        disk = attachment.disk
        if device == outcome.missing_volume_id:
            disk = replace(disk, id=random_volume_id())
        tags_of_volume = user_tags(ec2, volume.id) | {SOURCE_TAG: source}
        add(ec2, image, BackupSnapshot(ec2, disk, image, encrypted=encrypted, key=volume.kms_key_id), tags_of_volume)
    merged = user_tags(ec2, image.instance.id) | dict(tags) | {SOURCE_TAG: source}
    merged.pop(outcome.missing_tag, None)
    ec2.tags[image.id] = merged
    if outcome.image != "absent":
        ec2.amis[image.id] = image


def add(ec2: Any, image: BackupImage, snapshot: BackupSnapshot, tags: Mapping[str, str]) -> None:
    """Put a snapshot of an image into EC2."""
    image.snapshots.append(snapshot)
    ec2.snapshots[snapshot.id] = snapshot
    ec2.tags[snapshot.id] = dict(tags)


def delete(ec2: Any, image: BackupImage) -> None:
    """Take an image and its snapshots out of EC2; what somebody has already taken out is passed over."""
    if ec2.amis.pop(image.id, None):
        ec2.deleted_amis.append(image.id)
    ec2.tags.pop(image.id, None)
    for snapshot in image.snapshots:
        ec2.snapshots.pop(snapshot.id, None)
        ec2.tags.pop(snapshot.id, None)
