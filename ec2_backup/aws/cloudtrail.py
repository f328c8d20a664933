"""Step 11: the audit trail's record of each job that was started."""

import json
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from ec2_backup.aws.session import pages
from ec2_backup.model import BackupJob, Target
from ec2_backup.narration import tell
from ec2_backup.report.units import count
from ec2_backup.results import AuditEvent

EVENT_NAME = "StartBackupJob"
_MARGIN = timedelta(minutes=1)  # events carry whole seconds of another service's clock


def lookup_start_events(jobs: Iterable[BackupJob], since: datetime, target: Target) -> tuple[AuditEvent, ...]:
    """Return the StartBackupJob events of these jobs that CloudTrail shows by now, and tell how many it does not yet.

    LookupEvents takes one attribute and a time range, newest first, 50 events a page and two calls a second
    (AWS CloudTrail API reference), so reading ends as soon as every job is found. Delivery takes minutes and is not
    guaranteed: an event that is not visible is no failure.
    """
    began_at = {job.job_id: job.created_at for job in jobs}
    missing = set(began_at)
    found = []
    for event in _start_events(min([since, *began_at.values()]) - _MARGIN, target):
        audit = to_audit_event(event)
        if audit and audit.job_id in missing:
            missing.discard(audit.job_id)
            found.append(audit)
        if not missing:
            break
    if missing:
        tell(f"{count(len(missing), 'event')} not yet visible in CloudTrail, which shows them minutes late", step=11)
    return tuple(found)


def _start_events(since: datetime, target: Target) -> Iterator[dict[str, Any]]:
    by_name = [{"AttributeKey": "EventName", "AttributeValue": EVENT_NAME}]
    for page in pages("cloudtrail", "lookup_events", target, key="Events", LookupAttributes=by_name, StartTime=since):
        yield from page["Events"]


def to_audit_event(event: dict[str, Any]) -> AuditEvent | None:
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
