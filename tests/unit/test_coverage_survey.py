"""What a look at the coverage makes of all it has seen: the verdict, what is left over, and what was not looked at."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ec2_backup.coverage.ages import to_ages
from ec2_backup.coverage.model import SeenVault, Standing, Why
from ec2_backup.coverage.places import to_places
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.coverage.request import CoverageRequest
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.errors import AccessError, UsageError
from ec2_backup.model import Caller, Target
from ec2_backup.settlement import Calls
from ec2_backup.target import Account
from tests.unit.coverages import ACCOUNT, NOW, REGION, a_survey, kept, looked, mixed, seen

HERE = Target(REGION)
DENIED = AccessError("backup:ListBackupVaults", "AccessDenied", "no", hint="Allow it.")


def settled(survey: Survey, error: BaseException | None = None) -> CoverageReport:
    return settle(survey, NOW + timedelta(seconds=1), Calls({}, 0), error)


def covered(**asked: object) -> Survey:
    """Return a survey of one instance that is covered."""
    survey, one = a_survey(**asked), seen()
    point = kept(one, 5)
    survey.keep_instances(HERE, [one])
    survey.keep_vaults(HERE, [SeenVault("EC2-Backup", ACCOUNT, REGION, 1)], [point])
    survey.keep_looked([looked(point, one)])
    return survey


def test_the_objective_is_met_when_every_instance_is_covered():
    report = settled(covered())

    assert (report.status, report.exit_code, report.covered, report.missed) == (CoverageStatus.MET, 0, 1, ())


def test_one_instance_that_is_not_covered_misses_the_objective():
    survey = covered()
    survey.keep_instances(HERE, [seen(2)])

    report = settled(survey)

    assert (report.status, report.exit_code, report.covered) == (CoverageStatus.MISSED, 3, 1)


def test_a_place_that_was_not_looked_at_misses_the_objective_though_all_that_was_seen_is_covered():
    survey = covered()
    other = Target("eu-west-1")
    survey.places[other] = (ACCOUNT, "eu-west-1")
    survey.close(other, DENIED)

    report = settled(survey)

    assert report.exit_code == 3
    assert [(one.region, one.hint) for one in report.closed] == [("eu-west-1", "Allow it.")]


def test_instances_whose_vaults_may_not_be_listed_are_unknown():
    survey = a_survey()
    survey.keep_instances(HERE, [seen()])
    survey.close(HERE, DENIED)

    (one,) = settled(survey).coverages

    assert one.standing is Standing.UNKNOWN
    assert DENIED.message in one.reason


def test_what_is_left_over_is_told_by_its_kind_and_what_is_not_by_none():
    survey = covered()
    one, gone, elsewhere = seen(), seen(9), seen(8)
    far = replace(kept(elsewhere, 8), resource_arn=f"arn:aws:ec2:us-east-1:210987654321:instance/{'i-' + '8' * 17}")
    points = [kept(one, 900, status="EXPIRED"), kept(one, 6, status="PARTIAL"), kept(one, 1, status="CREATING")]
    survey.keep_vaults(HERE, [], [*points, kept(gone, 7), far])

    assert {(one.why, one.kept.point.status, one.kept.instance_id) for one in settled(survey).leftovers} == {
        (Why.EXPIRED, "EXPIRED", one.instance.instance_id),
        (Why.UNFINISHED, "PARTIAL", one.instance.instance_id),
        (Why.ORPHANED, "COMPLETED", gone.instance.instance_id),
    }


def test_no_instance_is_called_gone_where_only_some_were_looked_at():
    survey = covered(select="tag:Backup=true")
    survey.keep_vaults(HERE, [], [kept(seen(9), 7)])

    assert settled(survey).leftovers == ()


def test_the_worst_comes_first_and_of_the_late_the_oldest():
    report = mixed()
    standings = [one.standing for one in report.coverages]

    assert standings == sorted(standings, key=list(Standing).index)
    assert set(standings) == {*Standing} - {Standing.UNKNOWN}
    assert sum(report.standings.values()) == len(report.coverages) == 6


def test_every_instance_is_in_one_group_of_ages():
    report = mixed()
    ages = to_ages(report)

    assert sum(group.count for group in ages) == len(report.coverages)
    assert [group.label for group in ages][:3] == ["up to 6 h", "up to 12 h", "up to 24 h"]
    assert [group.in_time for group in ages] == [True, True, True, False, False, False, False]


ME = Caller(ACCOUNT, f"arn:aws:iam::{ACCOUNT}:user/ops")
OTHER = Account("210987654321", "Reader", regions=("eu-west-1", "us-east-1"))


def test_without_a_list_the_callers_own_account_is_looked_at_without_any_role():
    rows = to_places(ME, {}, ["eu-central-1", "eu-west-1"], "Role")

    assert [(row.account, row.region, row.role_arn) for row in rows] == [
        (ACCOUNT, "eu-central-1", None),
        (ACCOUNT, "eu-west-1", None),
    ]


def test_with_a_list_its_accounts_are_looked_at_each_in_its_own_regions_or_else_in_those_asked_for():
    listed = {one.account: one for one in (OTHER, Account("345678901234"), Account(ACCOUNT))}

    rows = to_places(ME, listed, ["eu-central-1"], "Role")

    assert [(row.region, row.role_arn) for row in rows] == [
        ("eu-west-1", "arn:aws:iam::210987654321:role/Reader"),
        ("us-east-1", "arn:aws:iam::210987654321:role/Reader"),
        ("eu-central-1", "arn:aws:iam::345678901234:role/Role"),
        ("eu-central-1", None),
    ]


def test_an_account_without_any_region_is_an_error_that_says_what_to_do():
    with pytest.raises(UsageError, match="account 345678901234") as caught:
        to_places(ME, {"345678901234": Account("345678901234")}, [], "Role")

    assert "--region" in caught.value.hint


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"rpo": "soon"}, "is not a period"),
        ({"expiring": "0d"}, "is not a period"),
        ({"regions": ("mars",)}, "match pattern"),
        ({"select": "tag:Backup=true and"}, "a term is missing"),
    ],
)
def test_what_cannot_be_meant_is_refused_when_it_is_asked(asked, said):
    with pytest.raises(ValueError, match=said):
        CoverageRequest(**asked)


def test_an_exclusion_alone_is_of_all_instances_that_are_not_terminated():
    selection = CoverageRequest(select="except tag:Env=dev").selection

    assert [term.name for group in selection.groups for term in group] == ["instance-state-name"]
    assert [term.name for group in selection.excluded for term in group] == ["tag:Env"]
