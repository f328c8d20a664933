"""A look at the coverage that ends early: what it had not read is not known, and it asks nobody to back anything up."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from ec2_backup import stop
from ec2_backup.coverage.ages import to_ages
from ec2_backup.coverage.command import to_next_command
from ec2_backup.coverage.figures import figures
from ec2_backup.coverage.model import Standing
from ec2_backup.coverage.publication import write_coverage
from ec2_backup.coverage.report import CoverageReport, CoverageStatus
from ec2_backup.coverage.survey import Survey, settle
from ec2_backup.coverage.words import headline
from ec2_backup.errors import AccessError, AuthenticationError, Interrupted
from ec2_backup.model import Target
from ec2_backup.settlement import Calls
from tests.unit.coverages import ACCOUNT, NOW, REGION, a_survey, kept, mixed, seen

HERE = Target(REGION)
DENIED = AccessError("backup:ListBackupVaults", "AccessDenied", "no", hint="Allow it.")


def settled(survey: Survey, error: BaseException) -> CoverageReport:
    return settle(survey, NOW + timedelta(seconds=1), Calls({}, 0), error)


def test_what_was_not_read_before_a_look_ended_is_not_known_and_nothing_is_to_be_backed_up_for_it():
    survey = a_survey()
    survey.keep_instances(HERE, [seen()])

    report = settled(survey, KeyboardInterrupt())

    (one,) = report.coverages
    assert one.standing is Standing.UNKNOWN
    assert f"the vaults of account {ACCOUNT}, {REGION} were not read before the look ended" in one.reason
    assert report.to_back_up == ()


def test_recovery_points_that_were_not_looked_into_before_a_look_ended_leave_the_instance_unknown():
    survey, one = a_survey(), seen()
    survey.keep_instances(HERE, [one])
    survey.keep_vaults(HERE, [], [kept(one, 5)])

    (found,) = settled(survey, KeyboardInterrupt()).coverages

    assert found.standing is Standing.UNKNOWN
    assert found.reason == "its recovery points could not be looked into: the look ended before that"


@pytest.mark.parametrize(
    "error", [KeyboardInterrupt(), Interrupted("told to stop", hint=stop.HINT), RuntimeError("a fault")]
)
def test_a_look_that_ended_says_that_nothing_was_started_and_names_no_jobs_that_go_on(error):
    said = settled(a_survey(), error).error

    assert said
    assert "Nothing was started" in said.hint
    assert "resume" not in said.hint
    assert "go on" not in said.hint


def test_what_to_do_about_a_refusal_stays_as_it_is():
    said = settled(a_survey(), DENIED).error

    assert said
    assert said.hint == DENIED.hint


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (AuthenticationError("sts:GetCallerIdentity", "ExpiredToken", "old"), CoverageStatus.ABORTED, 10),
        (DENIED, CoverageStatus.ABORTED, 11),
        (RuntimeError("a fault"), CoverageStatus.ABORTED, 1),
        (Interrupted("told to stop"), CoverageStatus.INTERRUPTED, 130),
        (KeyboardInterrupt(), CoverageStatus.INTERRUPTED, 130),
    ],
)
def test_a_look_that_ends_early_has_a_report_with_its_exit_code(error, status, code):
    report = settled(a_survey(), error)

    assert (report.status, report.exit_code) == (status, code)
    assert report.error
    assert report.leftovers == ()


def test_a_look_that_ended_early_claims_no_rate_and_names_no_list_to_back_up(tmp_path: Path):
    ended = mixed(status=CoverageStatus.INTERRUPTED, exit_code=130, files={"log": str(tmp_path / "x.log")})

    written = write_coverage(ended)

    assert "missed" not in written.files
    assert to_next_command(written) == ""
    assert headline(ended) == (
        "The look at the coverage was interrupted; "
        "2 of 6 instances are known to have a proven recovery point younger than 24 h"
    )
    assert "% covered" not in dict(figures(ended))["Instances"]
    assert "Data covered" not in dict(figures(ended))
    assert "Vaults" not in dict(figures(replace(ended, vaults=())))
    assert to_ages(ended) == []
