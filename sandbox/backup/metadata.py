"""What GetRecoveryPointRestoreMetadata says of an instance: texts, most of them JSON."""

import json
from typing import Any


def restore_metadata(instance: Any, job_id: str) -> dict[str, str]:
    """Return the map of an EC2 recovery point, with the keys that a real account showed.

    An instance profile is there by its name; whether AWS shows that, or `UseBackedUpValue`, is not known.
    """
    groups = [group.id for group in instance.security_groups]
    placement = {"AvailabilityZone": instance.placement.zone, "GroupName": "", "Tenancy": instance.placement.tenancy}
    said = {
        "CapacityReservationSpecification": _json({"CapacityReservationPreference": "open"}),
        "CpuOptions": _json({"CoreCount": 1, "ThreadsPerCore": 1}),
        "CreditSpecification": _json({"CpuCredits": "standard"}),
        "DisableApiTermination": _json(_is_true(instance.disable_api_termination)),
        "EbsOptimized": _json(_is_true(instance.ebs_optimized)),
        "HibernationOptions": _json({"Configured": False}),
        "InstanceInitiatedShutdownBehavior": str(instance.instance_initiated_shutdown_behavior),
        "InstanceType": str(instance.instance_type),
        "KeyName": str(instance.key_name or ""),
        "Monitoring": _json({"State": instance.monitoring_state}),
        "NetworkInterfaces": _json([_interface(index, nic, groups) for index, nic in sorted(instance.nics.items())]),
        "Placement": _json(placement),
        "SecurityGroupIds": _json(groups),
        "SubnetId": str(instance.subnet_id or ""),
        "VpcId": str(instance.vpc_id or ""),
        "aws:backup:request-id": job_id,
    }
    profile = profile_name(instance)
    return said | ({"IamInstanceProfileName": profile} if profile else {})


def profile_name(instance: Any) -> str:
    """Return the name of an instance's profile, "" where it has none."""
    association = instance.ec2_backend.iam_instance_profile_associations.get(instance.id)
    return str(association.iam_instance_profile.name) if association else ""


def _interface(index: int, nic: Any, groups: list[str]) -> dict[str, Any]:
    address = nic.private_ip_address
    return {
        "AssociatePublicIpAddress": bool(nic.public_ip),
        "DeleteOnTermination": True,
        "Description": "",
        "DeviceIndex": index,
        "Groups": groups,
        "Ipv6AddressCount": 0,
        "Ipv6Addresses": [],
        "NetworkInterfaceId": nic.id,
        "PrivateIpAddress": address,
        "PrivateIpAddresses": [{"Primary": True, "PrivateIpAddress": address}],
        "SecondaryPrivateIpAddressCount": 0,
        "SubnetId": nic.subnet.id,
        "InterfaceType": "interface",
    }


def _json(value: Any) -> str:
    return json.dumps(value, separators=(",", ":"))


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
