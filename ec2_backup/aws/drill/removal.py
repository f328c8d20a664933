"""The end of what a drill has made: looked at, held against what it must be, terminated with its volumes, and watched.

No call here can reach anything else: EC2 is asked for the very instance right before it is told to terminate it, and
the caller's policy lets only what bears a drill's tag be terminated.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from ec2_backup.aws.ec2 import by_filter, to_tags
from ec2_backup.aws.session import call
from ec2_backup.drill.model import Claim, Leaving, Made
from ec2_backup.drill.removal import ENDED, objections
from ec2_backup.errors import AccessError, AuthenticationError, AwsError
from ec2_backup.model import Target


def tag_leftover(instance_id: str, tags: Mapping[str, str], target: Target) -> None:
    """Give an instance that a drill made, and died before it could tag it, the tags that say so."""
    pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
    call("ec2", "create_tags", target, Resources=[instance_id], Tags=pairs)


def terminate(line: int, instance_id: str, claim: Claim, target: Target) -> Leaving | str:
    """Tell an instance to terminate with all its volumes, and return what is now leaving, or why it was left alone.

    Its volumes are told to go with it first; then it is looked at once more, and only if still nothing speaks against
    the claim it is told to terminate.
    """
    made = describe_made(instance_id, target)
    if made is None:
        return Leaving(line, instance_id, target.region, datetime.now(UTC), (), target.role_arn)
    if said := "; ".join(objections(made, claim)):
        return f"{instance_id} was left alone, for {said}"
    try:
        if made.state not in ENDED:
            _let_volumes_go(made, target)
            again = describe_made(instance_id, target)
            if again is None or (said := "; ".join(objections(again, claim))):
                return f"{instance_id} was left alone, for {said or 'EC2 does not show it any more'}"
            call("ec2", "terminate_instances", target, key="TerminatingInstances", InstanceIds=[instance_id])
    except AuthenticationError:
        raise
    except AwsError as error:
        if error.retryable:
            raise
        hint = f" {error.hint}" if isinstance(error, AccessError) and error.hint else ""
        return f"{instance_id} could not be terminated: {error.message}{hint}"
    return Leaving(line, instance_id, target.region, datetime.now(UTC), tuple(made.volumes.values()), target.role_arn)


def describe_made(instance_id: str, target: Target) -> Made | None:
    """Return the instance as EC2 shows it now, None where it does not."""
    found = by_filter("describe_instances", "Reservations", "instance-id", [instance_id], target)
    for one in (instance for reservation in found for instance in reservation["Instances"]):
        disks = {disk["DeviceName"]: disk["Ebs"] for disk in one.get("BlockDeviceMappings", ()) if disk.get("Ebs")}
        return Made(
            instance_id=one["InstanceId"],
            state=one["State"]["Name"],
            image_id=one.get("ImageId", ""),
            subnet=one.get("SubnetId", ""),
            tags=to_tags(one.get("Tags", ())),
            volumes={device: disk["VolumeId"] for device, disk in disks.items()},
            kept_devices=tuple(device for device, disk in disks.items() if not disk.get("DeleteOnTermination")),
        )
    return None


def _let_volumes_go(made: Made, target: Target) -> None:
    if made.kept_devices:
        mappings = [{"DeviceName": one, "Ebs": {"DeleteOnTermination": True}} for one in made.kept_devices]
        call("ec2", "modify_instance_attribute", target, InstanceId=made.instance_id, BlockDeviceMappings=mappings)


def find_remains(leaving: Sequence[Leaving]) -> dict[int, tuple[str, ...]]:
    """Return what is still there of each, by line: the instance until it is terminated, and its volumes."""
    return {
        line: left
        for target in sorted({one.target for one in leaving})
        for line, left in _remains([one for one in leaving if one.target == target], target)
    }


def _remains(leaving: Sequence[Leaving], target: Target) -> Iterator[tuple[int, tuple[str, ...]]]:
    ids = [one.instance_id for one in leaving]
    found = by_filter("describe_instances", "Reservations", "instance-id", ids, target)
    states = {one["InstanceId"]: one["State"]["Name"] for reservation in found for one in reservation["Instances"]}
    wanted = [volume for one in leaving for volume in one.volume_ids]
    listed = by_filter("describe_volumes", "Volumes", "volume-id", wanted, target)
    volumes = {one["VolumeId"]: one["State"] for one in listed if one["State"] != "deleted"}
    for one in leaving:
        state = states.get(one.instance_id, "terminated")
        left = [] if state == "terminated" else [f"the new instance {one.instance_id} is {state}"]
        left += [f"volume {key} is {volumes[key]}" for key in one.volume_ids if key in volumes]
        yield one.line, tuple(left)
