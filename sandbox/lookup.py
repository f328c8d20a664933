"""CloudTrail's LookupEvents: one attribute and a time range, newest first, in pages of at most 50."""

import base64
import hashlib
import json
from datetime import UTC, datetime

from moto.cloudtrail.models import cloudtrail_backends
from moto.cloudtrail.responses import CloudTrailResponse

from sandbox import trail
from sandbox.answer import Refused
from sandbox.backup import books

PAGE = 50
ATTRIBUTES = (
    "EventId",
    "EventName",
    "ReadOnly",
    "Username",
    "ResourceType",
    "ResourceName",
    "EventSource",
    "AccessKeyId",
)


class TrailResponse(CloudTrailResponse):
    """CloudTrail with LookupEvents, and with trails that say whether they record everything."""

    def describe_trails(self) -> str:
        """Answer DescribeTrails."""
        answer = json.loads(super().describe_trails())
        for shown in answer["trailList"]:
            trail_there = cloudtrail_backends[self.current_account][shown["HomeRegion"]].trails[shown["Name"]]
            shown["HasCustomEventSelectors"] = bool(trail_there.event_selectors or trail_there.advanced_event_selectors)
        return json.dumps({"trailList": [_without_blanks(shown) for shown in answer["trailList"]]})

    def lookup_events(self) -> str:
        """Answer LookupEvents."""
        books.settle()
        asked = json.loads(self.body or "{}")
        limit = _limit(asked)
        found = _matching(trail.visible(self.current_account, self.region), asked)
        start = _start(found, asked)
        page = found[start : start + limit]
        answer: dict[str, object] = {"Events": [event.as_lookup() for event in page]}
        if start + limit < len(found):
            answer["NextToken"] = _token(page[-1].event_id, asked)
        self.response_headers["Content-Type"] = "application/x-amz-json-1.1"
        return json.dumps(answer)


def _without_blanks(shown: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in shown.items() if value not in {None, ""}}


def _matching(events: list[trail.Event], asked: dict[str, object]) -> list[trail.Event]:
    key, value = _attribute(asked)
    start, end = _time(asked, "StartTime"), _time(asked, "EndTime")
    if start and end and start > end:
        raise Refused("InvalidTimeRangeException", "The start time must be before the end time.")
    return [
        event
        for event in events
        if (not key or event.has(key, value)) and (not start or event.time >= start) and (not end or event.time <= end)
    ]


def _attribute(asked: dict[str, object]) -> tuple[str, str]:
    attributes = asked.get("LookupAttributes") or []
    if not isinstance(attributes, list) or len(attributes) > 1:
        said = "LookupAttributes can contain only one attribute."
        raise Refused("InvalidLookupAttributesException", said)
    if not attributes:
        return "", ""
    key, value = attributes[0].get("AttributeKey", ""), attributes[0].get("AttributeValue", "")
    if key not in ATTRIBUTES or not value:
        raise Refused("InvalidLookupAttributesException", f"Invalid lookup attribute: {key}={value}")
    return key, value


def _time(asked: dict[str, object], name: str) -> datetime | None:
    value = asked.get(name)
    return None if value is None else datetime.fromtimestamp(float(str(value)), UTC)


def _limit(asked: dict[str, object]) -> int:
    limit = int(str(asked.get("MaxResults") or PAGE))
    if not 1 <= limit <= PAGE:
        raise Refused("InvalidMaxResultsException", "Max results must be between 1 and 50.")
    return limit


def _start(events: list[trail.Event], asked: dict[str, object]) -> int:
    token = asked.get("NextToken")
    if not token:
        return 0
    for index, event in enumerate(events):
        if _token(event.event_id, asked) == token:
            return index + 1
    raise Refused("InvalidNextTokenException", "The specified token is invalid or was used with other values.")


def _token(event_id: str, asked: dict[str, object]) -> str:
    """Return a token that is good for the same parameters only, as AWS demands."""
    same = {name: value for name, value in asked.items() if name != "NextToken"}
    digest = hashlib.sha256(f"{event_id} {json.dumps(same, sort_keys=True)}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode()
