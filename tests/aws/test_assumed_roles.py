"""Calls into another account: through a role, with sessions that are renewed, and refused in plain words."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from ec2_backup import calls
from ec2_backup.aws import ec2, session
from ec2_backup.aws.sts import get_caller_identity
from ec2_backup.errors import AccessError, AwsError
from ec2_backup.model import Target
from sandbox.clock import CLOCK
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.aws.backups import ACCOUNT, HERE, REGION, VAULT, instance_id

PAYMENTS, SEARCH = "210987654321", "333333333333"
EXTERNAL_ID = "agreed-upon-1"
IN_PAYMENTS = Target(REGION, f"arn:aws:iam::{PAYMENTS}:role/EC2BackupAutomation")
IN_SEARCH = Target(REGION, f"arn:aws:iam::{SEARCH}:role/EC2BackupAutomation")
ASSUMED = f"arn:aws:sts::{PAYMENTS}:assumed-role/EC2BackupAutomation/ec2-backup-automation"


@pytest.fixture(scope="module")
def fleet() -> Fleet:
    fleet = Fleet((instance_id(1),), external_ids={SEARCH: EXTERNAL_ID})
    return fleet.in_account(PAYMENTS, instance_id(2)).in_account(SEARCH, instance_id(3))


@pytest.fixture(autouse=True)
def anew(calm: None) -> Iterator[None]:  # noqa: ARG001 - after it
    """No test goes on with a session of another one."""
    session.forget_clients()
    yield
    session.set_external_ids({})
    session.forget_clients()


def assumed_since(earlier: dict[str, int]) -> int:
    return calls.since(earlier).get("sts:AssumeRole", 0)


def test_a_role_makes_the_caller_one_of_its_account() -> None:
    caller = get_caller_identity(IN_PAYMENTS)

    assert (caller.account, caller.arn, caller.target) == (PAYMENTS, ASSUMED, IN_PAYMENTS)
    assert get_caller_identity(HERE).account == ACCOUNT


def test_a_role_is_entered_in_the_next_region_where_the_first_one_does_not_answer() -> None:
    with pytest.raises(AwsError):
        get_caller_identity(Target("xx-nowhere-1", IN_PAYMENTS.role_arn))

    assert get_caller_identity(IN_PAYMENTS).account == PAYMENTS


def test_each_account_shows_its_own_instances() -> None:
    ids = [instance_id(number) for number in (1, 2, 3)]
    caller = get_caller_identity(IN_PAYMENTS)

    (there,) = ec2.describe_instances(ids, caller, IN_PAYMENTS)

    assert there.instance_id == ids[1]
    assert there.target == IN_PAYMENTS
    assert there.arn == f"arn:aws:ec2:{REGION}:{PAYMENTS}:instance/{ids[1]}"


def test_one_session_serves_all_threads_services_and_regions() -> None:
    earlier = dict(calls.made())
    targets = [IN_PAYMENTS, Target("eu-west-1", IN_PAYMENTS.role_arn)] * 8

    with ThreadPoolExecutor(16) as pool:
        callers = list(pool.map(get_caller_identity, targets))
    session.call("backup", "list_backup_vaults", IN_PAYMENTS, key="BackupVaultList")

    assert {caller.account for caller in callers} == {PAYMENTS}
    assert assumed_since(earlier) == 1


def test_a_session_that_is_over_for_aws_is_renewed_in_the_midst_of_the_calls() -> None:
    get_caller_identity(IN_PAYMENTS)
    earlier = dict(calls.made())
    for _ in range(3):
        CLOCK.advance(3601)

        vaults = session.call("backup", "list_backup_vaults", IN_PAYMENTS, key="BackupVaultList")["BackupVaultList"]
        pages = list(session.pages("ec2", "describe_instances", IN_PAYMENTS, key="Reservations"))

        assert [vault["BackupVaultName"] for vault in vaults] == [VAULT]
        assert sum(len(page["Reservations"]) for page in pages) == 1

    assert assumed_since(earlier) == 3


def test_a_role_with_an_external_id_is_entered_with_it() -> None:
    session.set_external_ids({IN_SEARCH.role_arn: EXTERNAL_ID})

    assert get_caller_identity(IN_SEARCH).account == SEARCH


@pytest.mark.parametrize("said", [{}, {IN_SEARCH.role_arn: "a-guess"}])
def test_without_the_right_external_id_a_role_refuses(said: dict[str, str]) -> None:
    session.set_external_ids(said)

    with pytest.raises(AccessError) as refused:
        get_caller_identity(IN_SEARCH)

    assert refused.value.exit_code == 11
    assert f"account {SEARCH} cannot be entered through {IN_SEARCH.role_arn}" in refused.value.message
    assert "is not authorized to perform: sts:AssumeRole" in refused.value.message
    assert all(word in refused.value.hint for word in ("trust policy", "external id", SEARCH))
    assert "a-guess" not in refused.value.message + refused.value.hint


def test_a_role_that_is_not_there_is_refused_like_one_that_does_not_trust() -> None:
    with pytest.raises(AccessError, match="cannot be entered through"):
        get_caller_identity(Target(REGION, f"arn:aws:iam::{PAYMENTS}:role/Nobody"))


def test_a_refusal_prints_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(AccessError):
        get_caller_identity(IN_SEARCH)

    assert "Traceback" not in "".join(capfd.readouterr())


def test_an_error_in_another_account_says_which(sandbox: Sandbox) -> None:
    get_caller_identity(IN_PAYMENTS)
    sandbox.control.fault(
        "backup:ListBackupVaults", "error", times=1, status=400, code="InvalidParameterValueException"
    )

    with pytest.raises(AwsError, match=f"backup:ListBackupVaults in {REGION} of account {PAYMENTS}: "):
        session.call("backup", "list_backup_vaults", IN_PAYMENTS, key="BackupVaultList")


def test_calls_are_counted_by_account_and_region() -> None:
    get_caller_identity(HERE)
    earlier = calls.made_by_place()

    get_caller_identity(IN_PAYMENTS)

    assert calls.since_by_place(earlier) == {("", REGION): 1, (PAYMENTS, REGION): 1}
