"""Restores and drills of which AWS refuses one: it fails alone, and the others go on."""

from collections.abc import Iterator

import pytest

from sandbox.running import Sandbox
from tests.flow_runs import drilling
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor
from tests.flow_runs.restoring import FAST, backed_up, made_by, report_of

METADATA = "backup:GetRecoveryPointRestoreMetadata"


@pytest.fixture
def aws() -> Iterator[Sandbox]:
    with backed_up() as sandbox:
        yield sandbox


def refused_once(aws: Sandbox) -> None:
    """Let AWS refuse the settings of one of the recovery points for good."""
    said = "the metadata of this recovery point cannot be read"
    aws.control.fault(METADATA, code="InvalidRequestException", message=said, times=1)


def test_a_restore_whose_settings_aws_refuses_is_a_failure_alone(door: FrontDoor, aws: Sandbox) -> None:
    refused_once(aws)
    (door.folder / "restores.csv").write_text(f"order,instance_id\n1,{GOOD}\n1,{OTHER}\n")

    ended = door.run("restore", "--csv", "restores.csv", "--yes", "--on-failure", "continue", *FAST)

    verdicts = {one["verdict"]: one for one in report_of(ended)["outcomes"]}
    assert ended.code == 3, ended.output
    assert "ended early" not in ended.output
    assert set(verdicts) == {"proven", "failed"}
    assert "the settings of the original could not be read" in verdicts["failed"]["failure"]["reason"]
    assert "What to do" in ended.output
    assert made_by(aws) == [verdicts["proven"]["row"]["instance_id"]]


def test_a_drill_of_which_aws_refuses_one_drills_the_other(door: FrontDoor, aws: Sandbox) -> None:
    refused_once(aws)
    door.write_csv(GOOD, OTHER)

    ended = door.run("drill", *drilling.place(aws), *drilling.FAST)

    outcomes = drilling.report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert sorted(one["verdict"] for one in outcomes) == ["failed", "proven"]
    assert "1 of 2 recovery points are proven by a restore" in ended.output


def test_where_aws_denies_the_settings_of_all_the_run_ends_for_lack_of_access(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.fault(METADATA, code="AccessDeniedException", message="not authorized", status=403)

    ended = door.run("restore", "--instance", GOOD, "--dry-run")

    assert ended.code == 11, ended.output
    assert METADATA in ended.output


def test_a_region_that_refuses_fails_its_own_rows_alone(door: FrontDoor, aws: Sandbox) -> None:
    (door.folder / "restores.csv").write_text(f"instance_id,region\n{GOOD},{aws.region}\n{OTHER},eu-west-1\n")
    listing = "backup:ListRecoveryPointsByResource"
    aws.control.fault(listing, code="AccessDeniedException", message="denied", status=403, contains="eu-west-1")

    ended = door.run("restore", "--csv", "restores.csv", "--dry-run")

    here, elsewhere = report_of(ended)["outcomes"]
    assert ended.code == 3, ended.output
    assert (here["verdict"], elsewhere["verdict"]) == ("planned", "failed")
    assert "nothing is planned in eu-west-1" in elsewhere["failure"]["reason"]
