"""Whatever botocore raises becomes one of our errors, which says where, what AWS said, and what to do."""

from json import JSONDecodeError

import pytest
from botocore import exceptions as boto
from botocore.parsers import ResponseParserError

from ec2_backup.aws.translation import translate
from ec2_backup.errors import AccessError, AuthenticationError, AwsError, UsageError


def answered(code: str, status: int = 400, message: str = "said so") -> boto.ClientError:
    error = {"Error": {"Code": code, "Message": message}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return boto.ClientError(error, "StartBackupJob")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("code", "kind", "exit_code"),
    [
        ("ExpiredToken", AuthenticationError, 10),
        ("ExpiredTokenException", AuthenticationError, 10),
        ("RequestExpired", AuthenticationError, 10),
        ("UnrecognizedClientException", AuthenticationError, 10),
        ("InvalidClientTokenId", AuthenticationError, 10),
        ("SignatureDoesNotMatch", AuthenticationError, 10),
        ("AuthFailure", AuthenticationError, 10),
        ("AccessDenied", AccessError, 11),
        ("AccessDeniedException", AccessError, 11),
        ("UnauthorizedOperation", AccessError, 11),
    ],
)
def test_an_answer_of_aws_has_its_kind_its_words_and_advice(code, kind, exit_code):
    error = translate(answered(code), "backup:StartBackupJob", "us-east-1")

    assert type(error) is kind
    assert error.exit_code == exit_code
    assert str(error) == f"backup:StartBackupJob in us-east-1: {code}: said so"
    assert error.hint
    assert not error.retryable


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("ThrottlingException", 400),
        ("RequestLimitExceeded", 503),
        ("LimitExceededException", 400),
        ("ServiceUnavailableException", 500),
        ("InternalFailure", 500),
        ("SomethingNew", 502),
        ("RequestTimeoutException", 408),
    ],
)
def test_trouble_that_passes_may_be_repeated(code, status):
    error = translate(answered(code, status), "backup:StartBackupJob", "us-east-1")

    assert isinstance(error, AwsError)
    assert error.retryable
    assert error.hint


def test_a_refusal_for_good_is_not_repeated():
    error = translate(answered("InvalidParameterValueException"), "backup:StartBackupJob", "")

    assert isinstance(error, AwsError)
    assert not error.retryable
    assert str(error).startswith("backup:StartBackupJob: InvalidParameterValueException")


def test_a_role_that_cannot_be_assumed_may_only_be_too_new():
    said = "IAM Role arn:aws:iam::1:role/x cannot be assumed by AWS Backup"
    error = translate(answered("InvalidParameterValueException", message=said), "backup:StartBackupJob", "")

    assert isinstance(error, AccessError)
    assert error.retryable
    assert "trust policy" in error.hint


def test_an_answer_without_code_and_message_still_makes_a_sentence():
    error = translate(boto.ClientError({}, "X"), "backup:X", "")

    assert str(error) == "backup:X: Unknown: (AWS gave no message)"


@pytest.mark.parametrize(
    "error",
    [
        boto.NoCredentialsError(),
        boto.PartialCredentialsError(provider="env", cred_var="AWS_SECRET_ACCESS_KEY"),
        boto.CredentialRetrievalError(provider="sso", error_msg="no"),
        boto.ProfileNotFound(profile="x"),
        boto.UnauthorizedSSOTokenError(),
        boto.SSOTokenLoadError(error_msg="no"),
        boto.TokenRetrievalError(provider="sso", error_msg="Token has expired"),
    ],
)
def test_no_usable_credentials_are_an_authentication_error(error):
    assert type(translate(error, "sts:GetCallerIdentity", "")) is AuthenticationError


@pytest.mark.parametrize(
    "error",
    [
        boto.EndpointConnectionError(endpoint_url="https://x"),
        boto.ConnectTimeoutError(endpoint_url="https://x"),
        boto.ReadTimeoutError(endpoint_url="https://x"),
        boto.ConnectionClosedError(endpoint_url="https://x"),
        boto.SSLError(endpoint_url="https://x", error="bad"),
        boto.ProxyConnectionError(proxy_url="https://x"),
        boto.ResponseStreamingError(error="reset"),
    ],
)
def test_a_network_that_fails_may_be_tried_again(error):
    ours = translate(error, "backup:ListBackupJobs", "us-east-1")

    assert type(ours) is AwsError
    assert ours.retryable
    assert "network" in ours.hint


@pytest.mark.parametrize(
    "error",
    [
        ResponseParserError("no XML"),
        UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"),
        JSONDecodeError("no JSON", "", 0),
        boto.IncompleteReadError(actual_bytes=1, expected_bytes=2),
        boto.FlexibleChecksumError(error_msg="other bytes"),
    ],
)
def test_an_answer_that_cannot_be_understood_is_a_failed_call(error):
    ours = translate(error, "backup:ListBackupJobs", "")

    assert isinstance(ours, AwsError)
    assert (ours.code, ours.retryable) == ("UnreadableAnswer", True)


def test_a_missing_region_is_a_matter_of_usage():
    assert isinstance(translate(boto.NoRegionError(), "ec2:DescribeInstances", ""), UsageError)


def test_everything_else_of_botocore_is_a_failed_call_that_is_not_repeated():
    ours = translate(boto.ParamValidationError(report="Missing required parameter"), "ec2:DescribeInstances", "")

    assert type(ours) is AwsError
    assert "Missing required parameter" in str(ours)
