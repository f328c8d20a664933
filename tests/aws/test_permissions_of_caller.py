"""Step 3: what the caller may do is simulated before anything is started."""

import json

import pytest

from ec2_backup import calls
from ec2_backup.aws.iam import check_permissions, get_role
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AccessError, AuthenticationError
from ec2_backup.model import Caller, Target
from ec2_backup.permissions import to_vault_arn
from ec2_backup.settings import BackupOptions
from tests.aws.backups import ACCOUNT, CALLER, HERE, ROLE, VAULT, client

VAULTS = [to_vault_arn(VAULT, CALLER, HERE)]
SIMULATING = {"Effect": "Allow", "Action": ["iam:SimulatePrincipalPolicy", "iam:Get*", "iam:List*"], "Resource": "*"}
ALL_BUT_PASSING = {"Effect": "Allow", "NotAction": "iam:PassRole", "Resource": "*"}


@pytest.fixture
def user(env, request):
    """Make an IAM user of this test with statements, and become that user."""

    def become(*statements: dict[str, object]) -> Caller:
        iam = client("iam")
        name = f"user-{abs(hash(request.node.name)) % 10**8}"
        iam.create_user(UserName=name)
        document = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=document)
        key = iam.create_access_key(UserName=name)["AccessKey"]
        env.setenv("AWS_ACCESS_KEY_ID", key["AccessKeyId"])
        env.setenv("AWS_SECRET_ACCESS_KEY", key["SecretAccessKey"])
        return get_caller_identity(HERE)

    return become


def test_the_operator_may_do_all_that_a_run_needs():
    check = check_permissions(CALLER, get_role(ROLE, HERE), VAULTS, HERE)

    assert (check.denied, check.missed, check.unchecked) == ((), (), None)
    assert "backup:StartBackupJob" in check.allowed
    assert "iam:PassRole" in check.allowed


def test_all_actions_on_the_same_resources_are_simulated_in_one_call():
    role = get_role(ROLE, HERE)
    earlier = calls.made()

    check_permissions(CALLER, role, VAULTS, HERE)

    assert calls.since(earlier)["iam:SimulatePrincipalPolicy"] == 3  # on everything, on the vaults, on the role


def test_a_user_who_may_not_pass_the_role_is_told_before_the_first_job(user):
    caller = user(ALL_BUT_PASSING)

    with pytest.raises(AccessError, match=r"is not allowed iam:PassRole$") as caught:
        check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE)
    assert caught.value.exit_code == 11
    assert caller.arn in str(caught.value)


def test_what_a_run_can_do_without_is_missed_and_not_denied(user):
    deny = {"Effect": "Deny", "Action": ["cloudwatch:*", "cloudtrail:*"], "Resource": "*"}
    caller = user({"Effect": "Allow", "Action": "*", "Resource": "*"}, deny)

    check = check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE)

    assert set(check.missed) == {"cloudwatch:PutMetricData", "cloudtrail:LookupEvents"}


def test_another_vault_than_the_one_that_is_allowed_is_denied(user):
    elsewhere = {"Effect": "Deny", "Action": "backup:StartBackupJob", "NotResource": "arn:aws:backup:*:*:*:Other"}
    caller = user({"Effect": "Allow", "Action": "*", "Resource": "*"}, elsewhere)

    with pytest.raises(AccessError, match="backup:StartBackupJob"):
        check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE)


def test_a_caller_who_may_not_simulate_is_told_so_and_the_run_goes_on(user):
    caller = user(ALL_BUT_PASSING | {"NotAction": "iam:SimulatePrincipalPolicy"})

    check = check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE)

    assert check.allowed == ()
    assert check.unchecked
    assert "AccessDenied" in check.unchecked


def test_a_condition_that_simulation_cannot_judge_is_doubtful_and_the_run_goes_on(user):
    from_home = {"Condition": {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}}
    caller = user(
        SIMULATING,
        {"Effect": "Allow", "NotAction": "backup:*", "Resource": "*"},
        {"Effect": "Allow", "Action": "backup:*", "Resource": "*"} | from_home,
    )

    check = check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE)

    assert check.denied == ()
    assert check.unchecked
    assert "backup:StartBackupJob" in check.unchecked


def test_the_root_of_an_account_cannot_be_simulated_and_goes_on_unchecked():
    check = check_permissions(Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:root"), get_role(ROLE, HERE), VAULTS, HERE)

    assert check.unchecked
    assert "InvalidInput" in check.unchecked


def test_an_expired_session_is_not_mistaken_for_a_simulation_that_is_not_allowed(sandbox):
    role = get_role(ROLE, HERE)
    sandbox.control.fault(operation="iam:SimulatePrincipalPolicy", kind="expired")

    with pytest.raises(AuthenticationError):
        check_permissions(CALLER, role, VAULTS, Target(HERE.region))


def test_a_topic_and_a_bucket_that_the_callers_policies_do_not_allow_are_missed_and_no_reason_to_end(user):
    topic = f"arn:aws:sns:{HERE.region}:{ACCOUNT}:ops"
    options = BackupOptions(notify_topic=topic, report_to="s3://reports/nightly")
    denied = {"Effect": "Allow", "NotAction": ["sns:*", "s3:*"], "Resource": "*"}
    allowed = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::reports/nightly/*"}
    caller = user(denied, allowed)

    check = check_permissions(caller, get_role(ROLE, HERE), VAULTS, HERE, options)

    assert check.missed == ("sns:Publish",)
    assert "s3:PutObject" in check.allowed
