"""The coverage through the front door: what is covered, what is not, and what could not be looked at."""

import csv
import json
import signal
from collections import Counter
from collections.abc import Iterator

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox, running
from tests.flow_runs.conftest import GOOD, OTHER, SPEED
from tests.flow_runs.front_door import FrontDoor, prefect
from tests.flow_runs.least_privilege import IAM, actions_of, become_user
from tests.flow_runs.looking import report_of, standings

POLICY = (IAM / "coverage-policy.json").read_text(encoding="utf-8")
NEEDS_NO_PERMISSION = {"sts:GetCallerIdentity"}  # AWS answers it even under an explicit deny


@pytest.fixture
def fleet(request: pytest.FixtureRequest) -> Fleet:
    name = request.node.name
    return Fleet.of_size(24) if "standing" in name or "policy" in name else Fleet((GOOD, OTHER))


@pytest.fixture
def aws(fleet: Fleet) -> Iterator[Sandbox]:
    """A fresh AWS; one with a past where the fleet is large."""
    with running(speed=SPEED, fleet=fleet, past=len(fleet.machines) > 2) as sandbox:
        yield sandbox


def test_every_standing_is_told_and_the_next_run_covers_what_was_missed(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("coverage")

    assert ended.code == 3, ended.output
    assert "14 of 24 instances have a proven recovery point younger than 24 h" in ended.output
    assert standings(ended) == {"never": 2, "unproven": 2, "late": 4, "partly": 2, "covered": 14}
    report = report_of(ended)
    assert Counter(one["why"] for one in report["leftovers"]) == {"expired": 2, "unfinished": 2, "orphaned": 1}
    assert report["statistics"]["expiring"] == 2
    assert "2 of 24 instances in a drill; the longest recovery took 4 min 14 s" in ended.output
    assert [one["restored"]["proof"]["seconds"] for one in report["coverages"] if one["restored"]] == [254, 254]
    booked = {name: calls["accepted"] for name, calls in aws.control.calls().items()}
    assert report["statistics"]["api_calls"] == booked
    (missed,) = ended.folder.glob("coverage_*_missed.csv")

    backed_up = door.run("--csv", str(missed))
    again = door.run("coverage", "--output", "second")

    assert backed_up.code == 0, backed_up.output
    assert again.code == 0, again.output
    assert "24 of 24 instances have a proven recovery point younger than 24 h" in again.output


def test_the_run_in_prefect_is_named_by_what_was_found_and_has_its_artifacts(door: FrontDoor, aws: Sandbox) -> None:
    ended = door.run("coverage", "--rpo", "7d")

    assert ended.code == 3, ended.output
    run_id = report_of(ended)["run_url"].rsplit("/", 1)[-1]
    flow_runs = {"id": {"any_": [run_id]}}
    (run,) = prefect(door.api, "/flow_runs/filter", flow_runs=flow_runs)
    assert run["name"] == "Coverage · 2 instances · 0 within 7 d"
    assert run["state"]["type"] == "FAILED"
    assert {f"account:{aws.account}", f"region:{aws.region}"} <= set(run["tags"])
    artifacts = prefect(door.api, "/artifacts/filter", flow_runs=flow_runs)
    assert {one["key"] for one in artifacts if one["key"]} == {"coverage-report", "coverage-instances"}


def test_the_policy_is_enough_and_nothing_else_is_called(door: FrontDoor, aws: Sandbox) -> None:
    statements = json.loads(POLICY.replace("${ACCOUNT}", aws.account))["Statement"]
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, statements)}, door.api)
    aws.control.clear_calls()

    ended = user.run("coverage")

    assert ended.code == 3, ended.output
    assert standings(ended)["covered"] == 14
    assert set(aws.control.calls()) - NEEDS_NO_PERMISSION == actions_of(statements)


def test_without_any_place_left_the_exit_code_is_that_of_access(door: FrontDoor, aws: Sandbox) -> None:
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, [])}, door.api)

    ended = user.run("coverage", "--json")

    assert ended.code == 11, ended.output
    assert "Traceback" not in ended.output
    report = report_of(ended)
    assert (report["status"], report["exit_code"], report["error"]["kind"]) == ("aborted", 11, "AccessError")


def test_wrong_credentials_and_wrong_flags_have_their_exit_codes_and_no_traceback(door: FrontDoor) -> None:
    wrong = door.run("coverage", "--rpo", "soon")
    unknown = door.run("coverage", "--accounts", "nowhere.csv")
    none = door.run("coverage", "--output", "third", env={"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""})

    assert [one.code for one in (wrong, unknown, none)] == [2, 2, 10]
    assert "--rpo: 'soon' is not a period: write it as 90m, 24h, 7d or 2w" in wrong.output
    assert not any("Traceback" in one.output for one in (wrong, unknown, none))


def test_a_look_that_is_interrupted_leaves_a_whole_report(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.fault("ListBackupVaults", kind="delay", seconds=8)
    process = door.start_until(lambda: "ListBackupVaults" in str(aws.control.calls()), "coverage")

    ended = door.interrupt(process, signal.SIGINT)

    assert ended.code == 130, ended.output
    assert report_of(ended)["status"] == "interrupted"
    assert standings(ended) == {"unknown": 2}
    assert not list(ended.folder.glob("*_missed.csv"))
    assert "Next" not in ended.output
    assert "Nothing was started: look again with the same command." in ended.output
    assert "go on at AWS" not in ended.output
    assert not list(ended.folder.glob(".*"))
    (log,) = ended.folder.glob("coverage_log_*.log")
    assert "The look ended with exit code 130 (interrupted)." in log.read_text(encoding="utf-8")


def test_a_look_that_is_killed_leaves_no_half_file_and_the_next_one_is_whole(door: FrontDoor, aws: Sandbox) -> None:
    aws.control.fault("ListBackupVaults", kind="delay", seconds=3, times=1)
    process = door.start_until(lambda: "ListBackupVaults" in str(aws.control.calls()), "coverage")
    killed = door.interrupt(process, signal.SIGKILL)

    assert killed.code == -signal.SIGKILL
    assert [one.name for one in killed.folder.iterdir() if not one.name.startswith("coverage_log_")] == []
    assert standings(door.run("coverage")) == {"never": 2}


def test_a_selection_restricts_the_look_and_the_spreadsheet(door: FrontDoor) -> None:
    ended = door.run("coverage", "--select", "state=running", "--exclude", "name=none*", "--quiet")

    assert ended.code == 3, ended.output
    (path,) = (one for one in ended.folder.glob("coverage_*.csv") if "missed" not in one.name)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines()))
    assert {row["instance_id"]: row["standing"] for row in rows} == {GOOD: "never", OTHER: "never"}
    assert (
        ended.output.rstrip()
        .splitlines()[-1]
        .endswith("0 of 2 instances have a proven recovery point younger than 24 h")
    )
