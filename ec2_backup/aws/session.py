"""Clients for AWS, made once per service and target, and the one way to call them. botocore's exceptions stop here."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from ec2_backup import calls
from ec2_backup.aws import pace
from ec2_backup.aws.credentials import SESSION_NAME, RoleSession
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
_clients: dict[tuple[str, Target], Any] = {}
_roles: dict[str, tuple[RoleSession, Any]] = {}
_external_ids: dict[str, str] = {}


def default_region() -> str | None:
    """Return the Region that AWS's own configuration names (AWS_REGION, the profile), None where there is none."""
    with _translated("session", ""):
        return boto3.Session().region_name


def forget_clients() -> None:
    """Make new clients, and so read credentials and endpoints anew, from the next call on."""
    with _lock:
        _clients.clear()
        _roles.clear()


def set_external_ids(external_ids: Mapping[str, str]) -> None:
    """Use these external ids, by the ARN of the role, for roles that are assumed from now on."""
    _external_ids.clear()
    _external_ids.update(external_ids)


def assume_role(role_arn: str, target: Target, **more: str) -> dict[str, Any]:
    """Return a new session of a role, with its credentials. Raises AccessError where that is refused."""
    names = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME, **more}
    return call("sts", "assume_role", target, key="Credentials", **names)


def call(service: str, operation: str, target: Target, *, key: str = "", **arguments: Any) -> dict[str, Any]:
    """Call an operation by its boto3 name and return AWS's answer.

    `key` names what every whole answer has at its top: without it the answer is a failed call, since botocore
    returns a truncated one as a dict that lacks it. Raises AwsError or one of its kinds.
    """
    with _translated(f"{service}:{_api_name(operation)}", str(target)):
        answer: dict[str, Any] = getattr(_client(service, target), operation)(**arguments)
    _raise_for_missing(key, answer, service, operation, target)
    return answer


def pages(service: str, operation: str, target: Target, *, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list operation, each checked like an answer of `call`; an empty page does not end it."""
    with _translated(f"{service}:{_api_name(operation)}", str(target)):
        iterator = iter(_client(service, target).get_paginator(operation).paginate(**arguments))
    while True:
        with _translated(f"{service}:{_api_name(operation)}", str(target)):
            page = next(iterator, None)
        if page is None:
            return
        _raise_for_missing(key, page, service, operation, target)
        yield page


def read(stream: Any, operation: str, target: Target) -> bytes:
    """Return all bytes of an answer that comes as a stream. Raises AwsError where it breaks off or is not as sent."""
    with _translated(operation, str(target)):
        return bytes(stream.read())


def _client(service: str, target: Target) -> Any:
    # Sessions are not safe to share between threads, clients are: so they are made under a lock and then shared.
    with _lock:
        if (service, target) not in _clients:
            _clients[service, target] = _new_client(service, target)
        return _clients[service, target]


def _new_client(service: str, target: Target) -> Any:
    config = _CONFIGS.get(service, CONFIG)
    session = boto3.Session()
    if target.role_arn:
        role, credentials = _role(target)
        below = botocore.session.Session()
        below._credentials = credentials  # type: ignore[attr-defined]  # noqa: SLF001 - as boto3 and botocore do it
        session = boto3.Session(botocore_session=below)
    client = session.client(service, region_name=target.region, config=config)  # type: ignore[call-overload]
    place = (target.account, target.region)
    client.meta.events.register("before-send", partial(pace.wait_for_turn, place))
    client.meta.events.register("before-send", partial(calls.count_attempt, place=place))
    client.meta.events.register("needs-retry", calls.count_throttling)
    if target.role_arn:
        client.meta.events.register("needs-retry", role.renew)
    return client


def _role(target: Target) -> tuple[RoleSession, Any]:
    """Return the session of a role and its credentials, which all services and Regions share."""
    arn = target.role_arn
    if arn not in _roles:
        role = RoleSession(arn, _external_ids.get(arn, ""), Target(target.region), assume_role)
        _roles[arn] = (role, role.credentials())
    return _roles[arn]


@contextmanager
def _translated(operation: str, where: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, ValueError, FileNotFoundError, PermissionError) as error:
        raise translate(error, operation, where) from error


def _raise_for_missing(key: str, answer: dict[str, Any], service: str, operation: str, target: Target) -> None:
    if key and key not in answer:
        raise unreadable(f"{service}:{_api_name(operation)}", str(target), f"the answer has no {key}")


def _api_name(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
