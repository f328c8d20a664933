"""What the front door writes to whom: to people who want little, and to programs that want the report."""

import json
import signal
import subprocess
from collections.abc import Mapping
from typing import Any

import pytest

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import FrontDoor, wait_while_at_work

MISSING = "i-0123456789abcdef0"
PROVEN = "✅  1 of 1 instance has a proven recovery point, 2 of 2 volumes"


def ran(door: FrontDoor, *arguments: str, env: Mapping[str, str] | None = None) -> tuple[int, str, str]:
    """Run the program to its end and return its exit code, stdout and stderr."""
    process = door.start(*arguments, env=env, stderr=subprocess.PIPE)
    written, said = process.communicate(timeout=300)
    return process.returncode, written, said


def kept(door: FrontDoor) -> Any:
    (path,) = door.folder.glob("backup-output/report_*.json")
    return json.loads(path.read_text(encoding="utf-8"))


def test_json_is_the_report_on_stdout_and_everything_else_on_stderr(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    code, written, said = ran(door, "--json")

    assert code == 0, said
    assert json.loads(written) == kept(door)
    assert "✅  10  Monitoring" in said
    assert PROVEN in said


def test_json_and_quiet_and_dry_run_go_together(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)

    code, written, said = ran(door, "--json", "--quiet", "--dry-run")

    assert code == 0, said
    assert json.loads(written)["status"] == "planned"
    assert said == "✅  The plan covers 1 of 1 instance and 2 volumes; nothing was started\n"
    assert aws.control.jobs() == []


def test_json_in_a_sandbox_of_its_own_is_a_report_as_well(door: FrontDoor) -> None:
    door.write_csv(GOOD)
    without_aws = {name: value for name, value in door.env.items() if not name.startswith("AWS_")}

    code, written, said = ran(FrontDoor(door.folder, without_aws, door.api), "--sandbox", "--json", "--quiet")

    assert code == 0, said
    assert json.loads(written)["headline"] in PROVEN


@pytest.mark.parametrize("flags", [("--json",), ("--json", "--sandbox")])
def test_a_bad_csv_is_a_report_too(door: FrontDoor, flags: tuple[str, ...]) -> None:
    door.write_csv("i-123")

    code, written, said = ran(door, *flags)

    assert code == 2
    assert json.loads(written) == kept(door)
    assert json.loads(written)["error"]["kind"] == "InventoryError"
    assert "line 2: 'i-123'" in said


def test_a_run_that_never_began_is_a_report_too(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    code, written, said = ran(door, "--json", env={"PREFECT_API_URL": "http://127.0.0.1:9/api"})

    report = json.loads(written)
    assert (code, report["exit_code"], report["status"]) == (1, 1, "aborted")
    assert "http://127.0.0.1:9/api" in report["error"]["message"]
    assert "Prefect does not answer" in said
    assert "Is that server up?" in said


def test_an_interrupted_run_is_a_report_too(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    aws.control.script(GOOD, {"state": "CREATED"})
    process = door.start("--json", stderr=subprocess.PIPE)
    wait_while_at_work(process, lambda: bool(aws.control.jobs()))
    process.send_signal(signal.SIGINT)
    written, said = process.communicate(timeout=300)

    assert process.returncode == 130, said
    assert json.loads(written) == kept(door)
    assert json.loads(written)["status"] == "interrupted"


def test_a_flag_that_cannot_be_used_is_no_run_and_no_report(door: FrontDoor) -> None:
    code, written, said = ran(door, "--json", "--retention-days", "0")

    assert (code, written) == (2, "")
    assert "--retention-days" in said


def test_a_quiet_run_in_which_all_went_well_says_one_line(door: FrontDoor) -> None:
    door.write_csv(GOOD)

    assert ran(door, "--quiet") == (0, PROVEN + "\n", "")


def test_a_quiet_run_names_what_failed_and_the_verdict_last(door: FrontDoor) -> None:
    door.write_csv(GOOD, OTHER, MISSING)

    code, written, _ = ran(door, env={"EC2_BACKUP_QUIET": "1"})

    lines = written.splitlines()
    assert code == 3
    assert lines[-1].startswith("❌  2 of 3 instances have a proven recovery point")
    assert written.count(MISSING) == 1
    assert f"--only-failed backup-output/report_{kept(door)['run_key']}.json" in written
    assert not [line for line in lines if line.startswith("✅")]
