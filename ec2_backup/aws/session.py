"""Clients for AWS, made once per service and Region, and the one way to call them. botocore's exceptions stop here."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ec2_backup import calls
from ec2_backup.aws import pace
from ec2_backup.aws.translation import translate, unreadable
from ec2_backup.model import Target

CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 5},
    max_pool_connections=32,
    user_agent_extra="ec2-backup-automation",
)
# What a run does last must not hold up its end, nor a Ctrl-C, for minutes.
_FEWER = CONFIG.merge(Config(retries={"mode": "standard", "total_max_attempts": 3}))
_CONFIGS = {"s3": _FEWER, "sns": _FEWER.merge(Config(connect_timeout=3, read_timeout=5))}

_lock = Lock()
_clients: dict[tuple[str, str], Any] = {}


def default_region() -> str | None:
    """Return the Region that AWS's own configuration names (AWS_REGION, the profile), None where there is none."""
    with _translated("session", ""):
        return boto3.Session().region_name


def forget_clients() -> None:
    """Make new clients, and so read credentials and endpoints anew, from the next call on."""
    with _lock:
        _clients.clear()


def call(service: str, operation: str, target: Target, *, key: str = "", **arguments: Any) -> dict[str, Any]:
    """Call an operation by its boto3 name and return AWS's answer.

    `key` names what every whole answer has at its top: without it the answer is a failed call, since botocore
    returns a truncated one as a dict that lacks it. Raises AwsError or one of its kinds.
    """
    with _translated(f"{service}:{_api_name(operation)}", target.region):
        answer: dict[str, Any] = getattr(_client(service, target), operation)(**arguments)
    _raise_for_missing(key, answer, service, operation, target)
    return answer


def pages(service: str, operation: str, target: Target, *, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list operation, each checked like an answer of `call`; an empty page does not end it."""
    with _translated(f"{service}:{_api_name(operation)}", target.region):
        iterator = iter(_client(service, target).get_paginator(operation).paginate(**arguments))
    while True:
        with _translated(f"{service}:{_api_name(operation)}", target.region):
            page = next(iterator, None)
        if page is None:
            return
        _raise_for_missing(key, page, service, operation, target)
        yield page


def read(stream: Any, operation: str, target: Target) -> bytes:
    """Return all bytes of an answer that comes as a stream. Raises AwsError where it breaks off or is not as sent."""
    with _translated(operation, target.region):
        return bytes(stream.read())


def _client(service: str, target: Target) -> Any:
    # Sessions are not safe to share between threads, clients are: so they are made under a lock and then shared.
    with _lock:
        if (service, target.region) not in _clients:
            _clients[service, target.region] = _new_client(service, target)
        return _clients[service, target.region]


def _new_client(service: str, target: Target) -> Any:
    config = _CONFIGS.get(service, CONFIG)
    client = boto3.Session().client(service, region_name=target.region, config=config)  # type: ignore[call-overload]
    client.meta.events.register("before-send", partial(pace.wait_for_turn, target.region))
    client.meta.events.register("before-send", calls.count_attempt)
    client.meta.events.register("needs-retry", calls.count_throttling)
    return client


@contextmanager
def _translated(operation: str, region: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, ValueError, FileNotFoundError, PermissionError) as error:
        raise translate(error, operation, region) from error


def _raise_for_missing(key: str, answer: dict[str, Any], service: str, operation: str, target: Target) -> None:
    if key and key not in answer:
        raise unreadable(f"{service}:{_api_name(operation)}", target.region, f"the answer has no {key}")


def _api_name(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
