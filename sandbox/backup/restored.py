"""An instance that a restore makes, in moto's EC2: it starts in its own time and passes its status checks later."""

from datetime import UTC, datetime
from typing import Any

from moto.core.types import Base64EncodedString
from moto.ec2.models.instances import Instance, InstanceState, Reservation, StateReason

from sandbox.aftermath import RestoreOutcome
from sandbox.backup.images import BackupImage, BackupSnapshot
from sandbox.backup.launches import Launch
from sandbox.backup.passing import EndingState, StartingState
from sandbox.clock import CLOCK
from sandbox.machines import reservation_id

STARTING_SECONDS = 20.0
CHECKS_SECONDS = 150.0
"""How long after it runs an instance's two status checks are through; EC2 takes two or three minutes."""

ENDING_SECONDS = 40.0
"""How long an instance is `shutting-down` before it is terminated; EC2 takes about as long."""

NEVER = datetime.max.replace(tzinfo=UTC)
_LARGER_GIB = 1
_OTHER_TYPE = {"gp2": "gp3"}


class RestoredInstance(Instance):
    """A new instance, made of an image; user data, instance stores and elastic addresses of the old one are lost."""

    def __init__(
        self, ec2: Any, launch: Launch, image_id: str, groups: list[Any], at: datetime, outcome: RestoreOutcome
    ) -> None:
        super().__init__(
            ec2,
            image_id,
            Base64EncodedString(launch.user_data) if launch.user_data else None,
            groups,
            instance_type=launch.instance_type,
            region_name=ec2.region_name,
            subnet_id=launch.subnet_id,
            private_ip=launch.private_ip or None,
            key_name=launch.key_name or None,
            ebs_optimized=launch.ebs_optimized,
            monitoring_state="enabled" if launch.monitored else "disabled",
            disable_api_termination=launch.termination_protection,
            instance_initiated_shutdown_behavior=launch.shutdown,
            metadata_options={"HttpTokens": "required"} if launch.tokens_required else {},
            associate_public_ip=None,
        )
        self.outcome = outcome
        self.launch_time = at.replace(tzinfo=None)
        self.ready_at = ready_at = CLOCK.after(at, STARTING_SECONDS)
        seconds = CHECKS_SECONDS if outcome.checks_seconds is None else outcome.checks_seconds
        self.checked_at = NEVER if outcome.checks == "initializing" else CLOCK.after(ready_at, seconds)
        self._state = StartingState(NEVER if outcome.instance == "pending" else ready_at)

    @property
    def instance_id(self) -> str:
        """The id, under the name by which moto's answers look for it; it finds that by itself in a class `Instance`."""
        return str(self.id)

    @property
    def instance_status(self) -> dict[str, Any]:
        """The check of the instance itself: `impaired` is one that EC2 cannot reach, such as one that does not boot."""
        return self._check(self.outcome.checks)

    @property
    def system_status(self) -> dict[str, Any]:
        """The check of what is beneath the instance, which nothing here impairs."""
        return self._check("ok")

    def _check(self, result: str) -> dict[str, Any]:
        if self.state != "running":
            return {"Status": "not-applicable"}
        if CLOCK.now() < self.checked_at:
            return {"Status": "initializing", "Details": [{"Name": "reachability", "Status": "initializing"}]}
        if result == "ok":
            return {"Status": "ok", "Details": [{"Name": "reachability", "Status": "passed"}]}
        since = self.checked_at.replace(tzinfo=None)
        return {
            "Status": "impaired",
            "Details": [{"Name": "reachability", "Status": "failed", "ImpairedSince": since}],
        }

    def terminate(self) -> InstanceState:
        """End the instance, which takes its time, and return the state that it was in."""
        before = super().terminate()
        if not isinstance(self._state, EndingState):
            self._state = EndingState(CLOCK.after(CLOCK.now(), ENDING_SECONDS))
        return before

    def give_up(self) -> None:
        """Do what the script says becomes of the instance soon after its launch."""
        if self.state == "terminated":
            return
        if self.outcome.instance == "terminated":
            super().terminate()
        elif self.outcome.instance == "stopped":
            self.stop()
        else:
            return
        said = "Client.InternalError: Client error on launch"
        self.state_reason = StateReason(said, "Client.InternalError")


def put(
    ec2: Any, launch: Launch, groups: list[Any], image: BackupImage, at: datetime, outcome: RestoreOutcome
) -> RestoredInstance:
    """Put an instance into EC2, with a volume of each snapshot of an image, and with its profile."""
    instance = RestoredInstance(ec2, launch, image.id, groups, at, outcome)  # type: ignore[abstract]  # as moto's own
    reservation = Reservation(reservation_id(instance.id), ec2.account_id)
    reservation.instances.append(instance)
    ec2.reservations[reservation.id] = reservation
    for snapshot in image.snapshots:
        if snapshot.disk.device != instance.outcome.missing_volume:
            _attach(ec2, instance, snapshot, launch.disks.get(snapshot.disk.device, {}))
    if launch.profile:
        ec2.associate_iam_instance_profile(instance.id, launch.profile)
    return instance


def _attach(ec2: Any, instance: RestoredInstance, snapshot: BackupSnapshot, wanted: Any) -> None:
    disk, outcome = snapshot.disk, instance.outcome
    kind = str(wanted.get("VolumeType") or disk.volume_type)
    if disk.device == outcome.wrong_type:
        kind = _OTHER_TYPE.get(kind, "gp2")
    same = kind == disk.volume_type
    encrypted = bool(snapshot.encrypted) and disk.device != outcome.unencrypted_volume
    volume = ec2.create_volume(
        size=int(wanted.get("VolumeSize") or disk.size) + _LARGER_GIB * (disk.device == outcome.wrong_size),
        zone_name=str(instance.placement.zone),
        encrypted=encrypted,
        kms_key_id=snapshot.kms_key_id if encrypted else None,
        volume_type=kind,
        iops=disk.iops if same else None,
        throughput=disk.throughput if same else None,
    )
    volume.snapshot_id = (
        snapshot.id
    )  # set afterwards: moto makes every volume of an encrypted snapshot an encrypted one
    volume.create_time = instance.launch_time
    ends = wanted.get("DeleteOnTermination")
    ec2.attach_volume(volume.id, instance.id, disk.device, disk.delete_on_termination if ends is None else bool(ends))
