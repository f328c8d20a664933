"""Recovery points that AWS does not show: a refusal is told as one, and is never taken for absence."""

from contextlib import AbstractContextManager

import pytest

from ec2_backup.aws.restore.points import choose_points
from ec2_backup.errors import AccessError
from ec2_backup.model import Caller
from ec2_backup.restore.model import ChosenPoint, RestoreFailure, RestoreRow
from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.aws.restores import AT, FIRST, chosen_for

SECOND = "i-00000000000000002"
ABSENT = RestoreRow(1, recovery_point_arn="arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0", region="us-east-1")
DENIED = {"code": "AccessDeniedException", "message": "you are not authorized", "status": 403}


@pytest.fixture(scope="module")
def serving() -> AbstractContextManager[Sandbox]:
    """A fleet that has been backed up for some days, into two vaults."""
    return running(speed=300_000, fleet=Fleet.of_size(3), past=True)


def test_a_point_that_no_vault_lets_us_see_is_a_lack_of_access(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.control.fault("backup:DescribeRecoveryPoint", **DENIED)

    with pytest.raises(AccessError, match="backup:DescribeRecoveryPoint") as caught:
        chosen_for(ABSENT, caller)

    assert caught.value.exit_code == 11


def test_where_some_vaults_may_not_be_seen_both_possibilities_are_named(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.control.fault("backup:DescribeRecoveryPoint", times=1, **DENIED)

    failure = chosen_for(ABSENT, caller)

    assert isinstance(failure, RestoreFailure)
    assert "of 2 vaults, and the caller may not look into" in failure.reason
    assert "Allow backup:DescribeRecoveryPoint" in failure.advice
    assert "check the ARN" in failure.advice


def test_a_point_that_is_in_no_vault_is_told_so(caller: Caller) -> None:
    failure = chosen_for(ABSENT, caller)

    assert isinstance(failure, RestoreFailure)
    assert "in any vault that was looked at" in failure.reason


def test_an_instance_whose_points_aws_refuses_to_list_fails_alone(caller: Caller, sandbox: Sandbox) -> None:
    sandbox.control.fault("backup:ListRecoveryPointsByResource", contains=FIRST, **DENIED)
    rows = [RestoreRow(line, one, region="us-east-1") for line, one in ((1, FIRST), (2, SECOND))]

    refused, chosen = choose_points(rows, None, caller, AT)

    assert isinstance(refused, RestoreFailure)
    assert "its recovery points could not be looked for" in refused.reason
    assert isinstance(chosen, ChosenPoint)
