"""Proven backups are copied at once into every vault asked for, and a copy counts when it is proven there."""

import csv
import signal

import pytest

from sandbox.fleet import Fleet
from sandbox.running import Sandbox
from tests.flow_runs.conftest import GOOD, OTHER
from tests.flow_runs.copying import ELSEWHERE, VAULTED, a_vault, copies_of, verdicts
from tests.flow_runs.front_door import FrontDoor

NEAR = "arn:aws:backup:us-east-1:123456789012:backup-vault:Near"
LONG = 400_000  # of the sandbox's seconds, two minutes of ours: jobs end when a test lets that time pass


def test_each_backup_is_copied_once_into_each_vault_and_proven_there(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    for arn in (ELSEWHERE, NEAR):
        a_vault(fleet, arn)
    door.write_csv(GOOD, OTHER)

    ended = door.run("--copy-to", f"{ELSEWHERE}=30", "--copy-to", NEAR)

    assert ended.code == 0, ended.output
    assert "2 of 2 instances have a proven recovery point, 3 of 3 volumes; 4 of 4 copies are proven" in ended.output
    assert copies_of(aws) == {(one, arn): 1 for one in (GOOD, OTHER) for arn in (ELSEWHERE, NEAR)}
    far, near = ended.outcome_of(GOOD)["copies"]
    assert (far["verdict"], near["verdict"]) == ("proven", "proven")
    assert (far["recovery_point"]["retention_days"], near["recovery_point"]["retention_days"]) == (30, 7)
    assert far["recovery_point"]["arn"].startswith("arn:aws:ec2:eu-west-1::image/ami-")
    assert len(far["recovery_point"]["snapshots"]) == len(ended.outcome_of(GOOD)["recovery_point"]["snapshots"])
    row = next(row for row in csv.DictReader(ended.csv_report.splitlines()) if row["instance_id"] == GOOD)
    assert (row["copies"], row["proven_copies"], row["copy_reasons"]) == ("2", "2", "")
    assert row["copy_arns"].split() == [far["recovery_point"]["arn"], near["recovery_point"]["arn"]]
    assert "copies go into EC2-Backup-Copy in eu-west-1 of account 123456789012, kept 30 days" in ended.log


def test_the_sandbox_flag_has_a_vault_for_copies_also_in_another_account(door: FrontDoor) -> None:
    without_aws = {name: value for name, value in door.env.items() if not name.startswith("AWS_")}
    door.write_csv(GOOD)

    ended = FrontDoor(door.folder, without_aws, door.api).run(
        "--sandbox", "--copy-to", f"{ELSEWHERE}=30", "--copy-to", VAULTED
    )

    assert ended.code == 0, ended.output
    assert "2 of 2 copies are proven" in ended.output


def test_a_copy_does_not_wait_for_the_slowest_backup(door: FrontDoor, aws: Sandbox, fleet: Fleet) -> None:
    a_vault(fleet)
    door.write_csv(GOOD, OTHER)
    aws.control.script(OTHER, {"duration_seconds": LONG})
    process = door.start_until(lambda: bool(aws.control.copies()), "--copy-to", ELSEWHERE, "--poll-seconds", "1")

    states = {job["instance"]: job["state"] for job in aws.control.jobs()}
    aws.control.advance(LONG)
    ended = door.ended(process)

    assert states == {GOOD: "COMPLETED", OTHER: "RUNNING"}
    assert ended.code == 0, ended.output


def test_a_copy_that_failed_leaves_its_backup_proven_and_is_tried_again_by_resume(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet)
    door.write_csv(GOOD, OTHER)
    aws.control.script(GOOD, {"state": "FAILED", "cause": "access-denied", "times": 1}, job="copy")

    first = door.run("--copy-to", ELSEWHERE)
    second = door.run("resume", first.report["run_key"])

    assert (first.code, second.code) == (3, 0), first.output + second.output
    assert "2 of 2 instances have a proven recovery point, 3 of 3 volumes; 1 of 2 copies is proven" in first.output
    assert "Access Denied trying to call AWS Backup service" in first.output
    assert "its access policy lets the copies in" in first.output
    assert f"./start-ec2-backup.sh resume {second.report['run_key']}" in first.output
    assert "2 of 2 copies are proven" in second.output
    assert copies_of(aws) == {(GOOD, ELSEWHERE): 2, (OTHER, ELSEWHERE): 1}
    assert len(aws.control.jobs()) == 2


def test_only_failed_leaves_an_instance_alone_whose_copy_alone_failed(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet)
    door.write_csv(GOOD)
    aws.control.script(GOOD, {"missing_snapshot": "/dev/xvda"}, job="copy")
    first = door.run("--copy-to", ELSEWHERE)
    report = next(first.folder.glob("report_*.json"))
    run_key = first.report["run_key"]

    again = door.run("--only-failed", str(report), "--output", "again")

    assert first.code == 3, first.output
    assert verdicts(first.outcome_of(GOOD)) == ["failed"]
    assert "has no snapshots in the copied image" in first.output
    assert again.code == 2, again.output
    assert f"resume {run_key}" not in first.output + again.output, "it would find the same copy, and make no other"
    assert "back these instances up again" in " ".join(again.output.split())


def test_a_copy_job_that_failed_for_a_passing_cause_is_started_again_within_the_run(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet)
    door.write_csv(GOOD)
    aws.control.script(GOOD, {"state": "FAILED", "cause": "internal-error", "times": 1}, job="copy")

    ended = door.run("--copy-to", ELSEWHERE)

    assert ended.code == 0, ended.output
    assert copies_of(aws) == {(GOOD, ELSEWHERE): 2}
    assert len({job["token"] for job in aws.control.copies()}) == 2


def test_ctrl_c_lists_copies_that_go_on_and_resume_proves_them(door: FrontDoor, aws: Sandbox, fleet: Fleet) -> None:
    a_vault(fleet)
    door.write_csv(GOOD, OTHER)
    aws.control.script("*", {"duration_seconds": LONG, "times": 1}, job="copy")
    flags = ("--copy-to", ELSEWHERE, "--stop-jobs-on-cancel")
    process = door.start_until(lambda: len(aws.control.copies()) == 2, *flags)

    first = door.interrupt(process, signal.SIGINT)
    left = first.report
    aws.control.advance(LONG)
    second = door.run("resume", left["run_key"])

    assert (first.code, second.code) == (130, 0), first.output + second.output
    assert [verdicts(outcome) for outcome in left["outcomes"]] == [["running"], ["running"]]
    assert "goes on at AWS as" in first.output
    assert copies_of(aws) == {(GOOD, ELSEWHERE): 1, (OTHER, ELSEWHERE): 1}


def test_a_start_whose_answers_are_all_lost_is_found_at_aws_and_not_made_twice(
    door: FrontDoor, aws: Sandbox, fleet: Fleet
) -> None:
    a_vault(fleet)
    door.write_csv(GOOD)
    aws.control.fault("StartCopyJob", kind="lost", times=3)

    ended = door.run("--copy-to", ELSEWHERE)

    assert ended.code == 0, ended.output
    assert copies_of(aws) == {(GOOD, ELSEWHERE): 1}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (
            ["--copy-to", "EC2-Backup-Copy"],
            "--copy-to: 'EC2-Backup-Copy' is not the ARN of a backup vault",
        ),
        (["--copy-to", f"{NEAR}=0"], "'0' is no retention"),
        (["--copy-to", NEAR, "--copy-to", f"{NEAR}=9"], "is there twice"),
        (
            ["--copy-to", "arn:aws:backup:us-east-1:123456789012:backup-vault:EC2-Backup"],
            "that is the vault that the backups themselves go into",
        ),
        (
            ["--copy-to", "arn:aws-cn:backup:cn-north-1:123456789012:backup-vault:Copy"],
            "copies stay within the partition aws",
        ),
    ],
)
def test_a_vault_that_cannot_be_meant_is_a_wrong_flag(
    door: FrontDoor, aws: Sandbox, flags: list[str], said: str
) -> None:
    door.write_csv(GOOD)

    ended = door.run(*flags)

    assert ended.code == 2, ended.output
    assert said in " ".join(ended.output.split())
    assert aws.control.jobs() == []
