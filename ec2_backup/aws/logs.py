"""Step 11, the shorter way: CloudTrail's events in the CloudWatch Logs group that a trail delivers to."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from ec2_backup.aws.session import pages
from ec2_backup.model import Target

# A pattern for JSON, as AWS's own metric filters for trails have them (CloudWatch Logs user guide). The event's own
# Region is named, since a trail of all Regions has one group for all of them.
_PATTERN = '{{ ($.eventSource = "backup.amazonaws.com") && ($.eventName = "{name}") && ($.awsRegion = "{region}") }}'


@dataclass(frozen=True, slots=True)
class Span:
    """From when to when the calls were made that are looked for."""

    first: datetime
    last: datetime


# A log event of CloudTrail is stamped some time between the call and its delivery, which takes minutes: so the end of a
# search is later than the last call, and not open, since all events of the account up to it are searched.
_DELIVERY = timedelta(minutes=30)


def filter_log_events(
    group_arn: str, event_name: str, during: Span, target: Target, most_pages: int
) -> Iterator[Mapping[str, Any]]:
    """Yield the events of AWS Backup that a log group has of the calls of one Region, in LookupEvents' form.

    A page holds up to 10,000 events or 1 MB, and may be empty or not full though there are more (CloudWatch Logs API
    reference, FilterLogEvents): so all pages are read, but at most `most_pages`, since what one page searches of a
    large group is AWS's to decide.

    Args:
        group_arn: The ARN of the group, as DescribeTrails gives it. Its Region may be another one.
        event_name: Such as `StartBackupJob`.
        during: When the calls were made.
        target: Where the calls were made, and as whom the group is read.
        most_pages: How many calls it may take.

    Raises:
        AwsError: The group is not there or not readable; it may be in an account that the caller cannot see into.
    """
    arn = group_arn.removesuffix(":*")
    found = pages(
        "logs",
        "filter_log_events",
        Target(arn.split(":")[3], target.role_arn),
        key="events",
        logGroupIdentifier=arn,
        filterPattern=_PATTERN.format(name=event_name, region=target.region),
        startTime=_milliseconds(during.first),
        endTime=_milliseconds(during.last + _DELIVERY),
    )
    for page in islice(found, most_pages):
        yield from (event for one in page["events"] if (event := _to_event(one.get("message", ""))))


def _milliseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1000)


def _to_event(message: str) -> dict[str, Any] | None:
    """Return a record of CloudTrail in LookupEvents' form, None for what is none."""
    try:
        record = json.loads(message)
        return {
            "EventId": record["eventID"],
            "EventTime": datetime.fromisoformat(record["eventTime"]),
            "Username": _username(record.get("userIdentity") or {}),
            "CloudTrailEvent": message,
        }
    except (AttributeError, KeyError, TypeError, ValueError):
        return None


def _username(identity: Mapping[str, Any]) -> str:
    """Return what LookupEvents calls the user: an IAM user's name, or the name of a role's session."""
    return str(identity.get("userName") or str(identity.get("principalId", "")).partition(":")[2])
