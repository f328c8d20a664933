"""What StartRestoreJob is told of the new instance: the original's settings as AWS Backup kept them, and the changes.

All values are texts, most of them JSON (AWS Backup developer guide, "Restoring an Amazon EC2 instance").
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ec2_backup.restore.model import NO_PROFILE, Changes

PROFILE_KEY = "IamInstanceProfileName"
AS_BACKED_UP = "UseBackedUpValue"  # may stand for the profile's name

# These are for people to read (VpcId follows from the subnet), or of the backup and not of an instance.
_OF_NO_USE = frozenset({"VpcId", "vpcId", "aws:backup:request-id"})
# A network interface brings its own subnet, groups and private address; EC2 takes either that or these, and the
# address belongs to the original as long as that is there.
_OF_THE_ORIGINAL = frozenset({"NetworkInterfaces"})
_OF_THE_TYPE = frozenset({"CpuOptions", "CreditSpecification", "EbsOptimized"})


def to_metadata(kept: Mapping[str, str], changes: Changes) -> dict[str, str]:
    """Return the metadata for StartRestoreJob: what was kept, without what must not be repeated, with the changes.

    The new instance gets one network interface, with a new private address, in the subnet and with the groups of the
    original or those asked for. Settings that go with an instance type are left to EC2 where another type is asked for.
    """
    dropped = _OF_NO_USE | _OF_THE_ORIGINAL | (_OF_THE_TYPE if changes.instance_type else frozenset())
    metadata = {key: value for key, value in kept.items() if key not in dropped and value not in {"", "null"}}
    metadata |= {"SubnetId": subnet} if (subnet := changes.subnet or kept_subnet(kept)) else {}
    groups = changes.security_groups or kept_groups(kept)
    metadata |= {"SecurityGroupIds": json.dumps(groups)} if groups else {}
    metadata |= {"InstanceType": changes.instance_type} if changes.instance_type else {}
    if changes.subnet and "Placement" in metadata:
        metadata["Placement"] = _without_zone(metadata["Placement"])
    if changes.profile and changes.profile != kept.get(PROFILE_KEY):
        metadata.pop(PROFILE_KEY, None)
    return metadata


def to_attached(metadata: Mapping[str, str], changes: Changes) -> str:
    """Return the profile that is attached afterwards, "" for none: AWS Backup restores with the backed up one alone."""
    return "" if changes.profile in {"", NO_PROFILE, metadata.get(PROFILE_KEY)} else changes.profile


def kept_subnet(kept: Mapping[str, str]) -> str:
    """Return the subnet that the original was in, "" where that was not kept."""
    return kept.get("SubnetId") or next((str(one.get("SubnetId") or "") for one in _interfaces(kept)), "")


def kept_groups(kept: Mapping[str, str]) -> tuple[str, ...]:
    """Return the security groups of the original."""
    groups = _parsed(kept.get("SecurityGroupIds", ""))
    if isinstance(groups, list) and groups:
        return tuple(map(str, groups))
    return next((tuple(map(str, one.get("Groups") or ())) for one in _interfaces(kept)), ())


def groups_of(metadata: Mapping[str, str]) -> tuple[str, ...]:
    """Return the security groups that metadata names."""
    groups = _parsed(metadata.get("SecurityGroupIds", ""))
    return tuple(map(str, groups)) if isinstance(groups, list) else ()


def left_out(kept: Mapping[str, str]) -> Iterator[str]:
    """Yield what the new instance will not have though the original had it, as far as its settings tell."""
    interfaces = list(_interfaces(kept))
    if addresses := [str(one["PrivateIpAddress"]) for one in interfaces if one.get("PrivateIpAddress")]:
        yield f"private address {addresses[0]}: it gets a new one"
    if len(interfaces) > 1:
        yield f"{len(interfaces) - 1} of {len(interfaces)} network interfaces: it gets one"


def _interfaces(kept: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
    found = _parsed(kept.get("NetworkInterfaces", ""))
    yield from (one for one in (found if isinstance(found, list) else []) if isinstance(one, dict))


def _without_zone(placement: str) -> str:
    place = _parsed(placement)
    if not isinstance(place, dict):
        return placement
    return json.dumps({key: value for key, value in place.items() if key != "AvailabilityZone"})


def _parsed(text: str) -> object:
    """Return what a JSON text says, None where it is no JSON: AWS does not say of every key whether it is."""
    try:
        return json.loads(text)
    except ValueError:
        return None
