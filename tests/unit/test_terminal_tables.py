"""Every table on a terminal is whole at every width: what an id or an ARN is folded into can be joined again."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from ec2_backup.coverage.report import CoverageReport
from ec2_backup.drill.settlement import settle as settle_drill
from ec2_backup.history.gathering import to_history
from ec2_backup.restore.model import RestoreFailure
from ec2_backup.restore.settlement import settle as settle_restore
from ec2_backup.settlement import Calls
from ec2_backup.states import Verdict
from ec2_backup.terminal import print_plan, print_report
from ec2_backup.terminal.coverage import print_coverage
from ec2_backup.terminal.drill import print_drill
from ec2_backup.terminal.history import print_history
from ec2_backup.terminal.restore import print_restore
from ec2_backup.terminal.table import SIGN, Column, Sheet
from tests.unit.copies import copied, with_copies
from tests.unit.coverages import mixed
from tests.unit.drills import a_drill, prove
from tests.unit.past_runs import PROVEN, a_past_run
from tests.unit.reports import a_report, failed, planned, proven
from tests.unit.restores import NOW

# No letter twice, and none that any other text has: what of it is on a screen, and in which order, says it all.
WORD = "".join(map(chr, range(0x100, 0x180)))
NAME = "".join(map(chr, range(0x391, 0x3A1)))
WIDTHS = [*range(40, 100), 119, 120, 140, 160]


def a_failed_drill() -> object:
    run = a_drill(2)
    prove(run, 1)
    run.fail(RestoreFailure(2, "no", "Back it up."))
    run.leave(1, WORD)
    return settle_drill(run, NOW + timedelta(hours=1), Calls({}, 0, {}))


def a_failed_restore() -> object:
    run = a_drill(2)
    prove(run, 1)
    run.fail(RestoreFailure(2, WORD))
    return settle_restore(run, NOW + timedelta(hours=1), Calls({}, 0, {}))


def a_missed_coverage() -> CoverageReport:
    report = mixed()
    worst = replace(report.missed[0], reason=WORD)
    return replace(report, coverages=(worst,))


TABLES: dict[str, tuple[Callable[..., object], object, str]] = {
    "failures": (print_report, a_report(failed(1, WORD, name=NAME)), NAME + WORD),
    "copies": (print_report, with_copies(copied(proven(1), Verdict.FAILED, WORD)), WORD),
    "plans": (print_plan, a_report(planned(1, name=WORD), planned(2, windows_vss=True)), WORD),
    "coverage": (print_coverage, a_missed_coverage(), WORD),
    "drill": (print_drill, a_failed_drill(), WORD),
    "restore": (print_restore, a_failed_restore(), WORD),
    "history": (lambda of, console: print_history(of, "", console),
                to_history([a_past_run(1, key=WORD, a=PROVEN)], 30, lambda _: True), WORD),
}  # fmt: skip


def shown(printer: Callable[..., object], what: object, width: int) -> str:
    stream = io.StringIO()
    printer(what, Console(file=stream, width=width, force_terminal=True, color_system=None, highlight=False))
    return stream.getvalue()


@pytest.mark.parametrize("table", TABLES)
def test_a_table_drops_no_letter_at_any_width(table: str) -> None:
    printer, what, expected = TABLES[table]

    for width in WIDTHS:
        text = shown(printer, what, width)
        for word in filter(None, (expected.removesuffix(WORD), WORD)):
            assert "".join(letter for letter in text if letter in word) == word, f"at {width} columns"


@pytest.mark.parametrize("width", WIDTHS)
def test_no_table_is_wider_than_its_screen(width: int) -> None:
    text = "".join(shown(printer, what, width) for printer, what, _ in TABLES.values())

    assert [line for line in text.splitlines() if "──" in line and cell_len(line) > width] == []


def test_an_id_is_whole_in_its_cell_while_another_column_can_give_way() -> None:
    sheet = Sheet(
        (SIGN, Column("Instance", least=19), Column("Why")), [[Text("✅"), Text("i-" + "0" * 17), Text(WORD)]]
    )

    for width in WIDTHS:
        assert "i-" + "0" * 17 in shown(lambda of, console: console.print(of), sheet, width)


def test_a_table_is_no_wider_than_its_texts() -> None:
    sheet = Sheet((Column("A"), Column("Bee", justify="right")), [[Text("one\nsecond"), Text("1")]])

    lines = shown(lambda of, console: console.print(of), sheet, 80).splitlines()

    assert [line.strip() for line in lines if line.strip()] == [
        "A        Bee",
        "────────────",
        "one        1",
        "second",
    ]
