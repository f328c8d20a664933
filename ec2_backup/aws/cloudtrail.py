"""Step 11: the audit trail's record of each job that was started."""

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from math import ceil
from typing import Any

from ec2_backup.aws.logs import Span, filter_log_events
from ec2_backup.aws.session import call, pages
from ec2_backup.errors import AuthenticationError, AwsError
from ec2_backup.model import BackupJob, Target
from ec2_backup.narration import tell
from ec2_backup.report.units import count
from ec2_backup.results import AuditEvent

EVENT_NAME = "StartBackupJob"
FEW = 100  # events, or two pages of LookupEvents and a second: by way of a log group it would take as many calls
_EVENTS_A_PAGE = 50
_MARGIN = timedelta(minutes=1)  # events carry whole seconds of another service's clock

Event = Mapping[str, Any]


def find_start_events(jobs: Iterable[BackupJob], target: Target) -> tuple[AuditEvent, ...]:
    """Return the StartBackupJob events of these jobs that CloudTrail shows by now, and tell how many it does not yet.

    For more than `FEW` jobs the log group of a trail is asked, where the account has one that may be read. It holds the
    same events, 1,000 of them in two or three calls that nothing slows down. Whatever it lacks is asked of the event
    history, which every account has, in the time in which those jobs were started: so a group that is behind, or
    without these events, costs a few calls and no evidence. An event that is not visible is no failure: CloudTrail
    delivers in minutes, and guarantees nothing.
    """
    missing = {job.job_id: job for job in jobs}
    found: list[AuditEvent] = []
    if len(missing) > FEW:
        found += _matched(_delivered(missing.values(), target), missing)
    if missing:
        found += _matched(_looked_up(_span(missing.values()), target), missing)
    if missing:
        tell(f"{count(len(missing), 'event')} not yet visible in CloudTrail, which shows them minutes late", step=11)
    return tuple(found)


def _matched(events: Iterator[Event], missing: dict[str, BackupJob]) -> list[AuditEvent]:
    """Return the events of jobs that are missing, which then no longer are; reading ends with the last of them."""
    found = []
    for event in events:
        audit = to_audit_event(event)
        if audit and missing.pop(audit.job_id, None):
            found.append(audit)
        if not missing:
            break
    return found


def _span(jobs: Iterable[BackupJob]) -> Span:
    created = [job.created_at for job in jobs]
    return Span(min(created) - _MARGIN, max(created) + _MARGIN)


def _looked_up(during: Span, target: Target) -> Iterator[Event]:
    """Yield events from the event history: one attribute, newest first, 50 a page, two calls a second.

    So says the API reference of LookupEvents.
    """
    by_name = [{"AttributeKey": "EventName", "AttributeValue": EVENT_NAME}]
    asked = {"LookupAttributes": by_name, "StartTime": during.first, "EndTime": during.last}
    for page in pages("cloudtrail", "lookup_events", target, key="Events", **asked):
        yield from page["Events"]


def _delivered(jobs: Iterable[BackupJob], target: Target) -> Iterator[Event]:
    """Yield events from a trail's log group, none where there is no such group; it may take no more calls than without.

    That the caller may not look at trails, or not at the group, is no trouble, since the event history has the same.
    """
    jobs = list(jobs)
    try:
        group = find_log_group(target)
        if group:
            most = ceil(len(jobs) / _EVENTS_A_PAGE)
            yield from filter_log_events(group, EVENT_NAME, _span(jobs), target, most)
    except AuthenticationError:
        raise
    except AwsError as error:
        tell(f"the log group of the trail cannot be read, so the event history is ({error.message})", step=11)


def find_log_group(target: Target) -> str | None:
    """Return the ARN of a log group that has this Region's events, None where no trail delivers to one.

    A trail of all Regions has one group, in its home Region. The group of an organization's trail is in the account
    that manages it, so other trails come first; so do those that record everything.
    """
    trails = call("cloudtrail", "describe_trails", target, key="trailList")["trailList"]
    fitting = [
        trail
        for trail in trails
        if trail.get("CloudWatchLogsLogGroupArn")
        and (trail.get("IsMultiRegionTrail") or trail.get("HomeRegion") == target.region)
    ]
    fitting.sort(
        key=lambda trail: (trail.get("IsOrganizationTrail", False), trail.get("HasCustomEventSelectors", False))
    )
    return str(fitting[0]["CloudWatchLogsLogGroupArn"]) if fitting else None


def to_audit_event(event: Event) -> AuditEvent | None:
    """Return the event with the job id that its JSON text carries, None where the call was refused and made no job."""
    try:
        job_id = json.loads(event["CloudTrailEvent"])["responseElements"]["backupJobId"]
    except (KeyError, TypeError, ValueError):
        return None
    return AuditEvent(
        event_id=event["EventId"],
        job_id=str(job_id),
        event_time=event["EventTime"],
        username=event.get("Username", ""),
    )
