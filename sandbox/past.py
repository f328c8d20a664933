"""A past for a fleet: recovery points of the days before, so that a look at its coverage has something to see.

Every twelfth instance or so has never been backed up, has only an old recovery point, one that is damaged, or one
without a volume that was attached since. The others were backed up some hours ago: by a backup plan into the vault
`Default`, by a run of this program into `EC2-Backup`, or by hand.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

from moto.backup.models import backup_backends

from sandbox import identity
from sandbox.backup import images
from sandbox.backup.jobs import Job, Request
from sandbox.backup.points import RecoveryPoint
from sandbox.clock import CLOCK, to_milliseconds
from sandbox.fleet import Fleet
from sandbox.outcomes import Outcome
from sandbox.seeding import SERVICE_ROLE, VAULT

PLAN_VAULT = "Default"
PLAN = {"BackupPlanId": "3f1c2a90-8d11-4f0e-9a52-6a0a8f5f5f10", "BackupPlanName": "Daily", "BackupRuleName": "nightly"}
DRILL_TAG = "DrillProven"
RUN_KEY = "20261120T013000Z-5eed5eed"
GONE = "i-0dead0000000beef1"
LARGE_PAST = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Kept:
    """A recovery point to be: how many hours old, in which vault, made by whom, kept for how many days.

    One that is `drilled` bears the proof of a restore drill of the next hour.
    """

    hours: float
    vault: str = PLAN_VAULT
    days: int | None = 35
    by: str = "plan"
    image: str = ""
    status: str = "COMPLETED"
    drilled: bool = False


_DAILY = (Kept(7), Kept(31), Kept(55))
_DRILLED = (Kept(7), Kept(31), Kept(55, drilled=True))
_RUN = (Kept(5, VAULT, 7, "run"), Kept(29, VAULT, 7, "run"))
_PASTS: tuple[tuple[Kept, ...], ...] = (
    (*_DAILY, Kept(40 * 24, status="EXPIRED")),
    _DRILLED,
    _RUN,
    _DAILY,
    (Kept(5 * 24, days=7), Kept(6 * 24, days=7)),
    _DAILY,
    (),
    _RUN,  # a volume is attached to this one afterwards
    (Kept(9, VAULT, 7, "run", image="absent"),),
    _DAILY,
    (Kept(8, image="absent"), Kept(32)),
    (Kept(12, VAULT, None, "hand"), Kept(36, VAULT, 7, "run", status="PARTIAL")),
)
_PARTLY = 7


def seed_past(fleet: Fleet, account: str = identity.ACCOUNT) -> None:
    """Give every instance of a fleet that was seeded its past."""
    for own in ("", *fleet.accounts):
        machines = fleet.of_account(own).machines.values()
        for number, machine in enumerate(machines):
            backend = backup_backends[own or account][machine.region]
            if PLAN_VAULT not in backend.vaults:
                backend.create_backup_vault(PLAN_VAULT, {}, "", "")
            _attached_long_ago(backend, machine.instance_id)
            kind = number % len(_PASTS)
            for kept in reversed(_PASTS[kind]):
                _make(backend, machine.instance_id, kept)
            if kind == _PARTLY:
                _attach_another(backend, machine.instance_id)
            if number == 0:
                _make(backend, machine.instance_id, Kept(400, days=None)).resource_arn = _arn(backend, GONE)


def _make(backend: Any, instance_id: str, kept: Kept) -> RecoveryPoint:
    """Make a recovery point as a job of that time would have left it."""
    made = to_milliseconds(CLOCK.now() - timedelta(hours=kept.hours))
    partition = backend.partition
    request = Request(
        vault_name=kept.vault,
        vault_arn=backend.vaults[kept.vault].backup_vault_arn,
        resource_arn=_arn(backend, instance_id),
        instance_id=instance_id,
        role_arn=f"arn:{partition}:iam::{backend.account_id}:role/service-role/{SERVICE_ROLE}",
        start_window_seconds=28_800.0,
        complete_window_seconds=604_800.0,
        delete_after_days=kept.days,
        tags={"InstanceId": instance_id, "RunId": RUN_KEY} if kept.by == "run" else {},
    )
    outcome = Outcome(image=kept.image)
    name = backend.workshop.ec2.tags.get(instance_id, {}).get("Name", "")
    job = Job(-1, str(uuid4()), backend.account_id, request, outcome, made, made, made, made, name, "COMPLETED")
    ended = made + timedelta(minutes=20)
    backend.workshop.open(job, made, ended)
    backend.workshop.close(job, ended)
    point: RecoveryPoint | None = job.point
    assert point is not None  # noqa: S101 - what was opened is there
    point.status, point.created_by = kept.status, PLAN if kept.by == "plan" else {}
    if kept.status == "EXPIRED":
        point.status_message = f"The provided role {request.role_arn} could not delete it."
    if kept.drilled:
        proven_at = f"{made + timedelta(hours=1):%Y-%m-%dT%H:%M:%SZ}"
        backend.workshop.ec2.tags[point.arn.rpartition("/")[2]][DRILL_TAG] = f"{proven_at} 254"
    return point


def _attached_long_ago(backend: Any, instance_id: str) -> None:
    instance = backend.workshop.instance(instance_id)
    for mapping in instance.block_device_mapping.values():
        mapping.attach_time = CLOCK.now() - LARGE_PAST


def _attach_another(backend: Any, instance_id: str) -> None:
    ec2, instance = backend.workshop.ec2, backend.workshop.instance(instance_id)
    (first, *_) = images.attachments(ec2, instance)
    zone = str(instance.placement.availability_zone)
    volume = ec2.create_volume(size=200, zone_name=zone, encrypted=bool(first.volume.encrypted),
                               kms_key_id=first.volume.kms_key_id, volume_type="gp3")  # fmt: skip
    ec2.attach_volume(volume.id, instance_id, "/dev/sdk", False)  # noqa: FBT003 - moto's signature
    instance.block_device_mapping["/dev/sdk"].attach_time = CLOCK.now() - timedelta(hours=2)


def _arn(backend: Any, instance_id: str) -> str:
    return f"arn:{backend.partition}:ec2:{backend.region_name}:{backend.account_id}:instance/{instance_id}"
