"""Step 3: who AWS says we are, and each kind of trouble with credentials by its own name."""

import pytest

from ec2_backup.aws import backup, ec2, session
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AuthenticationError
from ec2_backup.model import Caller, Target
from tests.aws.backups import ACCOUNT, HERE, REGION, client


def test_the_caller_is_known_by_account_arn_and_region():
    caller = get_caller_identity(HERE)

    assert caller.arn == f"arn:aws:sts::{ACCOUNT}:assumed-role/BackupOperator/sandbox"
    assert (caller.account, caller.partition, caller.region) == (ACCOUNT, "aws", REGION)


def test_the_partition_of_china_is_told_from_the_arn():
    assert get_caller_identity(Target("cn-north-1")).partition == "aws-cn"


def test_no_credentials_at_all_are_an_authentication_error_that_says_what_to_set(env):
    env.delenv("AWS_ACCESS_KEY_ID")
    env.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(AuthenticationError, match="Unable to locate credentials") as caught:
        get_caller_identity(HERE)

    assert caught.value.exit_code == 10
    assert caught.value.operation == "sts:GetCallerIdentity"
    assert "AWS_PROFILE" in caught.value.hint


def test_half_a_pair_of_credentials_is_an_authentication_error(env):
    env.delenv("AWS_SECRET_ACCESS_KEY")

    with pytest.raises(AuthenticationError, match="Partial credentials"):
        get_caller_identity(HERE)


def test_a_profile_that_does_not_exist_is_an_authentication_error_that_names_it(env):
    env.setenv("AWS_PROFILE", "nowhere")

    with pytest.raises(AuthenticationError, match="nowhere"):
        get_caller_identity(HERE)
    with pytest.raises(AuthenticationError, match="nowhere"):
        session.default_region()


def test_a_program_for_credentials_that_is_not_there_is_an_authentication_error(env, tmp_path):
    config = tmp_path / "config"
    config.write_text(f"[profile nightly]\ncredential_process = {tmp_path}/no-such-program\n", encoding="utf-8")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        env.delenv(name)
    env.setenv("AWS_CONFIG_FILE", str(config))
    env.setenv("AWS_PROFILE", "nightly")

    with pytest.raises(AuthenticationError, match="no-such-program") as caught:
        get_caller_identity(HERE)
    assert "credential_process" in caught.value.hint


def test_credentials_that_aws_does_not_know_are_refused_in_its_words(sandbox, env):
    sandbox.control.switch(strict_credentials=True)
    env.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWNTOAWS0000")

    with pytest.raises(AuthenticationError, match="The security token included in the request is invalid") as caught:
        get_caller_identity(HERE)
    assert "aws sts get-caller-identity" in caught.value.hint
    with pytest.raises(AuthenticationError, match="UnrecognizedClientException"):
        backup.list_active_jobs(HERE)
    with pytest.raises(AuthenticationError, match="AuthFailure"):
        ec2.describe_instances(["i-00000001"], Caller(ACCOUNT, "arn"), HERE)


@pytest.mark.parametrize("service", ["sts", "backup", "ec2"])
def test_an_expired_session_tells_to_sign_in_again_whichever_service_notices(sandbox, service):
    sandbox.control.fault(operation=f"{service}:*", kind="expired")
    calls = {
        "sts": lambda: get_caller_identity(HERE),
        "backup": lambda: backup.list_active_jobs(HERE),
        "ec2": lambda: ec2.describe_instances(["i-00000001"], Caller(ACCOUNT, "arn"), HERE),
    }

    with pytest.raises(AuthenticationError, match="expired") as caught:
        calls[service]()

    assert caught.value.exit_code == 10
    assert "Sign in again" in caught.value.hint


def test_an_assumed_role_ends_with_its_session(sandbox, env):
    role = client("sts").assume_role(
        RoleArn=f"arn:aws:iam::{ACCOUNT}:role/BackupOperator", RoleSessionName="nightly", DurationSeconds=900
    )["Credentials"]
    env.setenv("AWS_ACCESS_KEY_ID", role["AccessKeyId"])
    env.setenv("AWS_SECRET_ACCESS_KEY", role["SecretAccessKey"])
    env.setenv("AWS_SESSION_TOKEN", role["SessionToken"])

    assert get_caller_identity(HERE).arn.endswith(":assumed-role/BackupOperator/nightly")
    sandbox.control.advance(3600)
    with pytest.raises(AuthenticationError, match="expired"):
        get_caller_identity(HERE)


@pytest.mark.parametrize(
    ("variables", "region"),
    [
        ({"AWS_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_DEFAULT_REGION": "eu-west-1"}, "eu-west-1"),
        ({"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        ({}, None),
    ],
)
def test_the_default_region_is_the_one_of_awss_own_configuration(env, variables, region):
    env.delenv("AWS_REGION")
    env.delenv("AWS_DEFAULT_REGION")
    for name, value in variables.items():
        env.setenv(name, value)

    assert session.default_region() == region
