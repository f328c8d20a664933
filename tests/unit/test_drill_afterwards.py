"""What a backup run says of its own drill, and of drills before it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from ec2_backup.drilled import DrillNews, DrillVerdict, Restored
from ec2_backup.publication import with_last_restored
from ec2_backup.report.command import to_next_command
from ec2_backup.report.figures import figures, headline
from ec2_backup.runkey import to_began_at, to_run_key
from ec2_backup.settings import BackupOptions
from ec2_backup.settlement import Calls, settle
from ec2_backup.states import RunStatus, Verdict
from tests.unit.kept_runs import a_run, prove
from tests.unit.reports import a_report, proven

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SAID = "0 of 1 recovery point is proven by a restore; 1 thing left behind"


@pytest.mark.parametrize(("is_good", "status", "code"), [(True, RunStatus.PROVEN, 0), (False, RunStatus.INCOMPLETE, 3)])
def test_a_drill_that_fails_makes_a_run_incomplete_whose_backups_stay_proven(is_good, status, code, tmp_path):
    run = a_run(tmp_path)
    prove(run)
    run.drill = DrillNews(DrillVerdict("KEY-drill", SAID, is_good=is_good))

    report = settle(run, run.began_at + timedelta(minutes=5), Calls({}, 0))

    assert (report.status, report.exit_code) == (status, code)
    assert {one.verdict for one in report.outcomes} == {Verdict.PROVEN}
    assert ("; the restore drill failed" in headline(report)) is not is_good
    assert ("Restore drill", SAID) in figures(report)


def test_an_instance_was_last_restored_by_the_runs_own_drill_or_else_by_an_earlier_one() -> None:
    own = Restored(AT, 240.0, "KEY-drill")
    report = a_report(replace(proven(1), restored=own), proven(2), proven(3))
    first, second, _ = (one.row.instance_id for one in report.outcomes)
    earlier = Restored(AT - timedelta(days=7), 300.0, "EARLIER")

    known = with_last_restored(report, {first: earlier, second: earlier})

    assert [one.restored and one.restored.drill_key for one in known.outcomes] == ["KEY-drill", "EARLIER", None]


def test_a_drill_after_a_run_needs_a_place() -> None:
    with pytest.raises(ValidationError, match="a drill needs an isolated place"):
        BackupOptions(drill=1, drill_subnet="subnet-0a1b2c3d")

    assert BackupOptions(drill_subnet="subnet-0a1b2c3d").drill == 0


def test_the_key_of_a_runs_drill_says_when_the_run_began() -> None:
    key = to_run_key(AT, "0a1b2c3d")

    assert to_began_at(f"{key}-drill") == AT
    assert to_began_at(f"{key}-123456789012-eu-central-1-drill") == AT


def test_after_a_drill_that_failed_the_next_thing_is_another_drill_and_no_other_backup() -> None:
    options = {"drill": 2, "drill_subnet": "subnet-0a1b2c3d", "drill_security_group": "sg-0a1b2c3d"}
    parameters = {"csv": "web.csv", "options": options}
    failed = DrillVerdict("KEY-drill", SAID, is_good=False)
    files = {"json": "backup-output/report_KEY.json"}
    told = {"status": RunStatus.INCOMPLETE, "drill": failed, "parameters": parameters, "files": files}
    report = replace(a_report(proven(1)), **told)

    assert to_next_command(report) == (
        "./start-ec2-backup.sh drill --csv web.csv --sample 2 --subnet subnet-0a1b2c3d --security-group sg-0a1b2c3d"
    )
