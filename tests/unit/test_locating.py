"""Where an instance is looked for, and what is said of one that is nowhere."""

import pytest

from ec2_backup.errors import AccessError
from ec2_backup.locating import to_candidates, to_regions, to_unfound
from ec2_backup.model import Caller, InventoryRow, Target
from ec2_backup.target import Account
from tests.unit.backups import instance_id

OWN, OTHER = "123456789012", "210987654321"
CALLER = Caller(OWN, f"arn:aws:iam::{OWN}:user/ops")
ROLE = f"arn:aws:iam::{OTHER}:role/Backups"
EU, US, ASIA = "eu-west-1", "us-east-1", "ap-south-1"
LISTED = {OTHER: Account(OTHER, "Backups", regions=(EU, ASIA))}


def row(region: str | None = None, account: str | None = None) -> InventoryRow:
    return InventoryRow(2, instance_id(1), region, account=account)


def places(one: InventoryRow, accounts: dict[str, Account] | None = None, regions: tuple[str, ...] = (EU, US)):
    found = to_candidates(one, CALLER, "EC2BackupAutomation", LISTED if accounts is None else accounts, regions)
    return [(place.account, place.region, place.role_arn) for place in found]


def test_a_row_that_says_its_place_is_looked_for_nowhere_else():
    assert places(row(US, OWN)) == [(OWN, US, None)]
    assert places(row(US), accounts={}) == [(None, US, None)]


def test_without_a_region_it_is_looked_for_in_those_that_the_list_has_for_its_account():
    assert places(row(account=OTHER)) == [(OTHER, EU, ROLE), (OTHER, ASIA, ROLE)]
    assert places(row(account=OWN)) == [(OWN, EU, None), (OWN, US, None)]


def test_without_an_account_it_is_looked_for_in_the_callers_and_in_all_of_the_list():
    assert places(row(US)) == [(OWN, US, None), (OTHER, US, ROLE)]


def test_without_both_it_is_looked_for_everywhere():
    assert places(row()) == [(OWN, EU, None), (OWN, US, None), (OTHER, EU, ROLE), (OTHER, ASIA, ROLE)]


@pytest.mark.parametrize(("default", "regions"), [(None, [ASIA, EU, US]), ("sa-east-1", [ASIA, EU, "sa-east-1", US])])
def test_the_regions_are_all_that_anybody_speaks_of(default: str | None, regions: list[str]):
    assert to_regions([row(US), row()], LISTED, default) == regions


def test_what_is_nowhere_says_where_was_looked():
    candidates = to_candidates(row(), CALLER, "R", LISTED, (US,))

    (failure,) = to_unfound([row()], {instance_id(1): candidates}, {})

    assert (failure.step, failure.instance_id) == (4, instance_id(1))
    assert failure.reason == (
        f"it was not found in {US}, {ASIA} of account {OTHER} and {EU} of account {OTHER} (line 2 of the CSV)"
    )


def test_what_may_be_in_an_account_that_refused_says_so():
    candidates = to_candidates(row(US), CALLER, "R", LISTED, ())
    refused = {Target(US, ROLE): AccessError("sts:AssumeRole", "AccessDenied", "not authorized", hint="Look.")}

    (failure,) = to_unfound([row(US)], {instance_id(1): candidates}, refused)

    assert failure.reason.endswith(
        f"not found in {US} (line 2 of the CSV); could not be searched: {US} of account {OTHER}"
    )
    assert failure.advice == "sts:AssumeRole: AccessDenied: not authorized. Look."
