import re

import pytest
from rich.cells import cell_len

from tests.unit.reports import a_report, failed, not_started, proven, running, unseen
from tests.unit.screens import ending, on_screen


def columns_of(text: str, part: str) -> list[str]:
    """Return the cells of the first line that holds this part."""
    line = next(line for line in text.splitlines() if part in line)
    return re.split(r" {2,}", line.strip())


def test_a_table_says_of_each_failure_who_where_why_and_what_to_do() -> None:
    text = ending(a_report(proven(1), failed(2, "no such key", advice="Enable the key."), running(3), not_started(4)))

    assert columns_of(text, "Instance") == ["Instance", "Name", "Region", "Step", "To do", "Why"]
    assert columns_of(text, "i-00000000000000002") == [
        "❌", "i-00000000000000002", "web-2", "eu-central-1", "10 Monitoring", "(1)", "no such key",
    ]  # fmt: skip
    assert "    What to do (1):  Enable the key.\n" in text
    assert columns_of(text, "i-00000000000000003")[-2:] == [
        "(2)", "the job goes on at AWS, and this run no longer waits for it",
    ]  # fmt: skip
    assert "the run ended before this instance's turn" in text
    assert "❌  1 of 4 instances have" in text


def test_failures_with_the_same_remedy_share_it() -> None:
    text = ending(a_report(failed(1, "a"), unseen(2), failed(3, "b")))

    assert [columns_of(text, name)[5] for name in ("web-1", "web-3", "old-db")] == ["(1)", "(1)", "(2)"]
    assert text.count("  Attach") == 1
    assert text.index("web-1") < text.index("web-3") < text.index("old-db") < text.index("What to do (1):  Attach")


def test_a_failure_without_advice_has_no_number() -> None:
    text = ending(a_report(failed(1, "odd", advice="")))

    assert columns_of(text, "web-1")[-2:] == ["10 Monitoring", "odd"]
    assert "What to do" not in text


def test_a_table_for_a_program_keeps_each_instance_on_a_line_of_its_own() -> None:
    text = ending(a_report(failed(1, "word " * 80 + "end"), failed(2, "b")))

    assert [line[-3:] for line in text.splitlines() if "web-" in line] == ["end", "  b"]


def test_on_a_narrow_screen_name_region_and_step_stand_below() -> None:
    lines = on_screen(a_report(failed(1, "no such key", advice="Enable the key.")), 80).splitlines()
    row = next(number for number, line in enumerate(lines) if "i-0" in line)

    assert lines[row].split() == ["❌", "i-00000000000000001", "no", "such", "key"]
    assert lines[row + 1].split("   ")[-2:] == ["web-1, eu-central-1", "10 Monitoring, to do (1)"]


def test_of_many_failures_the_first_twenty_are_shown_and_the_file_with_all() -> None:
    text = ending(a_report(*map(failed, range(30))))

    assert text.count("10 Monitoring") == 20
    assert "and 10 more instances in backup-output/report.csv" in text
    assert "more instances in the CSV report" in ending(a_report(*map(failed, range(30)), files={}))


@pytest.mark.parametrize("width", [40, 80, 120])
def test_on_a_screen_nothing_is_wider_than_the_screen_except_what_is_copied(width: int) -> None:
    text = on_screen(a_report(proven(1), failed(2, "word " * 50), unseen(3), files={"csv": "x" * 200}), width)
    lines = text.splitlines()

    assert [line for line in lines if cell_len(line) > width] == [line for line in lines if "xxx" in line]
    assert "x" * 200 in text
    assert "i-00000000000000002" in text
