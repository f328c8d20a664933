"""The Prefect Variable `ec2_backup_defaults`: what a run takes from it, and what it does not."""

import subprocess
import sys

from ec2_backup.settings import BackupRequest
from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD
from tests.flow_runs.front_door import PROJECT, Ended, FrontDoor
from tests.flow_runs.prefect_store import create_run, defaults

TEAM = {"vault": "Production", "retention_days": 35, "role": "Team", "options": {"restarts": 2, "poll_seconds": 60}}
PRODUCTION = {"vault": "Production", "retention_days": 35, "options": {"restarts": 2, "poll_seconds": 60}}


def a_vault(aws: Sandbox, name: str) -> None:
    client_of(aws, "backup").create_backup_vault(BackupVaultName=name)


def executed(door: FrontDoor, run_id: str) -> Ended:
    """Do a run as a worker does it, in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "prefect", "flow-run", "execute", run_id],
        cwd=PROJECT,
        env={**door.env, "PREFECT_API_URL": door.api},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    return Ended(ended.returncode, ended.stdout + ended.stderr, door.folder / "backup-output")


def test_a_run_takes_what_was_not_asked_for_from_the_variable_and_says_so(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    a_vault(aws, "Production")

    with defaults(door.api, {**PRODUCTION, "csv": "nowhere.csv"}):
        ended = door.run(
            "--dry-run", "--csv", "ec2_instances.csv", "--restarts", "1", env={"EC2_BACKUP_RETENTION_DAYS": "7"}
        )

    assert ended.code == 0, ended.output
    asked = ended.report["parameters"]
    assert (asked["vault"], asked["retention_days"]) == ("Production", 7)
    assert (asked["options"]["restarts"], asked["options"]["poll_seconds"]) == (1, 60)
    told = "defaults from the Prefect Variable ec2_backup_defaults: vault=Production, options.poll_seconds=60"
    assert told in ended.log
    assert ended.outcome_of(GOOD)["plan"]["retention_days"] == 7


def test_the_variable_may_name_the_inventory_of_runs_that_name_none(door: FrontDoor) -> None:
    path = door.write_csv(GOOD, name="team.csv")

    with defaults(door.api, {"csv": str(path)}):
        ended = door.run("--dry-run")

    assert ended.code == 0, ended.output
    assert ended.report["parameters"]["csv"] == str(path)


def test_a_variable_that_cannot_be_used_ends_the_run_before_anything_and_names_each_wrong_key(
    door: FrontDoor, aws: Sandbox
) -> None:
    door.write_csv(GOOD)
    aws.control.clear_calls()

    with defaults(door.api, {"volt": "Production", "options": {"on_active_job": "kill"}}):
        ended = door.run()

    assert ended.code == 2, ended.output
    for text in (ended.output, ended.log, ended.report["error"]["message"]):
        assert "ec2_backup_defaults: " in text
        assert "volt: there is no such parameter" in text
        assert "options.on_active_job: " in text
    assert "Traceback" not in ended.output
    assert aws.control.calls() == {}


def test_a_sandbox_takes_no_defaults_of_real_accounts(door: FrontDoor) -> None:
    path = door.write_csv(GOOD)
    without_aws = {name: value for name, value in door.env.items() if not name.startswith("AWS_")}

    with defaults(door.api, PRODUCTION):
        ended = FrontDoor(door.folder, without_aws, door.api).run("--sandbox", "--dry-run", "--csv", str(path))

    assert ended.code == 0, ended.output
    assert ended.report["parameters"]["vault"] == "EC2-Backup"


def test_of_a_form_what_stands_at_the_built_in_default_is_left_to_the_variable_unless_the_deployment_sets_it(
    door: FrontDoor,
) -> None:
    path = door.write_csv(GOOD)
    of_deployment = {"role": BackupRequest().role, "csv": str(path), "vault": "EC2-Backup"}
    form = BackupRequest(csv=str(path), dry_run=True, output=door.folder / "backup-output").model_dump(mode="json")
    form |= {"options": {**form["options"], "poll_seconds": 30}, "tags": None}

    with defaults(door.api, TEAM):
        ended = executed(door, create_run(door.api, of_deployment, form))

    assert ended.code == 0, ended.output
    asked = ended.report["parameters"]
    assert (asked["vault"], asked["role"], asked["retention_days"]) == ("EC2-Backup", BackupRequest().role, 35)
    assert (asked["options"]["restarts"], asked["options"]["poll_seconds"]) == (2, 30)
    assert "ec2_backup_defaults: retention_days=35, options.restarts=2" in ended.log
