"""The history on a terminal of any width, with colours or without."""

import io
from dataclasses import replace

import pytest
from rich.console import Console

from ec2_backup.history.gathering import History, to_history
from ec2_backup.history.past_run import PastRun, Unreadable
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal.history import print_history
from tests.unit.past_runs import FAILED, PROVEN, RUNNING, a_past_run

RUNS = [
    a_past_run(4, a=FAILED, b=PROVEN, fresh=PROVEN),
    a_past_run(3, RunStatus.INTERRUPTED, a=RUNNING, b=PROVEN),
    a_past_run(2, RunStatus.PLANNED, a=Verdict.PLANNED, b=Verdict.PLANNED),
    a_past_run(1, a=PROVEN, b=FAILED, gone=PROVEN),
    a_past_run(0, RunStatus.ABORTED, account=""),
]


def history(*runs: PastRun | Unreadable, last: int = 30) -> History:
    return to_history(runs, last, lambda _: True)


def shown(of: History, width: int = 120) -> str:
    stream = io.StringIO()
    print_history(of, "nothing there", Console(file=stream, width=width, highlight=False, markup=False, emoji=False))
    return stream.getvalue()


def row_of(key: str, text: str) -> str:
    (line,) = [line for line in text.splitlines() if f" {key} " in line]
    return " ".join(line.split())


def test_each_run_has_its_row_newest_last():
    text = shown(history(*RUNS))

    assert row_of("run-4", text) == "2026-03-05 02:30 run-4 ❌ incomplete 2 of 3 ██████░░░░ 66.7 % 20 min 00 s 200 GiB"
    assert row_of("run-3", text) == "2026-03-04 02:30 run-3 ⚠ interrupted 1 of 2 █████░░░░░ 50 % 20 min 00 s 100 GiB"
    assert row_of("run-2", text) == "2026-03-03 02:30 run-2 📋 planned 2 20 min 00 s"
    assert row_of("run-0", text) == "2026-03-01 02:30 run-0 ❌ ended early 20 min 00 s"
    assert text.index("run-0") < text.index("run-1") < text.index("run-4")
    assert "ec2_instances.csv to vault EC2-Backup  ·▅▄▅\n" in text


@pytest.mark.parametrize("width", [80, 100, 118, 140, 200])
def test_no_line_of_the_table_is_wider_than_the_screen_and_no_key_is_broken(width):
    runs = [replace(run, run_key=f"20260301T02300{day}Z-0c6a3a5e") for day, run in enumerate(RUNS)]
    text = shown(history(*runs), width)

    assert all(run.run_key in text for run in runs)
    assert max(len(line) for line in text.split("New in the run")[0].splitlines()) <= width


def test_what_is_new_stands_below_with_names():
    below = shown(history(*RUNS)).split("New in the run of 2026-03-05 02:30, since that of 2026-03-04 02:30 UTC")[1]

    assert below.splitlines()[1:] == [
        "  Newly failing: 1 instance",
        "    ❌  a  name-of-a",
        "  New in the CSV: 1 instance",
        "    ✅  fresh  name-of-fresh",
        "  Vanished from the CSV: 1 instance",
        "        gone  name-of-gone",
    ]


def test_a_run_that_came_to_the_same_says_so():
    assert "nothing: the same instances" in shown(history(a_past_run(2, a=PROVEN), a_past_run(1, a=PROVEN)))


def test_what_an_interrupted_run_could_not_tell_is_counted():
    runs = [a_past_run(2, RunStatus.INTERRUPTED, a=RUNNING), a_past_run(1, a=PROVEN)]

    assert "The run ended before it could tell: 1 instance" in shown(history(*runs))


def test_of_many_instances_twenty_are_named():
    now = a_past_run(2, **{f"n{number}": FAILED for number in range(50)})
    before = a_past_run(1, **{f"n{number}": PROVEN for number in range(50)})

    text = shown(history(now, before))
    assert text.count("name-of-") == 20
    assert "and 30 more instances: --json names them all" in text


def test_runs_of_different_lists_stand_in_tables_of_their_own():
    mine = a_past_run(3, a=PROVEN)
    runs = [mine, a_past_run(2, a=FAILED, csv="other.csv"), replace(a_past_run(1, a=PROVEN), account="999999999999")]
    headings = [line for line in shown(history(*runs)).splitlines() if " to vault " in line]

    assert headings == [
        "ec2_instances.csv to vault EC2-Backup, account 999999999999",
        "other.csv to vault EC2-Backup",
        "ec2_instances.csv to vault EC2-Backup, account 123456789012",
    ]


def test_the_last_runs_are_shown_and_the_newest_still_compared_with_one_that_is_not():
    text = shown(history(*RUNS, last=1))

    assert "run-3" not in text.split("New in")[0]
    assert "Newly failing: 1 instance" in text


def test_a_dry_run_is_never_what_is_new():
    text = shown(history(a_past_run(9, RunStatus.PLANNED, a=Verdict.PLANNED), *RUNS))

    assert "New in the run of 2026-03-05 02:30" in text


def test_a_part_of_a_list_is_marked_as_one():
    assert "✅ proven, part" in shown(history(a_past_run(2, is_part=True, b=PROVEN), a_past_run(1, a=PROVEN, b=FAILED)))


def test_what_could_not_be_read_is_named_and_an_empty_folder_says_so():
    text = shown(history(Unreadable("report_x.json", "this is not JSON")))

    assert text == "⚠   left out: report_x.json: this is not JSON\nnothing there\n"


def test_a_terminal_control_sequence_in_an_old_report_is_not_passed_on():
    runs = [replace(run, run_key="\x1b[31mrun") for run in RUNS[:1]]

    assert "\x1b" not in shown(history(*runs))
