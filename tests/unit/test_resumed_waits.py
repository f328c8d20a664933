"""A restore or a drill that is taken up may wait longer than it was to at first."""

import pytest
import typer

import cli
from deployments.restore_command import raise_for_checks, with_waits
from ec2_backup.drill.request import to_drill_request
from ec2_backup.errors import UsageError
from ec2_backup.restore.request import RestoreRequest, to_restore_request
from tests.unit.drills import a_request
from tests.unit.restores import ORIGINAL

LONGER = {"deadline_minutes": None, "checks_minutes": 60.0}


def test_the_command_takes_both_deadlines() -> None:
    resume = typer.main.get_command(cli.app).commands["resume"]  # type: ignore[attr-defined]

    asked = resume.make_context("resume", ["KEY", "--checks-minutes", "60", "--deadline-minutes", "90"]).params

    assert (asked["checks_minutes"], asked["deadline_minutes"]) == (60, 90)


def test_only_what_is_given_is_changed() -> None:
    restore, drill = RestoreRequest(instance=ORIGINAL), a_request(sample="3")

    again = with_waits(restore, LONGER, to_restore_request)
    drilled = with_waits(drill, LONGER, to_drill_request)

    assert again == restore.model_copy(update={"options": restore.options.model_copy(update={"checks_minutes": 60})})
    assert drilled == drill.model_copy(update={"options": drill.options.model_copy(update={"checks_minutes": 60})})
    assert with_waits(restore, {"deadline_minutes": None}, to_restore_request) == restore


def test_a_wrong_deadline_is_named_by_its_flag() -> None:
    with pytest.raises(UsageError, match="--checks-minutes"):
        with_waits(RestoreRequest(instance=ORIGINAL), {"checks_minutes": 0.0}, to_restore_request)


def test_a_run_of_backups_has_no_status_checks() -> None:
    raise_for_checks(None, "KEY")
    with pytest.raises(UsageError, match="KEY is a run of backups"):
        raise_for_checks(60, "KEY")
