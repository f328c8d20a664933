"""Clients for AWS, made once per service and target, and the one way to call them. botocore's exceptions stop here."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from threading import Lock
from typing import Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, PartialCredentialsError
from botocore.parsers import ResponseParserError

from ec2_backup import calls
from ec2_backup.aws import pace
from ec2_backup.aws.credentials import DEFAULT_CHAIN, SESSION_NAME, RoleSession, Source
from ec2_backup.aws.translation import translate, unreadable
from ec2_backup.errors import AuthenticationError
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

_OTHER_SOURCE = (
    "The credentials are those of the {}: correct them there and repeat the command; nothing is started twice."
)

_lock = Lock()
_clients: dict[tuple[str, Target, Source], Any] = {}
_roles: dict[tuple[str, Source], tuple[RoleSession, Any]] = {}
_external_ids: dict[str, str] = {}
_sources: dict[str, Source] = {}  # the one that a run names, under ""; without it, AWS's default chain


def default_region() -> str | None:
    """Return the Region that the source of credentials or AWS's own configuration (AWS_REGION, the profile) names."""
    source = default_source()
    with _translated("session", "", source):
        return boto3.Session(botocore_session=_session_below(source)).region_name


def default_source() -> Source:
    """Return where calls have their credentials from that name no other source."""
    return _sources.get("", DEFAULT_CHAIN)


def set_source(source: Source) -> None:
    """Make all calls from now on, those of the roles in other accounts too, with the credentials of this source."""
    forget_clients()
    _sources[""] = source


def forget_clients() -> None:
    """Make new clients from the next call on, with what AWS's default chain then finds, and endpoints read anew."""
    with _lock:
        _clients.clear()
        _roles.clear()
        _sources.clear()


def set_external_ids(external_ids: Mapping[str, str]) -> None:
    """Use these external ids, by the ARN of the role, for roles that are assumed from now on."""
    _external_ids.clear()
    _external_ids.update(external_ids)


def assume_role(role_arn: str, target: Target, *, source: Source | None = None, **more: Any) -> dict[str, Any]:
    """Return a new session of a role, with its credentials. Raises AccessError where that is refused."""
    names = {"RoleArn": role_arn, "RoleSessionName": SESSION_NAME, **more}
    return call("sts", "assume_role", target, key="Credentials", source=source, **names)


def call(
    service: str, operation: str, target: Target, *, key: str = "", source: Source | None = None, **arguments: Any
) -> dict[str, Any]:
    """Call an operation by its boto3 name and return AWS's answer.

    `key` names what every whole answer has at its top: without it the answer is a failed call, since botocore
    returns a truncated one as a dict that lacks it. `source` is for what has credentials of its own, such as a bucket.
    Raises AwsError or one of its kinds.
    """
    used = source or default_source()
    with _translated(f"{service}:{_api_name(operation)}", str(target), used):
        answer: dict[str, Any] = getattr(_client(service, target, used), operation)(**arguments)
    _raise_for_missing(key, answer, service, operation, target)
    return answer


def pages(service: str, operation: str, target: Target, *, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
    """Yield the pages of a list operation, each checked like an answer of `call`; an empty page does not end it."""
    source = default_source()
    with _translated(f"{service}:{_api_name(operation)}", str(target), source):
        iterator = iter(_client(service, target, source).get_paginator(operation).paginate(**arguments))
    while True:
        with _translated(f"{service}:{_api_name(operation)}", str(target), source):
            page = next(iterator, None)
        if page is None:
            return
        _raise_for_missing(key, page, service, operation, target)
        yield page


def read(stream: Any, operation: str, target: Target) -> bytes:
    """Return all bytes of an answer that comes as a stream. Raises AwsError where it breaks off or is not as sent."""
    with _translated(operation, str(target), default_source()):
        return bytes(stream.read())


def _client(service: str, target: Target, source: Source) -> Any:
    # Sessions are not safe to share between threads, clients are: so they are made under a lock and then shared.
    with _lock:
        if (service, target, source) not in _clients:
            _clients[service, target, source] = _new_client(service, target, source)
        return _clients[service, target, source]


def _new_client(service: str, target: Target, source: Source) -> Any:
    more = {**source.client, "config": source.client.get("config", CONFIG).merge(_CONFIGS.get(service, CONFIG))}
    role, below = _role(target, source), _session_below(source)
    session = boto3.Session(botocore_session=below)
    if role:
        below._credentials = role[1]  # type: ignore[attr-defined]  # noqa: SLF001 - as boto3 and botocore do it
    client = session.client(service, region_name=target.region, **more)  # type: ignore[call-overload]
    place = (target.account, target.region)
    client.meta.events.register("before-send", partial(pace.wait_for_turn, place))
    client.meta.events.register("before-send", partial(calls.count_attempt, place=place))
    client.meta.events.register("needs-retry", calls.count_throttling)
    if role:
        client.meta.events.register("needs-retry", role[0].renew)
    return client


def _role(target: Target, source: Source) -> tuple[RoleSession, Any] | None:
    """Return the session of the role that calls are made as and its credentials, which services and Regions share.

    The role of a target is assumed as the source's own, where it has one, and in the first Region that answers.
    """
    arn, behind, more = source.role_arn, source.behind_role, source.role_arguments
    if target.role_arn:
        external_id = _external_ids.get(target.role_arn)
        arn, behind, more = target.role_arn, source, {"ExternalId": external_id} if external_id else {}
    if arn and (arn, behind) not in _roles:
        role = RoleSession(arn, more, Target(target.region), partial(assume_role, source=behind))
        _roles[arn, behind] = (role, role.credentials())
    elif arn and not _roles[arn, behind][0].is_entered:
        _roles[arn, behind][0].home = Target(target.region)  # where it was asked before may not answer at all
    return _roles[arn, behind] if arn else None


def _session_below(source: Source) -> botocore.session.Session:
    """Return a session of botocore with the credentials of a source, before any role is assumed with them."""
    session = botocore.session.Session(profile=source.profile)
    # boto3 reads AWS_DEFAULT_REGION alone; AWS_REGION is what the other SDKs read, and what containers and Lambda have.
    if region := source.region or os.environ.get("AWS_REGION"):
        session.set_config_variable("region", region)
    if source.access_key or source.secret_key or source.token:
        if not (source.access_key and source.secret_key):
            raise PartialCredentialsError(provider=source.name, cred_var="an access key and its secret")
        session.set_credentials(source.access_key, source.secret_key, source.token)
    return session


@contextmanager
def _translated(operation: str, where: str, source: Source) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError, ResponseParserError, ValueError, FileNotFoundError, PermissionError) as error:
        translated = translate(error, operation, where)
        if source.name and isinstance(translated, AuthenticationError):
            translated.hint = _OTHER_SOURCE.format(source.name)
        raise translated from error


def _raise_for_missing(key: str, answer: dict[str, Any], service: str, operation: str, target: Target) -> None:
    if key and key not in answer:
        raise unreadable(f"{service}:{_api_name(operation)}", str(target), f"the answer has no {key}")


def _api_name(operation: str) -> str:
    return "".join(word.capitalize() for word in operation.split("_"))
