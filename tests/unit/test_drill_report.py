"""What a drill reports: proven is what was restored, verified and checked; green is when nothing is left as well."""

import json
from pathlib import Path

import pytest
from rich.console import Console

from ec2_backup.drill.command import to_next_command
from ec2_backup.drill.document import to_document
from ec2_backup.drill.log_lines import closing_lines
from ec2_backup.drill.markdown import to_markdown, to_table
from ec2_backup.drill.model import CheckResult, CheckStatus, Gone, Leftover
from ec2_backup.drill.page import to_html
from ec2_backup.drill.past import last_proven, to_drill_trend
from ec2_backup.drill.publication import write_drill
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.words import headline
from ec2_backup.restore.model import RestoreFailure
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.drill import print_drill
from tests.unit.drills import OTHER_KEY, a_drill, prove, settled
from tests.unit.restores import NEW, ORIGINAL, REGION, a_job


def test_all_proven_and_all_gone_is_green() -> None:
    run = a_drill(2)
    for line, took in ((1, 4), (2, 6)):
        prove(run, line, took)
        run.end(Gone(line))

    report = settled(run)

    assert (report.status, report.exit_code) == (RunStatus.PROVEN, 0)
    assert report.statistics.median_recovery_seconds == 300
    assert report.statistics.longest_recovery_seconds == 360
    assert report.statistics.seconds_per_gib == pytest.approx(600 / 216)
    assert headline(report) == (
        "2 of 2 recovery points are proven by a restore (median recovery 5 min 00 s), and nothing is left behind"
    )
    assert to_next_command(report) == ""


def test_a_plan_of_drills_that_cannot_be_is_said_to_be_a_plan() -> None:
    run = a_drill(2, dry_run=True)
    run.is_agreed = False
    run.plans.clear()
    for line in (1, 2):
        run.fail(RestoreFailure(line, "why"))

    assert headline(settled(run)) == "0 of 2 drills can be done as planned; nothing was started"


def test_what_is_left_makes_a_proven_drill_incomplete_and_says_exactly_what() -> None:
    run = a_drill()
    prove(run, 1)
    run.end(Gone(1, ("volume vol-0a is in-use",)))

    report = settled(run)

    assert (report.status, report.exit_code) == (RunStatus.INCOMPLETE, 3)
    assert report.outcomes[0].verdict is Verdict.PROVEN
    assert report.left == ("volume vol-0a is in-use",)
    assert report.outcomes[0].removed_at is None
    for text in ("\n".join(closing_lines(report)), to_markdown(report), json.dumps(to_document(report))):
        assert "volume vol-0a is in-use" in text


def test_a_leftover_that_could_not_be_removed_counts_and_one_that_is_gone_does_not() -> None:
    run = a_drill()
    prove(run, 1)
    run.end(Gone(1))
    run.find([Leftover(-1, OTHER_KEY, REGION, instance_id="i-0e"), Leftover(-2, OTHER_KEY, REGION, job_id="j")])
    run.end(Gone(-1))
    run.end(Gone(-2, ("i-0f was left alone, for it has no tag RestoredFrom",)))

    report = settled(run)

    assert report.exit_code == 3
    assert [bool(one.removed_at) for one in report.leftovers] == [True, True]
    assert report.left == ("i-0f was left alone, for it has no tag RestoredFrom",)


def test_a_drill_that_left_things_to_others_does_not_say_that_nothing_is_left_behind() -> None:
    run = a_drill()
    prove(run, 1)
    run.end(Gone(1))
    run.find([Leftover(-1, OTHER_KEY, REGION, at_work_on="ami-1"), Leftover(-2, OTHER_KEY, REGION, at_work_on="ami-1")])

    report = settled(run)

    assert (report.exit_code, report.leftovers, report.in_other_drills) == (0, (), 1)
    assert headline(report).endswith("; 1 instance left to other drills, which may be at work")


def test_a_drill_that_is_killed_by_an_error_says_what_it_has_left_there() -> None:
    run = a_drill(2)
    run.note([a_job(line=1)])

    report = settled(run, KeyboardInterrupt())

    assert (report.status, report.exit_code) == (RunStatus.INTERRUPTED, 130)
    assert report.left == (f"the new instance {NEW} is still there",)
    assert to_next_command(report).endswith(f"resume {run.run_key}")


def test_a_page_escapes_what_a_restored_machine_has_written() -> None:
    run = a_drill(check="cat /etc/motd")
    prove(run, 1)
    run.checks[1] = CheckResult(1, CheckStatus.PASSED, 0, "<script>alert(1)</script>")
    run.connected = ("security group sg-0a lets out <everything>",)
    run.end(Gone(1))
    report = settled(run)

    html = to_html(written(report, Path("nowhere")))

    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert "NOT ISOLATED, as was accepted" in html
    assert "<script>alert" not in to_table(report)[0]["Check"]


def written(report: DrillReport, folder: Path) -> DrillReport:
    return DrillReport(**{name: getattr(report, name) for name in DrillReport.__dataclass_fields__} |
                       {"files": {"log": str(folder / "drill.log")}})  # fmt: skip


def test_earlier_drills_of_the_folder_make_a_trend_and_say_when_an_instance_was_last_restored(tmp_path: Path) -> None:
    first, second = a_drill(), a_drill()
    for run, key, took in ((first, OTHER_KEY, 8), (second, "20261123T020000Z-0a1b2c3d", 4)):
        run.run_key = key
        prove(run, 1, took)
        run.end(Gone(1))
    write_drill(written(settled(first), tmp_path))
    (tmp_path / "drill_half.json").write_text('{"run_key": ')
    (tmp_path / "drill_run_x.json").write_text("{}")

    report = write_drill(written(settled(second), tmp_path))

    trend = to_drill_trend(report, tmp_path)
    assert trend is not None
    assert [bar.run.seconds for bar in trend.bars] == [480, 240]
    assert "2 drills in this folder" in Path(report.files["html"]).read_text()
    assert last_proven(tmp_path)[ORIGINAL].drill_key == "20261123T020000Z-0a1b2c3d"


def test_a_quiet_terminal_shows_trouble_and_last_the_verdict() -> None:
    run = a_drill(2)
    prove(run, 1)
    run.end(Gone(1))
    run.fail(RestoreFailure(2, "AWS Backup has no recovery point of it", "Back it up."))
    console = Console(width=120, record=True, file=open("/dev/null", "w"))  # noqa: SIM115, PTH123

    print_drill(settled(run), console, quiet=True)

    lines = console.export_text().strip().splitlines()
    assert "AWS Backup has no recovery point of it" in "\n".join(lines)
    assert lines[-1].startswith("❌  1 of 2 recovery points are proven by a restore")
