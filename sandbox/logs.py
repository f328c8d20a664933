"""CloudWatch Logs: what trails deliver is there, and FilterLogEvents, with AWS's pages and patterns for JSON."""

import base64
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from moto.core.common_types import TYPE_RESPONSE
from moto.logs.models import LogGroup
from moto.logs.responses import LogsResponse

from sandbox.answer import Refused
from sandbox.backup import books
from sandbox.delivery import deliver
from sandbox.outcomes import OUTCOMES
from sandbox.patterns import to_test

MOST_EVENTS = 10_000
MOST_BYTES = 1024 * 1024

LogEvent = dict[str, Any]


class GroupResponse(LogsResponse):
    """CloudWatch Logs into which CloudTrail has delivered by the time of each call."""

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a call."""
        books.settle()
        deliver(self.current_account, self.region)
        return super().call_action()

    def filter_log_events(self) -> str:
        """Answer FilterLogEvents: events by time, in pages of at most 10,000 or 1 MB, of which some may be empty."""
        asked: dict[str, Any] = json.loads(self.body or "{}")
        found = _matching(self._group(asked), asked)
        start, empty = _place(found, asked)
        page = [] if empty else list(_page(found[start:], _limit(asked)))
        answer: dict[str, Any] = {"events": page, "searchedLogStreams": []}
        if empty or start + len(page) < len(found):
            answer["nextToken"] = _token(start + len(page), max(empty - 1, 0), asked)
        return json.dumps(answer)

    def _group(self, asked: dict[str, Any]) -> LogGroup:
        name, identifier = asked.get("logGroupName"), asked.get("logGroupIdentifier")
        if bool(name) == bool(identifier):
            raise Refused("InvalidParameterException", "Specify either logGroupName or logGroupIdentifier.")
        if str(identifier or "").endswith("*"):
            raise Refused("InvalidParameterException", f"Invalid logGroupIdentifier: {identifier}")
        wanted = str(identifier or name)
        groups = self.logs_backend.groups.values()
        found = next((one for one in groups if wanted in {one.name, one.arn}), None)
        if found is None:
            raise Refused("ResourceNotFoundException", "The specified log group does not exist.")
        return found


def _matching(group: LogGroup, asked: dict[str, Any]) -> list[LogEvent]:
    fits = to_test(asked["filterPattern"]) if asked.get("filterPattern") else bool
    wanted, prefix = asked.get("logStreamNames") or list(group.streams), asked.get("logStreamNamePrefix") or ""
    start, end = asked.get("startTime") or 0, asked.get("endTime")
    events = [
        {**event.to_filter_dict(), "logStreamName": name}
        for name, stream in group.streams.items()
        if name in wanted and name.startswith(prefix)
        for event in list(stream.events)
        if event.timestamp >= start and (end is None or event.timestamp <= end) and fits(event.message)
    ]
    return sorted(events, key=lambda event: (event["timestamp"], int(event["eventId"])))


def _limit(asked: dict[str, Any]) -> int:
    limit = int(asked.get("limit") or MOST_EVENTS)
    if not 1 <= limit <= MOST_EVENTS:
        raise Refused("InvalidParameterException", "limit must be between 1 and 10000.")
    return limit


def _page(events: Iterable[LogEvent], limit: int) -> Iterable[LogEvent]:
    size = 0
    for number, event in enumerate(events):
        size += len(event["message"].encode())
        if number and (number >= limit or size > MOST_BYTES):
            return
        yield event


def _place(events: list[LogEvent], asked: dict[str, Any]) -> tuple[int, int]:
    """Return how many events earlier pages held, and how many empty pages are still to come before the next one."""
    token = asked.get("nextToken")
    if not token:
        return 0, OUTCOMES.empty_log_pages
    try:
        start, empty, _ = base64.urlsafe_b64decode(token).decode().split(" ")
        if token == _token(int(start), int(empty), asked) and int(start) <= len(events):
            return int(start), int(empty)
    except ValueError:
        pass
    raise Refused("InvalidParameterException", "The specified nextToken is invalid.")


def _token(start: int, empty: int, asked: dict[str, Any]) -> str:
    """Return a token that is good for the same parameters only."""
    same = {name: value for name, value in asked.items() if name != "nextToken"}
    digest = hashlib.sha256(json.dumps(same, sort_keys=True).encode()).hexdigest()
    return base64.urlsafe_b64encode(f"{start} {empty} {digest}".encode()).decode()
