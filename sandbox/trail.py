"""CloudTrail as a memory of calls: what was recorded, and LookupEvents, which shows it some minutes later."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from moto.cloudtrail.models import cloudtrail_backends

from sandbox import identity
from sandbox.clock import CLOCK

DELIVERY_SECONDS = 300.0
"""CloudTrail delivers an event about five minutes after the call, on average."""

KEPT = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Event:
    """One management event; `visible_at` is when LookupEvents begins to show it."""

    event_id: str
    name: str
    source: str
    time: datetime
    visible_at: datetime
    username: str
    access_key: str
    read_only: str
    resources: tuple[Mapping[str, str], ...]
    document: str

    def as_lookup(self) -> dict[str, object]:
        """Return the event as an element of the answer to LookupEvents."""
        shown: dict[str, object] = {
            "EventId": self.event_id,
            "EventName": self.name,
            "ReadOnly": self.read_only,
            "EventTime": int(self.time.timestamp()),
            "EventSource": self.source,
            "Resources": [dict(resource) for resource in self.resources],
            "CloudTrailEvent": self.document,
        }
        if self.access_key:
            shown["AccessKeyId"] = self.access_key
        if self.username:
            shown["Username"] = self.username
        return shown

    def has(self, key: str, value: str) -> bool:
        """Return whether the event has `value` for the lookup attribute `key`."""
        if key == "ResourceName":
            return any(resource.get("ResourceName") == value for resource in self.resources)
        if key == "ResourceType":
            return any(resource.get("ResourceType") == value for resource in self.resources)
        return self.as_lookup().get(key) == value


def record(  # noqa: PLR0913 - an event has that many parts
    account_id: str,
    region: str,
    event_name: str,
    *,
    event_source: str,
    event_type: str = "AwsApiCall",
    request_parameters: Mapping[str, object] | None = None,
    response_elements: Mapping[str, object] | None = None,
    service_event_details: Mapping[str, object] | None = None,
    resources: Sequence[Mapping[str, str]] = (),
) -> None:
    """Record an event that LookupEvents shows five virtual minutes from now.

    Args:
        account_id: The account in whose trail the event is.
        region: The Region in whose trail the event is.
        event_name: Such as `StartBackupJob`.
        event_source: Such as `backup.amazonaws.com`.
        event_type: `AwsApiCall` for a call of the present caller, `AwsServiceEvent` for what a service did itself.
        request_parameters: The call's parameters, in CloudTrail's camelCase.
        response_elements: What the call answered, in CloudTrail's camelCase.
        service_event_details: What a service event tells.
        resources: Dicts of `ResourceType` and `ResourceName`.
    """
    now = CLOCK.now()
    is_call = event_type == "AwsApiCall"
    caller = identity.current()
    document: dict[str, object] = {
        "eventVersion": "1.08" if is_call else "1.05",
        "userIdentity": caller.as_cloudtrail() if is_call else {"accountId": account_id, "invokedBy": event_source},
        "eventTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "eventSource": event_source,
        "eventName": event_name,
        "awsRegion": region,
        "sourceIPAddress": "127.0.0.1" if is_call else event_source,
        "userAgent": "sandbox" if is_call else event_source,
        "requestParameters": dict(request_parameters) if request_parameters else None,
        "responseElements": dict(response_elements) if response_elements else None,
        "requestID": str(uuid4()),
        "eventID": str(uuid4()),
        "readOnly": False,
        "eventType": event_type,
        "managementEvent": True,
        "recipientAccountId": account_id,
        "eventCategory": "Management",
    }
    if service_event_details is not None:
        document["serviceEventDetails"] = dict(service_event_details)
    event = Event(
        event_id=str(document["eventID"]),
        name=event_name,
        source=event_source,
        time=now,
        visible_at=CLOCK.after(now, DELIVERY_SECONDS),
        username=caller.name if is_call else "",
        access_key=caller.access_key if is_call else "",
        read_only="false",
        resources=tuple(resources),
        document=json.dumps(document, default=str),
    )
    _events(account_id, region).append(event)


def visible(account_id: str, region: str) -> list[Event]:
    """Return the events that LookupEvents may show now, newest first: delivered, and of the last 90 days."""
    now = CLOCK.now()
    shown = [event for event in list(_events(account_id, region)) if event.visible_at <= now < event.time + KEPT]
    return sorted(shown, key=lambda event: event.time, reverse=True)


def _events(account_id: str, region: str) -> list[Event]:
    """Return the list that lives in the backend's own dict, so that moto's reset empties it with all the rest."""
    backend = cloudtrail_backends[account_id][region]
    events: list[Event] = vars(backend).setdefault("lookup_events", [])
    return events
