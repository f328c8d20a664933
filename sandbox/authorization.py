"""Whether a call may be made at all: credentials that AWS knows and that have not expired, policies that allow it."""

from dataclasses import dataclass
from functools import cache
from itertools import chain

from botocore.session import Session

from sandbox import answer, iam
from sandbox.answer import Answer
from sandbox.call import Call
from sandbox.clock import CLOCK
from sandbox.identity import Identity
from sandbox.resources import needs
from sandbox.trust import trusts

DUMMY_ACCESS_KEY = "testing"

_UNKNOWN = {
    "ec2": ("AuthFailure", "AWS was not able to validate the provided access credentials"),
    "iam": ("InvalidClientTokenId", "The security token included in the request is invalid."),
    "sts": ("InvalidClientTokenId", "The security token included in the request is invalid."),
    "s3": ("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records."),
    "cloudwatch": ("InvalidClientTokenId", "The security token included in the request is invalid."),
    "sns": ("InvalidClientTokenId", "The security token included in the request is invalid."),
}
EXPIRED = {
    "ec2": ("RequestExpired", "Request has expired."),
    "s3": ("ExpiredToken", "The provided token has expired."),
    "iam": ("ExpiredToken", "The security token included in the request is expired"),
    "sts": ("ExpiredToken", "The security token included in the request is expired"),
    "cloudwatch": ("ExpiredToken", "The security token included in the request is expired"),
    "sns": ("ExpiredToken", "The security token included in the request is expired"),
}


@dataclass(slots=True)
class Credentials:
    """`strict` refuses access keys that nobody made in the sandbox; `DUMMY_ACCESS_KEY` is always good."""

    strict: bool = False


CREDENTIALS = Credentials()


def credentials_refused(call: Call, caller: Identity, content_type: str) -> Answer | None:
    """Return AWS's error for credentials that it does not know, or for a session that is over.

    A Region that does not exist knows none. At AWS it has no address either; here all Regions have the same.
    """
    is_unknown = CREDENTIALS.strict and not caller.known and call.access_key != DUMMY_ACCESS_KEY
    if is_unknown or call.region not in _regions():
        default = ("UnrecognizedClientException", "The security token included in the request is invalid.")
        code, message = _UNKNOWN.get(call.service, default)
        return answer.error(call.service, code, message, content_type=content_type, status=0)
    if caller.expires_at and caller.expires_at <= CLOCK.now():
        return expired(call.service, content_type)
    return None


@cache
def _regions() -> frozenset[str]:
    session = Session()
    found = (session.get_available_regions("ec2", name) for name in session.get_available_partitions())
    return frozenset(chain(*found, ["aws-global"]))


def expired(service: str, content_type: str) -> Answer:
    """Return the error for an expired session, in the words of the service."""
    default = ("ExpiredTokenException", "The security token included in the request is expired")
    code, message = EXPIRED.get(service, default)
    return answer.error(service, code, message, content_type=content_type)


def refused(call: Call, caller: Identity, content_type: str) -> Answer | None:
    """Return AWS's error if the policies of a user or role do not allow the call; the operator may do everything.

    A role that does not trust its caller, whoever that is, or is not there, is refused in the words for both.
    """
    if call.name == "sts:AssumeRole" and not trusts(*_entrance(call), caller):
        said = f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {_entrance(call)[0]}"
        return answer.error("sts", "AccessDenied", said, status=403, content_type=content_type)
    if not caller.known:
        return None
    for need in needs(call, caller.account):
        decision = iam.decide(caller.entity_arn, need.action, need.resource, need.context)
        if not decision.allowed:
            explicit = decision.effect == "explicitDeny"
            return _denied(call, caller, need.action, need.resource, content_type, explicit=explicit)
    return None


def _entrance(call: Call) -> tuple[str, str]:
    """Return the role that a call of AssumeRole names, and the external id."""
    form = call.form()
    return form.get("RoleArn", ""), form.get("ExternalId", "")


def _denied(call: Call, caller: Identity, action: str, resource: str, content_type: str, *, explicit: bool) -> Answer:
    why = f"because no identity-based policy allows the {action} action"
    if explicit:
        why = "with an explicit deny in an identity-based policy"
    on = "" if resource == "*" else f" on resource: {resource}"
    said = f"User: {caller.arn} is not authorized to perform: {action}{on} {why}"
    if call.service == "ec2":
        said = f"You are not authorized to perform this operation. {said}"
        return answer.error("ec2", "UnauthorizedOperation", said)
    if call.service == "sns":
        return answer.error("sns", "AuthorizationError", said)
    code = "AccessDenied" if call.service in {"iam", "sts", "s3", "cloudwatch"} else "AccessDeniedException"
    return answer.error(call.service, code, said, status=_status(call.service), content_type=content_type)


def _status(service: str) -> int:
    """Every service of the JSON protocol says 400 where others say 403: KMS, CloudTrail, Logs, Systems Manager."""
    return 400 if service in {"kms", "cloudtrail", "logs", "ssm"} else 403
