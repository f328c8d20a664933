"""Step 7: the role that AWS Backup assumes, found by its name under whatever path."""

import json

import pytest

from ec2_backup.aws.backup import start_backup_jobs
from ec2_backup.aws.iam import get_role
from ec2_backup.errors import AccessError, AwsError
from tests.aws.backups import ACCOUNT, BACKUP_TRUST, HERE, ROLE, client, instance_id, planned

POLICY = "arn:aws:iam::aws:policy/service-role/AWSBackupServiceRolePolicyForBackup"


@pytest.fixture
def iam():
    return client("iam")


def make(iam, name: str, trust: object, path: str = "/", *, policy: str | None = POLICY) -> None:
    iam.create_role(RoleName=name, Path=path, AssumeRolePolicyDocument=json.dumps(trust))
    if policy:
        iam.attach_role_policy(RoleName=name, PolicyArn=policy)


def trusting(**statement: object) -> dict[str, object]:
    base = BACKUP_TRUST["Statement"]
    assert isinstance(base, dict)
    return {"Version": "2012-10-17", "Statement": [base | statement]}


def test_the_default_role_of_the_console_is_found_under_its_path():
    role = get_role(ROLE, HERE)

    assert role.arn == f"arn:aws:iam::{ACCOUNT}:role/service-role/{ROLE}"
    assert role.warnings == ()


def test_a_role_at_the_root_is_found_by_the_same_name(iam):
    make(iam, "AtRoot", BACKUP_TRUST)

    assert get_role("AtRoot", HERE).arn == f"arn:aws:iam::{ACCOUNT}:role/AtRoot"


def test_an_absent_role_is_an_access_error_that_tells_how_to_make_it():
    with pytest.raises(AccessError, match="NoSuchEntity") as caught:
        get_role("Nobody", HERE)

    assert caught.value.exit_code == 11
    assert "The role Nobody does not exist" in caught.value.hint
    assert "backup.amazonaws.com" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "trust"),
    [
        ("ForEc2", trusting(Principal={"Service": "ec2.amazonaws.com"})),
        ("ForPeople", trusting(Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})),
        ("Denying", trusting(Effect="Deny")),
        ("Tagging", trusting(Action="sts:TagSession")),
        ("Federated", trusting(Principal={"Federated": "cognito-identity.amazonaws.com"})),
    ],
)
def test_a_role_that_does_not_let_aws_backup_assume_it_is_an_access_error(iam, name, trust):
    make(iam, name, trust)

    with pytest.raises(AccessError, match=r"does not let backup\.amazonaws\.com assume it") as caught:
        get_role(name, HERE)
    assert caught.value.code == "NotTrusted"
    assert "trust policy" in caught.value.hint


@pytest.mark.parametrize(
    ("name", "trust"),
    [
        ("Several", trusting(Principal={"Service": ["ec2.amazonaws.com", "backup.amazonaws.com"]})),
        ("Actions", trusting(Action=["sts:AssumeRole", "sts:TagSession"])),
        ("Everybody", trusting(Principal="*")),
        ("AnyAction", trusting(Action="sts:*")),
        ("InSmallLetters", trusting(Action="sts:assumerole")),
    ],
)
def test_trust_is_recognised_however_it_is_written(iam, name, trust):
    make(iam, name, trust)

    assert get_role(name, HERE).name == name


def test_a_role_without_the_policy_for_backups_is_a_warning_since_others_may_allow_the_same(iam):
    make(iam, "Bare", BACKUP_TRUST, policy=None)

    (warning,) = get_role("Bare", HERE).warnings

    assert "Bare has no AWSBackupServiceRolePolicyForBackup attached" in warning


def test_policies_that_may_not_be_listed_are_a_warning(sandbox):
    sandbox.control.fault(operation="iam:ListAttachedRolePolicies", code="AccessDenied", message="not authorized")

    (warning,) = get_role(ROLE, HERE).warnings

    assert "was not checked" in warning


def test_a_role_that_may_not_be_looked_at_is_an_access_error_in_the_words_of_aws(sandbox):
    sandbox.control.fault(operation="iam:GetRole", code="AccessDenied", message="is not authorized to perform: iam:G")

    with pytest.raises(AccessError, match="is not authorized to perform") as caught:
        get_role(ROLE, HERE)
    assert "IAM policy" in caught.value.hint


def test_an_answer_without_a_role_is_a_failed_call(sandbox):
    sandbox.control.fault(operation="iam:GetRole", kind="truncate")

    with pytest.raises(AwsError) as caught:
        get_role(ROLE, HERE)
    assert caught.value.code == "UnreadableAnswer"
    assert caught.value.retryable


def test_a_freshly_made_role_may_be_refused_for_a_while_and_the_start_repeated(sandbox, iam):
    make(iam, "Fresh", BACKUP_TRUST)
    sandbox.control.switch(propagation_seconds=300_000 * 3600)
    plans = planned(instance_id(1), run_key="fresh", role="Fresh")

    with pytest.raises(AccessError, match="cannot be assumed by AWS Backup") as caught:
        start_backup_jobs(plans)
    assert caught.value.retryable

    sandbox.control.advance(2 * 3600)
    assert len(start_backup_jobs(plans)) == 1
