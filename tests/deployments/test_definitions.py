"""What `prefect.yaml` defines can be deployed, scheduled and watched as it stands."""

from importlib import import_module
from zoneinfo import ZoneInfo

import pytest

from deployments.automations import FREQUENCY, TAG, patience
from deployments.definitions import Definition, definitions
from ec2_backup.fleetoptions import DEFAULT_DEPLOYMENT
from ec2_backup.settings import BackupRequest
from tests.flow_runs.front_door import PROJECT

EACH = pytest.mark.parametrize("definition", definitions(), ids=lambda definition: definition.name)


def test_the_deployments_are_there() -> None:
    assert {one.name for one in definitions()} == {
        "nightly", "pre-patch", "ad-hoc", "dry-run", "fleet", "shard", "coverage", "restore", "drill",
    }  # fmt: skip


def test_only_these_have_a_schedule() -> None:
    assert {one.name for one in definitions() if one.schedules} == {"nightly", "dry-run", "coverage", "drill"}


def test_a_drill_runs_by_itself_only_when_somebody_has_named_its_subnet_and_switched_it_on() -> None:
    (drill,) = (one for one in definitions() if one.name == "drill")

    assert [one["active"] for one in drill.schedules] == [False]
    assert (drill.parameters["subnet"], drill.parameters["security_group"]) == ("", "")


@EACH
def test_the_parameters_are_ones_that_a_run_takes(definition: Definition) -> None:
    path, _, name = definition.entrypoint.partition(":")
    flow = getattr(import_module(path.removesuffix(".py").replace("/", ".")), name)

    taken = flow.validate_parameters(dict(definition.parameters))

    assert taken.get("dry_run", False) is (definition.name in {"dry-run", "restore"})
    assert (PROJECT / (taken.get("csv") or "README.md")).is_file()


@EACH
def test_each_deployment_writes_to_a_folder_of_its_own(definition: Definition) -> None:
    assert definition.parameters["output"] == f"backup-output/{definition.name}"


@pytest.mark.parametrize(
    ("name", "strategy"), [("nightly", "wait"), ("pre-patch", "fail"), ("ad-hoc", "wait"), ("dry-run", "wait")]
)
def test_each_backup_says_what_it_does_where_another_run_is_at_work_in_its_vault(name: str, strategy: str) -> None:
    (backup,) = (one for one in definitions() if one.name == name)

    assert backup.parameters["options"]["on_busy_vault"] == strategy


@EACH
def test_no_run_depends_on_a_lease_whose_renewal_prefect_ends_it_over(definition: Definition) -> None:
    assert definition.concurrency_limit is None


def test_a_fleet_runs_its_shards_by_a_deployment_of_the_backup() -> None:
    flow, name = DEFAULT_DEPLOYMENT.split("/")
    (shard,) = (one for one in definitions() if one.name == name)

    assert (flow, shard.entrypoint) == ("ec2-backup", "flows/backup.py:backup")


@EACH
def test_every_schedule_has_a_name_that_stays_and_a_time_zone(definition: Definition) -> None:
    assert all(entry["slug"] and ZoneInfo(entry["timezone"]) for entry in definition.schedules)


@EACH
def test_each_run_sends_heartbeats_and_is_known_to_the_automation_that_waits_for_them(definition: Definition) -> None:
    assert TAG in definition.tags
    assert patience(definitions()).total_seconds() >= 3 * int(definition.environment[FREQUENCY])


@EACH
def test_the_run_tells_prefect_what_it_does(definition: Definition) -> None:
    assert definition.environment["PREFECT_LOGGING_EXTRA_LOGGERS"] == "ec2_backup"


def test_before_a_patch_aws_gives_up_no_later_than_the_run_does() -> None:
    (before_patch,) = (one for one in definitions() if one.name == "pre-patch")
    options = BackupRequest.model_validate(before_patch.parameters).options

    assert options.start_window_minutes == 60
    assert options.complete_window_minutes == options.deadline_minutes == 120
