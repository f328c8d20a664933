"""What the metadata of a restore ask for: a launch, read as AWS Backup reads them.

The keys are those of the Developer Guide's page on restoring EC2, in any case of letters. What it does with a key that
it does not know, nobody outside has written down: here it makes the metadata invalid.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.backup.failures import RESTORE_MESSAGES, RestoreCause

USE_BACKED_UP = "UseBackedUpValue"
"""The profile of a restore that is to have the one of the instance that was backed up."""


class UnlaunchableError(Exception):
    """A restore that cannot come to an instance; its text is the job's StatusMessage."""


@dataclass(frozen=True, slots=True)
class Launch:
    """What a restored instance is to be. Empty texts are for EC2 to fill in, as in a call of RunInstances."""

    instance_type: str
    subnet_id: str = ""
    group_ids: tuple[str, ...] = ()
    private_ip: str = ""
    key_name: str = ""
    profile: str = ""
    shutdown: str = "stop"
    termination_protection: bool = False
    ebs_optimized: bool = False
    monitored: bool = False
    tokens_required: bool = False
    user_data: str = ""
    disks: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def to_launch(metadata: Mapping[str, str], backed_up: Mapping[str, str]) -> Launch:
    """Return what the metadata of a StartRestoreJob ask for, given those of the recovery point.

    Raises:
        UnlaunchableError: AWS Backup cannot read them, or does not do what they want.
    """
    given = {name.lower(): value for name, value in metadata.items()}
    if not given.keys() <= _READ.keys():
        raise invalid()
    read = {name: _READ[name](value) for name, value in given.items()}
    if read.get("keyname") not in {None, "", backed_up["KeyName"]}:
        raise invalid()
    return Launch(
        instance_type=read.get("instancetype") or backed_up["InstanceType"],
        key_name=read.get("keyname") or "",
        profile=_profile(read.get("iaminstanceprofilename") or "", backed_up.get("IamInstanceProfileName", "")),
        shutdown=read.get("instanceinitiatedshutdownbehavior") or "stop",
        termination_protection=read.get("disableapitermination", False),
        ebs_optimized=read.get("ebsoptimized", False),
        monitored=read.get("monitoring", {}).get("State") == "enabled",
        tokens_required=read.get("requireimdsv2", False),
        user_data=read.get("userdata") or "",
        disks={one["DeviceName"]: one.get("Ebs") or {} for one in read.get("blockdevicemappings", [])},
        **_network(read),
    )


def invalid() -> UnlaunchableError:
    """Return the error for metadata that make no sense."""
    return UnlaunchableError(RESTORE_MESSAGES[RestoreCause.METADATA])


def _network(read: Mapping[str, Any]) -> dict[str, Any]:
    """Return where the instance goes: by its first interface, or by subnet and groups; EC2 does not take both."""
    subnet, groups = read.get("subnetid") or "", tuple(read.get("securitygroupids") or ())
    interfaces = read.get("networkinterfaces") or []
    if not interfaces:
        return {"subnet_id": subnet, "group_ids": groups}
    for name, value in (("subnet ID", subnet), ("security groups", groups)):
        if value:
            raise UnlaunchableError(
                f"Network interfaces and an instance-level {name} may not be specified on the same request"
            )
    first = interfaces[0]
    if first.get("NetworkInterfaceId"):
        raise UnlaunchableError(f"Interface: [{first['NetworkInterfaceId']}] in use.")
    return {
        "subnet_id": str(first.get("SubnetId") or ""),
        "group_ids": tuple(first.get("Groups") or ()),
        "private_ip": str(first.get("PrivateIpAddress") or ""),
    }


def _profile(wanted: str, backed_up: str) -> str:
    if wanted == USE_BACKED_UP:
        return backed_up
    if wanted and wanted != backed_up:
        raise UnlaunchableError(RESTORE_MESSAGES[RestoreCause.NEW_PROFILE])
    return wanted


def _text(value: str) -> str:
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value not in allowed:
            raise invalid()
        return value

    return read


def _flag(value: str) -> bool:
    return _one_of("true", "false")(value.lower()) == "true"


def _object(value: str) -> dict[str, Any]:
    return dict(_parsed(value, dict) or {})


def _texts(value: str) -> list[str]:
    return [str(one) for one in _members(value, str)]


def _objects(value: str) -> list[dict[str, Any]]:
    return [dict(one) for one in _members(value, dict)]


def _devices(value: str) -> list[dict[str, Any]]:
    devices = _objects(value)
    if not all(isinstance(one.get("DeviceName"), str) for one in devices):
        raise invalid()
    return devices


def _members(value: str, kind: type) -> list[Any]:
    members: list[Any] = _parsed(value, list) or []
    if not all(isinstance(one, kind) for one in members):
        raise invalid()
    return members


def _parsed(value: str, kind: type) -> Any:
    """Return the JSON of a text; `null` is good for every kind."""
    try:
        parsed = json.loads(value)
    except ValueError:
        raise invalid() from None
    if parsed is not None and not isinstance(parsed, kind):
        raise invalid()
    return parsed


_READ: Mapping[str, Callable[[str], Any]] = {
    "architecture": _text,
    "aws:backup:request-id": _text,
    "blockdevicemappings": _devices,
    "capacityreservationspecification": _object,
    "cpuoptions": _object,
    "creditspecification": _object,
    "disableapitermination": _flag,
    "ebsoptimized": _flag,
    "elasticgpuspecification": _objects,
    "enasupport": _flag,
    "hibernationoptions": _object,
    "iaminstanceprofilename": _text,
    "instanceinitiatedshutdownbehavior": _one_of("stop", "terminate"),
    "instancemarketoptions": _object,
    "instancetype": _text,
    "kernelid": _text,
    "keyname": _text,
    "licensespecifications": _objects,
    "monitoring": _object,
    "networkinterfaces": _objects,
    "placement": _object,
    "platform": _text,
    "ramdiskid": _text,
    "requireimdsv2": _flag,
    "rootdevicetype": _text,
    "securitygroupids": _texts,
    "subnetid": _text,
    "userdata": _text,
    "virtualizationtype": _text,
    "vpcid": _text,
}
"""How each of the keys is read, by its name in small letters."""
