"""One call as it arrives over HTTP: which operation of which service, in which Region, by whom, with which body."""

import io
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import parse_qs, unquote, unquote_plus

from moto.core.request import Request
from moto.core.routing import get_service_router
from werkzeug.exceptions import HTTPException

Environ = dict[str, Any]

SERVICE_OF_SIGNING_NAME = {"monitoring": "cloudwatch"}

_CREDENTIAL = re.compile(r"Credential=([^/,\s]+)/\d+/([^/]+)/([^/]+)/aws4_request")
_ACTION = re.compile(rb"(?:^|&)Action=([A-Za-z0-9]+)")


@dataclass(frozen=True, slots=True)
class Call:
    """A call: `operation` is AWS's name for it, or empty where the path belongs to none; `path` is not yet decoded."""

    service: str
    operation: str
    region: str
    access_key: str
    method: str
    path: str
    query: str
    body: bytes

    @property
    def name(self) -> str:
        """The operation with its service, such as `backup:StartBackupJob`."""
        return f"{self.service}:{self.operation}"

    @property
    def text(self) -> str:
        """All that the call names, decoded: where an injected fault looks for a resource or an instance."""
        return f"{unquote(self.path)}?{unquote_plus(self.query)}\n{unquote_plus(self.body.decode(errors='replace'))}"

    def form(self) -> dict[str, str]:
        """Return the parameters of a call in AWS's query or EC2 protocol."""
        raw = self.query if self.method == "GET" else self.body.decode(errors="replace")
        return {name: values[-1] for name, values in parse_qs(raw, keep_blank_values=True).items()}


def read_call(environ: Environ) -> Call | None:
    """Return the call in `environ`, leaving its body to be read again; None if it is not signed as AWS's calls are."""
    found = _CREDENTIAL.search(environ.get("HTTP_AUTHORIZATION", ""))
    body = _take_body(environ)
    if not found:
        return None
    access_key, region, signing_name = found.groups()
    service = SERVICE_OF_SIGNING_NAME.get(signing_name, signing_name)
    return Call(
        service=service,
        operation=_operation(service, environ, body),
        region=region,
        access_key=access_key,
        method=environ["REQUEST_METHOD"],
        path=str(environ.get("REQUEST_URI", environ["PATH_INFO"])).split("?", 1)[0],
        query=environ.get("QUERY_STRING", ""),
        body=body,
    )


def _take_body(environ: Environ) -> bytes:
    if environ.get("HTTP_TRANSFER_ENCODING", "").lower() == "chunked":
        body: bytes = environ["wsgi.input"].read()
    else:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(body)
    environ["CONTENT_LENGTH"] = str(len(body))
    environ.pop("HTTP_TRANSFER_ENCODING", None)
    return body


def _operation(service: str, environ: Environ, body: bytes) -> str:
    target: str = environ.get("HTTP_X_AMZ_TARGET", "")
    if target:
        return target.rsplit(".", 1)[-1]
    path: str = environ["PATH_INFO"]
    if "/operation/" in path:  # Smithy RPC v2, which CloudWatch speaks
        return path.rsplit("/", 1)[-1]
    action = _ACTION.search(body) or _ACTION.search(environ.get("QUERY_STRING", "").encode())
    return action.group(1).decode() if action else _rest_operation(service, environ)


def _rest_operation(service: str, environ: Environ) -> str:
    if service not in _rest_services():
        return ""
    try:
        operation, _ = get_service_router(service).match(Request(environ.copy()))
    except HTTPException:
        return ""
    environ["wsgi.input"].seek(0)
    return str(operation.name)


@cache
def _rest_services() -> Iterable[str]:
    return frozenset({"backup", "s3"})
