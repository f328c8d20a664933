"""An error as each service of AWS words it on the wire, for what is refused before the service itself is asked."""

import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import uuid4

from moto.core.exceptions import ServiceException
from moto.core.model import OperationModel
from moto.core.request import determine_request_protocol
from moto.core.serialize import SERIALIZERS, get_serializer_class
from moto.core.utils import get_service_model

Reply = tuple[int, list[tuple[str, str]], bytes]
"""A status, headers and a body, ready to be sent."""

COMMON_STATUS = {
    "AccessDenied": 403,
    "AccessDeniedException": 403,
    "AuthFailure": 401,
    "AuthorizationError": 403,
    "ExpiredToken": 403,
    "ExpiredTokenException": 403,
    "InternalError": 500,
    "InternalFailure": 500,
    "InternalServerError": 500,
    "InvalidClientTokenId": 403,
    "KMSInternalException": 500,
    "NotImplemented": 501,
    "OptInRequired": 403,
    "RequestExpired": 400,
    "RequestLimitExceeded": 503,
    "RequestTimeoutException": 408,
    "ServiceUnavailable": 503,
    "ServiceUnavailableException": 500,
    "SlowDown": 503,
    "UnauthorizedOperation": 403,
    "Unavailable": 503,
    "UnrecognizedClientException": 403,
}


class Refused(ServiceException):
    """An error of AWS by its code and its words: moto writes it in the protocol of the service that raises it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code, message)


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer that is ready to be sent."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)


def error(service: str, code: str, message: str, *, status: int = 0, content_type: str = "") -> Answer:
    """Return AWS's error `code` in the protocol of `service`, with the status that AWS gives it unless one is given."""
    status = status or COMMON_STATUS.get(code, 400)
    model = get_service_model(service)
    protocol = determine_request_protocol(model, content_type)
    if protocol not in SERIALIZERS:
        protocol = "json"  # CloudWatch prefers CBOR, which moto does not write and every SDK's fallback is JSON
    serializer = get_serializer_class(service, protocol)(OperationModel({}, model))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # moto warns of codes that all services share, which no service model lists
        written = serializer.serialize(Refused(code, message))
    body = written["body"]
    headers = {
        name: value for name, value in written["headers"].items() if name.lower() not in {"content-length", "status"}
    }
    headers["x-amzn-RequestId"] = str(uuid4())
    return Answer(status, body.encode() if isinstance(body, str) else body, headers)
