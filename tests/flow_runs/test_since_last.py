"""Runs that follow each other tell what is new, and `history` tells it again afterwards."""

import json
from typing import Any

from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.front_door import Ended, FrontDoor

ABSENT = "i-0123456789abcdef0"


def report_of(ended: Ended, number: int) -> Any:
    """Return the report of a run by its number in the order of their ends."""
    reports = [json.loads(path.read_text(encoding="utf-8")) for path in ended.folder.glob("report_*.json")]
    return sorted(reports, key=lambda report: str(report["ended_at"]))[number]


def test_a_failure_its_repair_and_a_changed_list_are_news_and_a_repeat_lets_nothing_vanish(
    door: FrontDoor, aws: Sandbox
) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"state": "FAILED", "cause": "kms-disabled", "times": 1})

    first = door.run()
    assert first.code == 3, first.output
    assert "Since the run" not in first.output
    (report,) = first.folder.glob("report_*.json")

    repeat = door.run("--only-failed", f"backup-output/{report.name}")
    assert repeat.code == 0, repeat.output
    assert " UTC: 1 fixed\n" in repeat.output

    door.write_csv(GOOD, ABSENT)
    changed = door.run()
    assert changed.code == 3, changed.output
    assert f" UTC: 1 new, 1 vanished ({OTHER})\n" in changed.output
    since = report_of(changed, 2)["since_last"]
    assert since == {
        "run_key": report_of(changed, 1)["run_key"], "started_at": report_of(changed, 1)["started_at"],
        "newly_failing": [], "newly_fixed": [], "still_failing": [], "still_proven": [GOOD],
        "new": [ABSENT], "vanished": [OTHER], "unsettled": [], "left_out": [],
        "names": {OTHER: report_of(changed, 0)["outcomes"][1]["instance"]["name"]},
    }  # fmt: skip

    told = json.loads(door.run("history", "--json").output)
    assert [(run["instances"], run["proven"], run["is_part_of_csv"]) for run in told["runs"]] == [
        (2, 1, False), (1, 1, True), (2, 1, False),
    ]  # fmt: skip
    assert {run["csv"] for run in told["runs"]} == {"ec2_instances.csv"}
    assert (told["since_last"]["new"], told["since_last"]["vanished"]) == ([ABSENT], [OTHER])
