"""Trails that deliver to CloudWatch Logs: what was recorded, put into the log group that a trail names.

Nothing runs in the background: whoever reads a log group has first put into it what CloudTrail would have by now.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from moto.cloudtrail.models import Trail, cloudtrail_backends
from moto.iam.models import iam_backends
from moto.logs.models import LogGroup, LogStream, logs_backends
from moto.s3.models import s3_backends
from moto.utilities.utils import get_partition

from sandbox import trail
from sandbox.clock import CLOCK

TRAIL, ROLE = "management-events", "CloudTrail_CloudWatchLogs_Role"
CLOUDTRAIL_SERVICE = "cloudtrail.amazonaws.com"


def make_trail(account: str, region: str) -> str:
    """Make what an account has that was set up by the console: a trail of all Regions with a bucket and a log group.

    Returns the name of the group.
    """
    partition, name = get_partition(region), f"aws-cloudtrail-logs-{account}"
    s3_backends[account][partition].create_bucket(name, region)
    statement = {"Effect": "Allow", "Principal": {"Service": CLOUDTRAIL_SERVICE}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    role = iam_backends[account][partition].create_role(ROLE, trust, "/service-role/", None, "", [], "3600")
    group = logs_backends[account][region].create_log_group(name, {})
    made = cloudtrail_backends[account][region].create_trail(
        name=TRAIL,
        bucket_name=name,
        s3_key_prefix="",
        sns_topic_name="",
        is_global=True,
        is_multi_region=True,
        log_validation=False,
        is_org_trail=False,
        cw_log_group_arn=f"{group.arn}:*",
        cw_role_arn=role.arn,
        kms_key_id="",
        tags_list=[],
    )
    made.start_logging()
    return name


def deliver(account: str, region: str) -> None:
    """Put into the log groups of one account and Region what its trails have delivered there by now."""
    for home, backend in list(cloudtrail_backends[account].items()):
        for one in list(backend.trails.values()):
            group = _group(one, account, region)
            if group and one.status.is_logging and one.status.started and _has_calls(one):
                _deliver(one, home, group, CLOCK.at_wall(one.status.started.replace(tzinfo=UTC)))


def _group(one: Trail, account: str, region: str) -> LogGroup | None:
    parts = (one.cw_log_group_arn or "").split(":")
    if len(parts) < 7 or parts[3:5] != [region, account]:
        return None
    return logs_backends[account][region].groups.get(parts[6])


def _has_calls(one: Trail) -> bool:
    """Return whether a trail records calls that change something, as it does unless its selectors leave them out."""
    if one.advanced_event_selectors:
        fields = [field for each in one.advanced_event_selectors for field in each.get("FieldSelectors", [])]
        return any(
            field.get("Field") == "eventCategory" and "Management" in field.get("Equals", []) for field in fields
        )
    return not one.event_selectors or any(
        each.get("IncludeManagementEvents", True) and each.get("ReadWriteType", "All") != "ReadOnly"
        for each in one.event_selectors
    )


def _deliver(one: Trail, home: str, group: LogGroup, began: datetime) -> None:
    delivered: set[str] = vars(one).setdefault("delivered", set())
    regions = list(cloudtrail_backends[group.account_id]) if one.is_multi_region else [home]
    new = [
        event
        for region in regions
        for event in trail.visible(group.account_id, region)
        if event.event_id not in delivered and event.time >= began
    ]
    if new:
        delivered.update(event.event_id for event in new)
        _put(_stream(group, home), sorted(new, key=lambda event: event.visible_at))


def _stream(group: LogGroup, home: str) -> LogStream:
    name = f"{group.account_id}_CloudTrail_{home}"
    if name not in group.streams:
        group.create_log_stream(name)
    return group.streams[name]


def _put(stream: LogStream, events: Iterable[trail.Event]) -> None:
    """Write events with the time of their delivery: CloudTrail's own time of an event is in its text alone."""
    stream.put_log_events([_log_event(event) for event in events])


def _log_event(event: trail.Event) -> dict[str, Any]:
    return {"timestamp": int(event.visible_at.timestamp() * 1000), "message": event.document}
