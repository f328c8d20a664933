"""What a restore drill has made is not held against the objective."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ec2_backup.coverage.document import to_document
from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.model import LeftOut, SeenInstance
from ec2_backup.coverage.page import to_html
from ec2_backup.coverage.report import CoverageReport
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.model import Target
from ec2_backup.settlement import Calls
from tests.unit.coverages import ACCOUNT, NOW, REGION, a_survey, kept, mixed, seen

HERE, DRILL = Target(REGION), "20261123T020000Z-0a1b2c3d"
MADE = {"DrillRunId": DRILL, "RestoreRunId": DRILL}


def a_drills(number: int = 7) -> SeenInstance:
    return seen(number, tags=MADE)


def settled(survey: Survey) -> CoverageReport:
    return settle(survey, NOW + timedelta(seconds=1), Calls({}, 0))


def test_an_instance_that_a_drill_has_made_is_left_out_and_told_of():
    survey, one = a_survey(), a_drills()
    survey.keep_instances(HERE, [seen(1), one])
    survey.keep_vaults(HERE, [], [])

    report = settled(survey)

    assert [coverage.instance.instance_id for coverage in report.to_back_up] == [seen(1).instance.instance_id]
    assert report.left_out == (LeftOut(one.instance.instance_id, ACCOUNT, REGION, DRILL),)


@pytest.mark.parametrize(
    "tags", [{"DrillRunId": DRILL}, {"RestoreRunId": DRILL}, {**MADE, "RestoreRunId": "another"}, {"DrillRunId": ""}]
)
def test_an_instance_that_no_drill_or_another_run_has_made_is_looked_at(tags):
    survey = a_survey()
    survey.keep_instances(HERE, [seen(1, tags=tags)])

    assert len(settled(survey).coverages) == 1


def test_a_recovery_point_of_a_drills_own_instance_is_not_one_of_an_instance_that_is_gone():
    survey, one = a_survey(), a_drills()
    survey.keep_instances(HERE, [one])
    survey.keep_vaults(HERE, [], [kept(one, 5)])

    assert settled(survey).leftovers == ()


def test_every_form_of_the_report_says_what_was_left_out_and_names_some():
    made = tuple(LeftOut(f"i-{number:017x}", ACCOUNT, REGION, DRILL) for number in range(1, 13))
    report = mixed(left_out=made)

    said = dict(figures(report))["Left out"]
    assert said.startswith("12 instances of restore drills: i-00000000000000001, ")
    assert said.endswith("i-0000000000000000a and 2 more in the JSON report")
    assert "12 instances of restore drills" in to_html(report)
    document = to_document(report)
    assert document["statistics"]["left_out"] == 12
    assert document["left_out"][-1] == {
        "instance_id": made[-1].instance_id, "account": ACCOUNT, "region": REGION, "drill_key": DRILL,
    }  # fmt: skip
    assert "Left out" not in dict(figures(replace(report, left_out=())))
