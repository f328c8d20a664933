"""A look at the coverage of several accounts and Regions: what cannot be looked at costs only itself."""

import pytest

from ec2_backup.settings import DEFAULT_ACCOUNT_ROLE
from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.looking import report_of, standings

ELSEWHERE, PAYMENTS = "i-0123456789abcdef0", "210987654321"


@pytest.fixture
def fleet() -> Fleet:
    return Fleet((GOOD, OTHER)).in_account(PAYMENTS, ELSEWHERE)


def test_of_several_accounts_one_that_refuses_costs_only_itself(door: FrontDoor, aws: Sandbox) -> None:
    listed = f"account,role,regions\n{aws.account},,\n{PAYMENTS},{DEFAULT_ACCOUNT_ROLE},\n345678901234,Nobody,\n"
    (door.folder / "accounts.csv").write_text(listed)

    ended = door.run("coverage", "--accounts", "accounts.csv", "--region", aws.region)

    assert ended.code == 3, ended.output
    report = report_of(ended)
    assert {(one["instance"]["instance_id"], one["account"]) for one in report["coverages"]} == {
        (GOOD, aws.account),
        (OTHER, aws.account),
        (ELSEWHERE, PAYMENTS),
    }
    assert [one["account"] for one in report["closed"]] == ["345678901234"]
    assert "1 place could not be looked at" in ended.output


def test_a_region_that_is_not_enabled_costs_only_itself(door: FrontDoor, aws: Sandbox) -> None:
    said = "AWS was not able to validate the provided access credentials"
    aws.control.fault("DescribeInstances", code="AuthFailure", message=said, times=1)

    ended = door.run("coverage", "--region", f"{aws.region},ap-east-1")

    assert ended.code == 3, ended.output
    (closed,) = report_of(ended)["closed"]
    assert closed["region"] in {aws.region, "ap-east-1"}
    assert said in closed["message"]
    assert "is the Region enabled in the account?" in ended.output


def test_a_region_that_does_not_exist_costs_only_itself_also_as_the_first_one(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("coverage", "--region", f"xx-nowhere-1,{aws.region}")

    assert ended.code == 3, ended.output
    report = report_of(ended)
    assert [one["region"] for one in report["closed"]] == ["xx-nowhere-1"]
    assert {one["instance"]["instance_id"] for one in report["coverages"]} == {GOOD, OTHER}
    assert standings(ended) == {"unknown": 2}


def test_a_region_that_breaks_in_a_way_nobody_foresaw_costs_only_itself(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.fault("DescribeImages", code="ItIsRainingHere", message="An answer that is in no list.", times=1)

    ended = door.run("coverage", "--region", f"{aws.region},ap-east-1")

    assert ended.code == 3, ended.output
    (closed,) = report_of(ended)["closed"]
    assert "An answer that is in no list." in closed["message"]


def test_a_selection_that_nothing_fits_is_refused_as_for_a_backup_and_leaves_a_report(door: FrontDoor) -> None:
    ended = door.run("coverage", "--select", "tag:Name=nope")

    assert ended.code == 2, ended.output
    assert "no instance in us-east-1 fits tag:Name=nope" in ended.output
    assert "✅  " not in ended.output.rstrip().splitlines()[-1]
    report = report_of(ended)
    assert (report["status"], report["error"]["kind"]) == ("aborted", "UsageError")


def test_where_a_selection_fits_nothing_that_could_be_looked_at_the_look_goes_on(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("coverage", "--select", "tag:Name=nope", "--region", f"{aws.region},xx-nowhere-1")

    assert ended.code == 3, ended.output
    assert "1 place could not be looked at" in ended.output


def test_a_region_without_any_instance_is_a_warning_and_no_error(door: FrontDoor) -> None:
    ended = door.run("coverage", "--region", "ap-east-1")

    assert ended.code == 0, ended.output
    assert "⚠   No instance was found, so nothing is covered" in ended.output


def test_accounts_are_entered_in_the_next_region_where_the_first_one_does_not_exist(
    door: FrontDoor, aws: Sandbox
) -> None:
    (door.folder / "accounts.csv").write_text(f"account,role,regions\n{PAYMENTS},{DEFAULT_ACCOUNT_ROLE},\n")

    ended = door.run("coverage", "--accounts", "accounts.csv", "--region", f"aa-nowhere-1,{aws.region}")

    assert ended.code == 3, ended.output
    report = report_of(ended)
    assert [one["region"] for one in report["closed"]] == ["aa-nowhere-1"]
    assert [one["instance"]["instance_id"] for one in report["coverages"]] == [ELSEWHERE]
