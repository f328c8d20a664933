"""What GetRecoveryPointRestoreMetadata says of an instance: texts, most of them JSON."""

import json
from typing import Any


def restore_metadata(instance: Any, job_id: str) -> dict[str, str]:
    """Return the map of an EC2 recovery point, with the keys that a real account showed."""
    groups = [group.id for group in instance.security_groups]
    interfaces = [
        {
            "DeviceIndex": index,
            "SubnetId": instance.subnet_id,
            "Groups": groups,
            "DeleteOnTermination": True,
            "PrivateIpAddress": instance.private_ip,
        }
        for index in range(len(instance.nics))
    ]
    return {
        "CapacityReservationSpecification": json.dumps({"CapacityReservationPreference": "open"}),
        "CpuOptions": json.dumps({"CoreCount": 1, "ThreadsPerCore": 1}),
        "CreditSpecification": json.dumps({"CpuCredits": "standard"}),
        "DisableApiTermination": json.dumps(_is_true(instance.disable_api_termination)),
        "EbsOptimized": json.dumps(_is_true(instance.ebs_optimized)),
        "HibernationOptions": json.dumps({"Configured": False}),
        "InstanceInitiatedShutdownBehavior": str(instance.instance_initiated_shutdown_behavior),
        "InstanceType": str(instance.instance_type),
        "KeyName": str(instance.key_name or ""),
        "Monitoring": json.dumps({"State": instance.monitoring_state}),
        "NetworkInterfaces": json.dumps(interfaces),
        "Placement": json.dumps({"AvailabilityZone": instance.placement.zone, "Tenancy": "default"}),
        "SecurityGroupIds": json.dumps(groups),
        "SubnetId": str(instance.subnet_id or ""),
        "VpcId": str(instance.vpc_id or ""),
        "aws:backup:request-id": job_id,
    }


def _is_true(value: Any) -> bool:
    return str(value).lower() == "true"
