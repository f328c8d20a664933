"""Instances of which the list gives the id alone are found in the accounts and Regions that are listed."""

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor

PAYMENTS, SEARCH = "210987654321", "333333333333"
EU, US = "eu-west-1", "us-east-1"
PAID, SOUGHT, NOWHERE = "i-0aaaaaaaaaaaaaaa2", "i-0bbbbbbbbbbbbbbb2", "i-0ccccccccccccccc2"


@pytest.fixture
def fleet() -> Fleet:
    fleet = Fleet((GOOD,), external_ids={SEARCH: "agreed-upon-1"}).add(OTHER, region=EU)
    return fleet.in_account(PAYMENTS, PAID, region=EU).in_account(SEARCH, SOUGHT, region=US)


def test_ids_alone_are_located_and_backed_up_where_they_are(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER, PAID, SOUGHT, NOWHERE)
    (door.folder / "accounts.csv").write_text(
        f"account,external_id,regions\n{PAYMENTS},,{US} {EU}\n{SEARCH},agreed-upon-1,{US}\n"
    )
    aws.control.clear_calls()

    ended = door.run("--accounts", "accounts.csv", "--locate")

    assert ended.code == 3, ended.output
    assert "4 of 5 instances located" in ended.output
    assert {(job["instance"], job["account"], job["region"]) for job in aws.control.jobs()} == {
        (GOOD, aws.account, US),
        (OTHER, aws.account, EU),
        (PAID, PAYMENTS, EU),
        (SOUGHT, SEARCH, US),
    }
    failure = ended.outcome_of(NOWHERE)["failure"]
    assert failure["step"] == 4
    assert f"not found in {EU}, {US}, {EU} of account {PAYMENTS}" in failure["reason"]
    assert aws.control.calls()["ec2:DescribeInstances"]["accepted"] == 5 + 4


def test_without_a_list_ids_are_located_in_the_regions_that_other_rows_name(door: FrontDoor, aws: Sandbox) -> None:
    (door.folder / "ec2_instances.csv").write_text(f"id,region\n{GOOD},{US}\n{OTHER},\n{GOOD[:-1]}1,{EU}\n")

    ended = door.run("--locate", "--dry-run")

    assert ended.code == 3, ended.output
    assert ended.outcome_of(OTHER)["region"] == EU
    assert ended.outcome_of(OTHER)["verdict"] == "planned"
    assert aws.control.jobs() == []


def test_where_nothing_is_found_nothing_is_started(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(NOWHERE)
    (door.folder / "accounts.csv").write_text(f"account\n{PAYMENTS}\n444444444444\n")

    ended = door.run("--locate", "--accounts", "accounts.csv")

    assert ended.code == 3, ended.output
    failure = ended.outcome_of(NOWHERE)["failure"]
    assert f"not found in {US} and {US} of account {PAYMENTS}" in failure["reason"]
    assert f"could not be searched: {US} of account 444444444444" in failure["reason"]
    assert "trust policy" in failure["advice"]
    assert aws.control.jobs() == []
