"""Instances, recovery points and reports for the tests of the coverage."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ec2_backup.coverage.assessment import Yardstick
from ec2_backup.coverage.model import ClosedPlace, KeptPoint, Plan, SeenInstance, SeenVault
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.request import CoverageRequest
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.model import GIB, Caller, Instance, RecoveryPoint, Snapshot, Target, Volume
from ec2_backup.settlement import Calls

ACCOUNT, REGION = "123456789012", "eu-central-1"
NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)
BY = Yardstick(DAY, 3 * DAY, NOW)
PLAN = Plan("3f1c2a90", "Daily", "nightly")


def a_volume(number: int, device: str = "/dev/xvda", **more: object) -> Volume:
    fields: dict[str, object] = {"size_gib": 50, "volume_type": "gp3", "encrypted": True, "kms_key_id": "key-1"}
    return Volume(f"vol-{number:017x}", device, **(fields | more))  # type: ignore[arg-type]


def seen(number: int = 1, *volumes: Volume, attached_at: datetime = NOW - 90 * DAY, **more: object) -> SeenInstance:
    """Return an instance with one volume unless others are named."""
    key = f"i-{number:017x}"
    attached = volumes or (a_volume(number),)
    fields: dict[str, object] = {"region": REGION, "state": "running", "instance_type": "m7i.large"}
    fields |= {"name": f"web-{number}", "volumes": attached, **more}
    arn = f"arn:aws:ec2:{fields['region']}:{ACCOUNT}:instance/{key}"
    instance = Instance(instance_id=key, arn=arn, **fields)  # type: ignore[arg-type]
    return SeenInstance(instance, ACCOUNT, {volume.volume_id: attached_at for volume in attached})


def kept(of: SeenInstance, hours: float, **more: object) -> KeptPoint:
    """Return a recovery point of an instance, as a list of its vault shows it, made so many hours ago."""
    image_id = f"ami-{of.instance.instance_id[-6:]}{round(hours * 60):011x}"
    point = RecoveryPoint(
        arn=f"arn:aws:ec2:{REGION}::image/{image_id}",
        image_id=image_id,
        status=str(more.pop("status", "COMPLETED")),
        created_at=NOW - timedelta(hours=hours),
        image_state=None,
        delete_at=more.pop("delete_at", NOW + 30 * DAY),  # type: ignore[arg-type]
        size_bytes=50 * GIB,
    )
    fields: dict[str, object] = {"account": ACCOUNT, "region": REGION, "vault": "EC2-Backup", **more}
    return KeptPoint(of.instance.arn, point=point, **fields)  # type: ignore[arg-type]


def looked(one: KeptPoint, of: SeenInstance, **more: object) -> RecoveryPoint:
    """Return what a look into a recovery point gives: its image with a snapshot of every volume of the instance."""
    snapshots = tuple(
        Snapshot(f"snap-{volume.volume_id[4:]}", volume.device, volume.size_gib, "completed",
                 encrypted=volume.encrypted, volume_id=volume.volume_id, kms_key_id=volume.kms_key_id)
        for volume in of.instance.volumes
    )  # fmt: skip
    fields: dict[str, object] = {"image_state": "available", "snapshots": snapshots, **more}
    return replace(one.point, **fields)  # type: ignore[arg-type]


def by_arn(points: Iterable[RecoveryPoint]) -> dict[str, RecoveryPoint]:
    return {point.arn: point for point in points}


def a_survey(**asked: object) -> Survey:
    """Return a survey of one account and Region, in which nothing was seen so far."""
    survey = Survey(CoverageRequest(**asked), "20261123T080000Z-0000beef", NOW)  # type: ignore[arg-type]
    survey.caller = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ops", answered_at=NOW)
    survey.places = {Target(REGION): (ACCOUNT, REGION)}
    return survey


def mixed(**changes: object) -> CoverageReport:
    """Return a report with instances of every standing, leftovers, and a place that was not looked at."""
    survey = a_survey(rpo="24h")
    names = ("<b>bold</b>", "=1+1", "| late", "part", "new-web", "[fine](x)")
    never, unproven, late, partly, soon, fine = (seen(number, name=name) for number, name in enumerate(names, 1))
    partly = SeenInstance(
        replace(partly.instance, volumes=(*partly.instance.volumes, a_volume(99, "/dev/sdf", size_gib=200))), ACCOUNT
    )
    points = [kept(unproven, 3), kept(late, 80, plan=PLAN), kept(partly, 5), kept(soon, 8, delete_at=NOW + DAY)]
    points += [kept(fine, 2, plan=PLAN), kept(fine, 900, status="EXPIRED"), kept(seen(77), 500)]
    survey.keep_instances(Target(REGION), [never, unproven, late, partly, soon, fine])
    survey.keep_vaults(Target(REGION), [SeenVault("EC2-Backup", ACCOUNT, REGION, len(points), 350 * GIB)], points)
    survey.keep_looked([looked(one, seen(int(one.instance_id[2:], 16))) for one in points[1:]])
    survey.keep_looked([points[0].point])
    report = settle(survey, NOW + timedelta(seconds=9), Calls({"ec2:DescribeInstances": 1}, 0))
    closed = (ClosedPlace("210987654321", REGION, "sts:AssumeRole: AccessDenied: no", "Let it in."),)
    return replace(report, **{"closed": closed, "files": {"log": "out/x.log"}, **changes})  # type: ignore[arg-type]
