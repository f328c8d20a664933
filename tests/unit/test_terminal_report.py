import io

import pytest

from ec2_backup.errors import BadLine, InventoryError, UsageError
from ec2_backup.results import RunError, RunReport
from ec2_backup.states import RunStatus
from ec2_backup.terminal import console_for, print_error, print_plan
from tests.unit.reports import a_report, failed, not_started, planned, proven, unseen
from tests.unit.screens import ending


def plan_of(report: RunReport) -> str:
    stream = io.StringIO()
    print_plan(report, console_for(stream))
    return stream.getvalue()


def error_text(error: UsageError | InventoryError) -> str:
    stream = io.StringIO()
    print_error(error, console_for(stream))
    return stream.getvalue()


def test_a_good_run_ends_with_its_headline_figures_and_files() -> None:
    text = ending(
        a_report(proven(1), proven(2), run_url="http://127.0.0.1:4200/runs/1"), "./start-ec2-backup.sh --help"
    )

    assert text.startswith("\n✅  2 of 2 instances have a proven recovery point, 4 of 4 volumes\n")
    for expected in (
        "    Success rate    100 %\n",
        "    AWS API calls   15, 7.50 per instance\n",
        "    CSV report   backup-output/report.csv\n",
        "    Prefect run  http://127.0.0.1:4200/runs/1\n",
        "    Next         ./start-ec2-backup.sh --help\n",
    ):
        assert expected in text


@pytest.mark.parametrize(
    ("status", "headline"),
    [(RunStatus.ABORTED, "❌  The run ended early"), (RunStatus.INTERRUPTED, "⚠   The run was interrupted")],
)
def test_a_run_that_was_cut_short_says_so_with_the_error_and_what_to_do(status: RunStatus, headline: str) -> None:
    error = RunError("VaultError", "vault EC2-Backup does not exist", "Create it.", 12)
    text = ending(a_report(not_started(1), status=status, error=error))

    assert "❌  vault EC2-Backup does not exist\n    What to do:  Create it.\n" in text
    assert headline in text


def test_square_brackets_in_names_and_messages_are_no_markup() -> None:
    text = ending(a_report(failed(1, "[red]no[/red] [/]", name="[bold]db", advice="[link=x]see")))
    plan = plan_of(a_report(planned(1, name="[bold]db[/x]"), status=RunStatus.PLANNED))

    for expected in ("[red]no[/red] [/]", "[bold]db", "[link=x]see"):
        assert expected in text
    assert "[bold]db[/x]" in plan


def test_a_plan_lists_each_instance_and_what_all_have_in_common() -> None:
    plan = plan_of(a_report(planned(1), planned(2), unseen(3), status=RunStatus.PLANNED))

    for expected in (
        "i-00000000000000001",
        "web-2",
        "eu-central-1",
        "100 GiB",
        "EC2-Backup",
        "7 days",
        "not asked for",
    ):
        assert expected in plan
    assert "role/service-role/AWSBackupDefaultServiceRole" in plan
    assert "BackupRun=nightly, SourceInstance=(one for each instance)" in plan
    assert "i-00000000000000003" not in plan


def test_a_plan_says_for_which_instances_vss_is_asked() -> None:
    plan = plan_of(a_report(planned(1), planned(2, windows_vss=True), status=RunStatus.PLANNED))

    assert [line.split()[-1] for line in plan.splitlines() if "web-" in line] == ["GiB", "yes"]
    assert "asked for on 1 instance" in plan


def test_a_long_plan_is_cut_off_with_the_file_that_holds_all() -> None:
    plan = plan_of(a_report(*map(planned, range(60)), status=RunStatus.PLANNED))

    assert plan.count("web-") == 50
    assert "and 10 more instances in backup-output/report.csv" in plan


def test_a_dry_run_that_planned_nothing_prints_no_plan() -> None:
    assert plan_of(a_report(unseen(1), status=RunStatus.PLANNED)) == ""


def test_a_dry_run_with_a_failure_does_not_end_with_a_tick() -> None:
    assert "✅  The plan covers 1 of 1" in ending(a_report(planned(1), status=RunStatus.PLANNED))
    assert "❌  The plan covers 1 of 2" in ending(a_report(planned(1), unseen(2), status=RunStatus.PLANNED))


def test_an_error_is_its_message_and_what_to_do() -> None:
    error = UsageError("--retention-days 0 is too short.", hint="Give 1 to 36500.")

    assert error_text(error) == "❌  --retention-days 0 is too short.\n    What to do:  Give 1 to 36500.\n\n"
    assert error_text(UsageError("Just this.")) == "❌  Just this.\n\n"


def test_every_bad_line_of_a_csv_is_named_up_to_fifty() -> None:
    def error(number: int) -> InventoryError:
        lines = tuple(BadLine(line, "x", "not an instance ID") for line in range(2, number + 2))
        return InventoryError("The CSV cannot be used.", hint="Correct it.", bad_lines=lines)

    assert error_text(error(50)).count("not an instance ID") == 50
    assert "more" not in error_text(error(50))
    assert error_text(error(53)).count("not an instance ID") == 50
    assert "    and 3 more lines; the log names them all\n" in error_text(error(53))
