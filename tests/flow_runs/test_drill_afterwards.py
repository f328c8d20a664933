"""A backup run with a drill: what was proven is restored from exactly that recovery point, and the report says so."""

import csv
import io
import json
import signal
import time

from sandbox.running import Sandbox
from tests.aws.inbox import client_of
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.drilling import books, left_by_drills, place
from tests.flow_runs.front_door import FrontDoor, has_made
from tests.flow_runs.least_privilege import become_user, drill_statements, statements_for
from tests.flow_runs.restoring import made_by

FAST = ("--poll-seconds", "0.2")


def into(aws: Sandbox) -> tuple[str, ...]:
    """Return the flags of a backup run that name the place for drills."""
    subnet, group = place(aws)[1], place(aws)[3]
    return ("--drill-subnet", subnet, "--drill-security-group", group)


def test_what_the_run_has_proven_is_restored_and_the_report_has_the_proof(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    before = books(aws)

    ended = door.run("--drill", "1", *into(aws), "--drill-check", "true", *FAST)

    assert ended.code == 0, ended.output
    (drilled,) = (one for one in ended.report["outcomes"] if one["restored"])
    assert made_by(aws) == [drilled["row"]["instance_id"]]
    (report,) = (json.loads(path.read_text()) for path in ended.folder.glob("drill_2*.json"))
    assert report["run_key"] == f"{ended.report['run_key']}-drill"
    assert report["outcomes"][0]["chosen"]["point"]["arn"] == drilled["recovery_point"]["arn"]
    assert report["outcomes"][0]["check"]["status"] == "passed"
    assert ended.report["drill"]["is_good"]
    assert "1 of 1 recovery point is proven by a restore" in ended.output
    (row,) = (one for one in csv.DictReader(io.StringIO(ended.csv_report)) if one["last_restored"])
    assert row["instance_id"] == drilled["row"]["instance_id"]
    assert left_by_drills(aws, before | {"marked": []}) == [], "only backups have come to be"
    assert "Last restored" in next(ended.folder.glob("report_*.html")).read_text()


def test_a_drill_that_fails_makes_the_run_incomplete_and_the_backups_stay_proven(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    aws.control.script("*", {"missing_volume": "/dev/xvda"}, job="restore")

    ended = door.run("--drill", "5", *into(aws), *FAST)

    assert ended.code == 3, ended.output
    assert [one["verdict"] for one in ended.report["outcomes"]] == ["proven", "proven"]
    assert not ended.report["drill"]["is_good"]
    assert "the restore drill failed" in ended.output


def test_a_place_that_is_not_isolated_is_told_before_any_backup_starts(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    first = client_of(aws, "ec2").describe_instances(InstanceIds=[GOOD])["Reservations"][0]["Instances"][0]
    wrong = ("--drill-subnet", first["SubnetId"], "--drill-security-group", first["SecurityGroups"][0]["GroupId"])

    ended = door.run("--drill", "1", *wrong, *FAST)

    assert ended.code == 2, ended.output
    assert "would not be isolated" in ended.output
    assert aws.control.jobs() == []


def test_a_caller_who_may_not_drill_is_told_first_and_the_backups_go_on(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    looking = {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, [*statements_for(aws), looking])}, door.api)

    ended = user.run("--drill", "1", *into(aws), *FAST)

    assert ended.code == 3, ended.output
    refused = ended.output.index("not allowed, so the drill after the backups will fail: ")
    assert "ec2:TerminateInstances" in ended.output[refused:].split("\n\n")[0]
    assert refused < ended.output.index("1 job under way")
    assert ended.outcome_of(GOOD)["verdict"] == "proven"
    assert "the restore drill failed" in ended.output
    assert made_by(aws) == []


def test_the_policies_for_backups_and_for_drills_are_enough_together(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    drilling = [{**one, "Sid": f"Drill{one['Sid']}"} for one in drill_statements(aws)]
    statements = [*statements_for(aws), *drilling]
    user = FrontDoor(door.folder, {**door.env, **become_user(aws, statements)}, door.api)

    ended = user.run("--drill", "1", *into(aws), "--drill-check", "true", "--drill-profile", "EC2BackupDrill", *FAST)

    assert ended.code == 0, ended.output
    assert "not allowed" not in ended.output
    assert made_by(aws) == [GOOD]


def test_without_a_drill_no_call_is_made_for_one_and_earlier_proofs_are_shown(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD)
    drilled = door.run("--drill", "1", *into(aws), *FAST)
    assert drilled.code == 0, drilled.output
    aws.control.clear_calls()

    ended = door.run(*FAST)

    report = json.loads(max(ended.folder.glob("report_*.json")).read_text())
    assert ended.code == 0, ended.output
    assert report["outcomes"][0]["restored"]["drill_key"].endswith("-drill")
    assert report["drill"] is None
    of_drills = {"ec2:DescribeSubnets", "ec2:DescribeRouteTables", "ec2:DescribeSecurityGroups", "ec2:CreateTags"}
    assert of_drills & set(aws.control.calls()) == set()


def test_a_run_that_is_killed_in_its_drill_is_taken_up_and_leaves_nothing(door: FrontDoor, aws: Sandbox) -> None:
    door.write_csv(GOOD, OTHER)
    before = books(aws)
    process = door.start_until(has_made(aws, "backup:StartRestoreJob", 1), "--drill", "2", *into(aws), *FAST)
    first = door.interrupt(process, signal.SIGKILL)
    (path,) = first.folder.glob("run_*.json")
    time.sleep(1.3)  # after which AWS forgets idempotency tokens, at this speed

    ended = door.run("resume", json.loads(path.read_text())["run_key"])

    assert ended.code == 0, ended.output
    assert sorted(job["instance"] for job in aws.control.jobs()) == sorted([GOOD, OTHER])
    assert made_by(aws) == sorted([GOOD, OTHER])
    assert ended.report["drill"]["is_good"]
    assert left_by_drills(aws, before | {"marked": []}) == []
