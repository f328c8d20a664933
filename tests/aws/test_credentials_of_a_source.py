"""Credentials from elsewhere than AWS's default chain: all calls are made with them, and a role's are renewed."""

from collections.abc import Iterator

import pytest
from botocore.config import Config

from ec2_backup import calls
from ec2_backup.aws import session
from ec2_backup.aws.credentials import Source
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AccessError, AuthenticationError
from ec2_backup.model import Target
from sandbox.clock import CLOCK
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.backups import ACCOUNT, HERE, REGION, client, instance_id

PAYMENTS = "210987654321"
IN_PAYMENTS = Target(REGION, f"arn:aws:iam::{PAYMENTS}:role/EC2BackupAutomation")
OPERATOR = f"arn:aws:iam::{ACCOUNT}:role/BackupOperator"
NAME = "Prefect block aws-credentials/production"


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    return Fleet((instance_id(1),)).in_account(PAYMENTS, instance_id(2))


@pytest.fixture(autouse=True)
def anew(calm: None) -> Iterator[None]:  # noqa: ARG001 - after it
    session.forget_clients()
    yield
    session.forget_clients()


@pytest.fixture
def without_keys(env: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """An environment in which AWS's default chain finds nothing but where AWS is."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        env.delenv(name)
    return env


def keys_of_a_user(name: str) -> Source:
    iam = client("iam", aws_access_key_id="testing", aws_secret_access_key="testing")
    iam.create_user(UserName=name)
    made = iam.create_access_key(UserName=name)["AccessKey"]
    return Source(NAME, made["AccessKeyId"], made["SecretAccessKey"])


@pytest.mark.usefixtures("without_keys")
def test_calls_are_made_with_the_keys_of_the_source_and_without_it_there_are_none():
    session.set_source(keys_of_a_user("nightly"))
    assert get_caller_identity(HERE).arn == f"arn:aws:iam::{ACCOUNT}:user/nightly"

    session.forget_clients()
    with pytest.raises(AuthenticationError, match="Unable to locate credentials"):
        get_caller_identity(HERE)


def test_the_keys_of_the_source_come_before_those_of_the_environment():
    session.set_source(keys_of_a_user("weekly"))

    assert get_caller_identity(HERE).arn.endswith(":user/weekly")


@pytest.mark.usefixtures("without_keys")
def test_a_role_in_another_account_is_entered_with_the_keys_of_the_source():
    session.set_source(Source(NAME, "testing", "testing"))

    assert get_caller_identity(IN_PAYMENTS).account == PAYMENTS


@pytest.mark.usefixtures("without_keys")
def test_the_role_of_a_source_is_assumed_for_all_calls_and_renewed_before_it_is_over():
    session.set_source(Source(NAME, "testing", "testing", role_arn=OPERATOR))
    earlier = dict(calls.made())

    callers = [get_caller_identity(HERE) for _ in range(3)]
    once = calls.since(earlier)["sts:AssumeRole"]
    CLOCK.advance(3601)
    callers.append(get_caller_identity(HERE))

    assert {one.arn for one in callers} == {f"arn:aws:sts::{ACCOUNT}:assumed-role/BackupOperator/ec2-backup-automation"}
    assert (once, calls.since(earlier)["sts:AssumeRole"]) == (1, 2)


@pytest.mark.usefixtures("without_keys")
def test_another_account_is_entered_as_the_role_of_the_source_with_the_sessions_name():
    session.set_source(
        Source(NAME, "testing", "testing", role_arn=OPERATOR, role_arguments={"RoleSessionName": "from-block"})
    )
    earlier = dict(calls.made())

    assert get_caller_identity(HERE).arn.endswith("assumed-role/BackupOperator/from-block")
    assert get_caller_identity(IN_PAYMENTS).account == PAYMENTS
    assert calls.since(earlier)["sts:AssumeRole"] == 2


def test_a_role_of_a_source_that_refuses_says_which_and_what_to_do():
    session.set_source(Source(NAME, "testing", "testing", role_arn=f"arn:aws:iam::{ACCOUNT}:role/Nobody"))

    with pytest.raises(AccessError, match=r"cannot be entered through .*role/Nobody") as caught:
        get_caller_identity(HERE)
    assert "the block" in caught.value.hint


@pytest.mark.usefixtures("without_keys")
def test_a_profile_is_used_as_it_stands_in_awss_configuration(env, tmp_path):
    config = tmp_path / "config"
    config.write_text(
        "[profile nightly]\naws_access_key_id = testing\naws_secret_access_key = testing\nregion = eu-west-3\n"
    )
    env.setenv("AWS_CONFIG_FILE", str(config))
    env.delenv("AWS_REGION", raising=False)
    env.delenv("AWS_DEFAULT_REGION", raising=False)
    session.set_source(Source(NAME, profile="nightly"))

    assert session.default_region() == "eu-west-3"
    assert get_caller_identity(HERE).account == ACCOUNT


def test_the_region_of_the_source_is_the_default_region():
    session.set_source(Source(NAME, "testing", "testing", region="eu-north-1"))

    assert session.default_region() == "eu-north-1"


def test_an_endpoint_and_a_configuration_of_the_source_are_used(sandbox: Sandbox, env):
    env.delenv("AWS_ENDPOINT_URL")
    more = {"endpoint_url": sandbox.url, "config": Config(user_agent_extra="theirs", proxies={}), "use_ssl": False}
    session.set_source(Source(NAME, "testing", "testing", client=more))

    assert get_caller_identity(HERE).account == ACCOUNT


@pytest.mark.parametrize("source", [Source(NAME, "only-a-key"), Source(NAME, None, "only-a-secret")])
def test_half_a_pair_of_keys_is_an_authentication_error_that_names_the_block(source):
    session.set_source(source)

    with pytest.raises(AuthenticationError, match="Partial credentials") as caught:
        get_caller_identity(HERE)
    assert NAME in caught.value.hint


@pytest.mark.parametrize(
    "source", [Source(NAME, "AKIAUNKNOWN", "hunter2"), Source(NAME, profile="nowhere")], ids=["keys", "profile"]
)
def test_credentials_that_are_refused_are_to_be_corrected_in_the_block(sandbox: Sandbox, source):
    sandbox.control.switch(strict_credentials=True)
    session.set_source(source)

    with pytest.raises(AuthenticationError) as caught:
        get_caller_identity(HERE)
    assert caught.value.exit_code == 10
    assert f"The credentials are those of the {NAME}" in caught.value.hint
    assert "AWS_PROFILE" not in caught.value.hint


def test_a_secret_is_in_no_representation():
    source = Source(NAME, "AKIAUNKNOWN", "hunter2", "a-token", client={"endpoint_url": "http://x"})

    assert not {"AKIAUNKNOWN", "hunter2", "a-token"} & {*repr(source).replace("'", " ").split()}
    assert "hunter2" not in repr(source)
