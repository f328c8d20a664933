"""Restores at every stage, with the usual in each field and whatever a test wants other."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from ec2_backup.model import Instance, ServiceRole, Volume
from ec2_backup.restore.ground import Ground, Profile, Subnet
from ec2_backup.restore.jobs import RestoredInstance, RestoreJob, RestoreJobState
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.model import ChosenPoint, ImageDisk, PlannedRestore, RestoreList, RestoreRow, StoredPoint
from ec2_backup.restore.plan import plan_restore
from ec2_backup.restore.report import RestoreReport
from ec2_backup.restore.request import RestoreRequest
from ec2_backup.restore.settlement import settle
from ec2_backup.settlement import Calls

CALLS = Calls({"backup:StartRestoreJob": 1}, 0)
KEY = "20261123T020000Z-0a1b2c3d"
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
ORIGINAL, NEW = "i-0a1b2c3d4e5f60718", "i-0ffffffffffffffff"
ARN = "arn:aws:ec2:eu-central-1::image/ami-0123456789abcdef0"
REGION = "eu-central-1"
SUBNET, GROUP, VPC, ZONE = "subnet-0a1b2c3d", "sg-0a1b2c3d", "vpc-0a1b2c3d", "eu-central-1a"
ROLE = ServiceRole("BackupRole", "arn:aws:iam::123456789012:role/BackupRole")
ROOT = ImageDisk("/dev/xvda", "snap-0a", 8, "gp3", True, "completed", "arn:aws:kms:eu-central-1:1:key/k")
DATA = ImageDisk("/dev/sdf", "snap-0b", 100, "io1", False, "completed")
KEPT = {
    "CpuOptions": json.dumps({"CoreCount": 1, "ThreadsPerCore": 2}),
    "CreditSpecification": json.dumps({"CpuCredits": "standard"}),
    "DisableApiTermination": "false",
    "EbsOptimized": "true",
    "InstanceInitiatedShutdownBehavior": "stop",
    "InstanceType": "m5.large",
    "KeyName": "ops",
    "NetworkInterfaces": json.dumps([{"SubnetId": SUBNET, "Groups": [GROUP], "PrivateIpAddress": "10.0.0.5"}]),
    "Placement": json.dumps({"AvailabilityZone": ZONE, "Tenancy": "default"}),
    "SecurityGroupIds": json.dumps([GROUP]),
    "SubnetId": SUBNET,
    "VpcId": VPC,
    "aws:backup:request-id": "job",
}
GROUND = Ground(
    subnets={SUBNET: Subnet(SUBNET, VPC, ZONE, 10)},
    groups={GROUP: VPC},
    offered=frozenset({("m5.large", ZONE), ("t3.micro", ZONE)}),
    profiles={"web": Profile("web", "arn:aws:iam::123456789012:role/web", True)},
)


def a_row(**changes: Any) -> RestoreRow:
    return replace(RestoreRow(1, ORIGINAL, region=REGION), **changes)


def a_point(**changes: Any) -> StoredPoint:
    usual = StoredPoint(
        arn=ARN,
        vault_name="EC2-Backup",
        region=REGION,
        status="COMPLETED",
        created_at=NOW - timedelta(days=1),
        source_arn=f"arn:aws:ec2:{REGION}:123456789012:instance/{ORIGINAL}",
        image_state="available",
        disks=(ROOT, DATA),
        tags={"Name": "web-017", "Team": "web", "aws:backup:source-resource": "x", "RunId": "y"},
    )
    return replace(usual, **changes)


def planned(kept: dict[str, str] | None = None, ground: Ground = GROUND, copy_tags: bool = True, **row: Any) -> Any:
    """Return the plan, or the failure, for a row with these changes."""
    chosen = ChosenPoint(a_row(**row), a_point())
    return plan_restore(chosen, KEPT if kept is None else kept, ground, ROLE, "KEY", copy_tags=copy_tags)


def a_plan(**row: Any) -> PlannedRestore:
    plan = planned(**row)
    assert isinstance(plan, PlannedRestore), plan
    return plan


def a_job(**changes: Any) -> RestoreJob:
    created = f"arn:aws:ec2:{REGION}:123456789012:instance/{NEW}"
    usual = RestoreJob(
        job_id="5d6f",
        line=1,
        recovery_point_arn=ARN,
        region=REGION,
        state=RestoreJobState.COMPLETED,
        created_at=NOW,
        completed_at=NOW + timedelta(minutes=2),
        created_arn=created,
    )
    return replace(usual, **changes)


VOLUMES = (
    Volume("vol-0a", "/dev/xvda", 8, "gp3", True, "arn:aws:kms:eu-central-1:1:key/k"),
    Volume("vol-0b", "/dev/sdf", 100, "io1", False),
)


def restored(plan: PlannedRestore, volumes: tuple[Volume, ...] = VOLUMES, **changes: Any) -> RestoredInstance:
    """Return the instance that a plan should make, with changes to it or to how it is seen."""
    state = changes.pop("state", "running")
    instance = Instance(
        NEW,
        f"arn:aws:ec2:{REGION}:123456789012:instance/{NEW}",
        REGION,
        state,
        changes.pop("instance_type", plan.metadata["InstanceType"]),
        volumes=volumes,
        tags=changes.pop("tags", dict(plan.tags)),
    )
    usual = RestoredInstance(
        line=plan.row.line,
        instance=instance,
        seen_at=NOW + timedelta(minutes=5),
        subnet=plan.metadata["SubnetId"],
        security_groups=tuple(json.loads(plan.metadata["SecurityGroupIds"])),
        profile=plan.attached_profile or plan.metadata.get("IamInstanceProfileName", ""),
        key_pair="ops",
        instance_check="ok",
        system_check="ok",
    )
    return replace(usual, **changes)


def a_run(*, lines: int = 1, folder: Path = Path("out"), **request: Any) -> RestoreLedger:
    """Return a run that has planned so many rows and was agreed to."""
    run = RestoreLedger(RestoreRequest(instance=ORIGINAL, output=folder, **request), KEY, NOW, is_agreed=True)
    run.listed = RestoreList("restores.csv", tuple(a_row(line=line, turn=line) for line in range(1, lines + 1)))
    for row in run.rows:
        run.note([ChosenPoint(row, a_point()), a_plan(line=row.line, turn=row.line)])
    return run


def settled(run: RestoreLedger, error: BaseException | None = None) -> RestoreReport:
    return settle(run, NOW + timedelta(minutes=9), CALLS, error)
