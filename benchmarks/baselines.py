"""What the program is compared with: a plain boto3 thread pool, and the aws CLI called for each instance in turn."""

import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from benchmarks.stage import REGION, ROLE_ARN, VAULT, Aws, run_to_end

THREADS = 16
BY_ID = 1000


@dataclass(frozen=True, slots=True)
class Started:
    """How many starts were asked for and how many AWS took, in how many seconds."""

    asked: int
    accepted: int
    seconds: float


def client(aws: Aws, service: str) -> Any:
    """Return a client with nothing set but the size of its pool."""
    return boto3.client(  # type: ignore[call-overload]
        service,
        region_name=REGION,
        endpoint_url=aws.env["AWS_ENDPOINT_URL"],
        aws_access_key_id=aws.env["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=aws.env["AWS_SECRET_ACCESS_KEY"],
        config=Config(max_pool_connections=THREADS),
    )


def start_with_boto3(aws: Aws) -> Started:
    """Start a job for every instance from a thread pool that knows no limit but botocore's own retries."""
    backup, began = client(aws, "backup"), time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        accepted = sum(pool.map(lambda one: _start(backup, aws, one), aws.ids))
    return Started(len(aws.ids), accepted, time.monotonic() - began)


def _start(backup: Any, aws: Aws, instance_id: str) -> bool:
    try:
        backup.start_backup_job(
            BackupVaultName=VAULT,
            ResourceArn=aws.instance_arn(instance_id),
            IamRoleArn=ROLE_ARN,
            IdempotencyToken=f"bench-{instance_id}",
            Lifecycle={"DeleteAfterDays": 7},
        )
    except ClientError:
        return False
    return True


def start_with_cli(aws: Aws, folder: str, some: int) -> Started:
    """Start jobs for some of the instances with the aws CLI, one process after another, as a shell loop does."""
    aws_cli = str(Path(sys.executable).with_name("aws"))
    env, began, accepted = {"PATH": "/usr/bin:/bin", **aws.env}, time.monotonic(), 0
    for instance_id in aws.ids[:some]:
        words = ["--backup-vault-name", VAULT, "--resource-arn", aws.instance_arn(instance_id)]
        command = [aws_cli, "backup", "start-backup-job", *words, "--iam-role-arn", ROLE_ARN]
        accepted += run_to_end(command, env, folder).code == 0
    return Started(some, accepted, time.monotonic() - began)


def repeat_with_boto3(aws: Aws, calls: Mapping[str, int]) -> float:
    """Make the calls that a run made, as many of each, from bare boto3, and return the seconds.

    The starts go through a thread pool; the rest are few and go one after another, with the run's parameters and page
    sizes. IAM, STS and the like, a dozen quick calls, are left out, in the baseline's favour.
    """
    began = time.monotonic()
    ec2, backup = client(aws, "ec2"), client(aws, "backup")
    _look_at_instances(ec2, aws)
    start_with_boto3(aws)
    for _ in range(calls.get("backup:ListBackupJobs", 0)):
        backup.list_backup_jobs(ByBackupVaultName=VAULT, MaxResults=1000)
    points = backup.get_paginator("list_recovery_points_by_backup_vault").paginate(
        BackupVaultName=VAULT, PaginationConfig={"PageSize": 1000}
    )
    images = [point["RecoveryPointArn"].rpartition("/")[2] for page in points for point in page["RecoveryPoints"]]
    _look_at_images(ec2, images)
    if calls.get("logs:FilterLogEvents"):
        _read_log_group(aws)
    else:
        by_name = [{"AttributeKey": "EventName", "AttributeValue": "StartBackupJob"}]
        list(client(aws, "cloudtrail").get_paginator("lookup_events").paginate(LookupAttributes=by_name))
    return time.monotonic() - began


def _look_at_instances(ec2: Any, aws: Aws) -> None:
    volumes: list[str] = []
    for some in _parts(aws.ids, BY_ID):
        for reservation in ec2.describe_instances(InstanceIds=some)["Reservations"]:
            disks = (disk for one in reservation["Instances"] for disk in one["BlockDeviceMappings"])
            volumes += [disk["Ebs"]["VolumeId"] for disk in disks]
    for some in _parts(volumes, BY_ID):
        ec2.describe_volumes(VolumeIds=some)


def _read_log_group(aws: Aws) -> None:
    arn = client(aws, "cloudtrail").describe_trails()["trailList"][0]["CloudWatchLogsLogGroupArn"]
    pages = client(aws, "logs").get_paginator("filter_log_events")
    list(pages.paginate(logGroupIdentifier=arn.removesuffix(":*"), filterPattern='{ $.eventName = "StartBackupJob" }'))


def _look_at_images(ec2: Any, images: list[str]) -> None:
    snapshots: list[str] = []
    for some in _parts(images, BY_ID):
        for image in ec2.describe_images(ImageIds=some)["Images"]:
            snapshots += [disk["Ebs"]["SnapshotId"] for disk in image["BlockDeviceMappings"]]
    for some in _parts(snapshots, BY_ID):
        ec2.describe_snapshots(SnapshotIds=some)


def _parts(items: "list[str] | tuple[str, ...]", size: int) -> Iterator[list[str]]:
    return (list(items[start : start + size]) for start in range(0, len(items), size))
