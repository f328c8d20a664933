"""botocore's exceptions in, our errors out: what kind of trouble it is, AWS's own words, and what to do next."""

from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from ec2_backup.errors import AccessError, AuthenticationError, AwsError, UsageError

_NO_PROGRAM = (FileNotFoundError, PermissionError)  # let through from what a profile names as `credential_process`
_NO_CREDENTIALS = (
    *_NO_PROGRAM,
    boto.NoCredentialsError,
    boto.PartialCredentialsError,
    boto.CredentialRetrievalError,
    boto.ProfileNotFound,
    boto.SSOError,
    boto.TokenRetrievalError,
)
EXPIRED_CODES = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
_UNKNOWN_CODES = frozenset(
    {
        "AuthFailure",
        "IncompleteSignature",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "MissingAuthenticationTokenException",
        "OptInRequired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_DENIED_CODES = frozenset({"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError"})
_PASSING_CODES = ("Throttling", "RequestLimitExceeded", "LimitExceeded", "TooManyRequests", "SlowDown", "ServiceUnav",
                  "InternalFailure", "InternalError", "InternalServer", "RequestTimeout", "DependencyFailure",
                  "Unavailable")  # fmt: skip

_HINT_SIGN_IN = (
    "Sign in again (aws sso login, or a new session token) and repeat the command; nothing is started twice."
)
_HINT_KEYS = "Check AWS_PROFILE or AWS_ACCESS_KEY_ID with: aws sts get-caller-identity"
_HINT_NONE = "Set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; to try without an account: --sandbox"
_HINT_PROCESS = "Correct credential_process in AWS's config file; a path with a space in it needs quotes there."
_HINT_DENIED = "Allow the action in the caller's IAM policy: the README lists all that a run needs."
_HINT_TRUST = "Let backup.amazonaws.com assume the role in its trust policy; a new role needs a minute or two."
_HINT_NETWORK = "Check the network, the proxy, AWS_ENDPOINT_URL and the Region's name, then repeat the command."
_HINT_PASSING = "AWS could not answer for now, also after retries: repeat the command."


def translate(error: Exception, operation: str, region: str) -> AwsError | UsageError:
    """Return our error for one that botocore raised while `operation` (such as `backup:StartBackupJob`) was called."""
    if isinstance(error, boto.ClientError):
        return _translate_answer(error, operation, region)
    said, code = str(error) or type(error).__name__, type(error).__name__
    if isinstance(error, _NO_CREDENTIALS):
        hint = _HINT_PROCESS if isinstance(error, _NO_PROGRAM) else _HINT_NONE
        return AuthenticationError(operation, code, said, region=region, hint=hint)
    if isinstance(error, boto.NoRegionError):
        return UsageError(
            "No AWS Region is set.", hint="Pass --region, set AWS_REGION, or add a region column to the CSV."
        )
    if isinstance(error, (boto.HTTPClientError, boto.ConnectionError)):
        return AwsError(operation, code, said, region=region, retryable=True, hint=_HINT_NETWORK)
    if isinstance(error, (ResponseParserError, ValueError, boto.IncompleteReadError, boto.FlexibleChecksumError)):
        # botocore's parsers let corrupt bytes through as UnicodeDecodeError or JSONDecodeError, both ValueErrors.
        return unreadable(operation, region, said)
    return AwsError(operation, code, said, region=region)


def unreadable(operation: str, region: str, what: str) -> AwsError:
    """Return the error for an answer that cannot be understood: a failed call, never an empty answer."""
    return AwsError(operation, "UnreadableAnswer", what, region=region, retryable=True, hint=_HINT_PASSING)


def _translate_answer(error: boto.ClientError, operation: str, region: str) -> AwsError:
    answer = error.response
    code = answer.get("Error", {}).get("Code", "Unknown")
    said = answer.get("Error", {}).get("Message") or "(AWS gave no message)"
    status = answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in EXPIRED_CODES:
        return AuthenticationError(operation, code, said, region=region, hint=_HINT_SIGN_IN)
    if code in _UNKNOWN_CODES:
        return AuthenticationError(operation, code, said, region=region, hint=_HINT_KEYS)
    if code in _DENIED_CODES:
        return AccessError(operation, code, said, region=region, hint=_HINT_DENIED)
    if "cannot be assumed" in said:
        # IAM needs a minute or two before other services can assume a new role, so this may pass.
        return AccessError(operation, code, said, region=region, retryable=True, hint=_HINT_TRUST)
    if code.startswith(_PASSING_CODES) or status >= 500:
        return AwsError(operation, code, said, region=region, retryable=True, hint=_HINT_PASSING)
    return AwsError(operation, code, said, region=region)
