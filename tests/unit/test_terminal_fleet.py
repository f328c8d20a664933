import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from rich.cells import cell_len
from rich.console import Console, RenderableType

from ec2_backup.narration import FleetProgress, Mark, tell, tell_done, tell_link, tell_progress, tell_proven
from ec2_backup.states import BackupJobState
from ec2_backup.terminal import console_for, shown
from ec2_backup.terminal.fleet import fleet_view
from tests.unit.reports import STARTED, a_job, an_instance

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def piped() -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return console_for(stream), stream


def screen(width: int = 80) -> tuple[Console, io.StringIO]:
    stream = io.StringIO()
    return Console(file=stream, width=width, force_terminal=True, color_system="standard"), stream


def progress(done: int, total: int, elapsed: float = 0, step: int = 10) -> FleetProgress:
    counts = {BackupJobState.RUNNING: total - done, BackupJobState.COMPLETED: done}
    return FleetProgress(step, "finished", done, total, counts, elapsed)


def test_plain_progress_is_told_only_when_counts_changed_and_after_a_while() -> None:
    console, stream = piped()
    with shown(console, live=False, seconds_between=10):
        tell_progress(progress(0, 5, elapsed=0))
        tell_progress(progress(0, 5, elapsed=20))
        tell_progress(progress(1, 5, elapsed=21))
        tell_progress(progress(2, 5, elapsed=22))
        tell_progress(progress(3, 5, elapsed=31))
        tell_progress(progress(0, 5, elapsed=0, step=6))

    assert [line.split("(")[0].strip() for line in stream.getvalue().splitlines()] == [
        "10  0 of 5 finished",
        "10  1 of 5 finished",
        "10  3 of 5 finished",
        "6  0 of 5 finished",
    ]


@pytest.mark.parametrize("live", [True, False])
def test_single_instances_of_a_large_fleet_are_left_to_the_log_but_not_their_failures(live: bool) -> None:
    console, stream = screen() if live else piped()
    with shown(console, live=live, fleet=500):
        for number in range(500):
            tell(f"i-{number:017x}: job started", step=6)
        tell("500 backups planned", step=6)
        tell("i-7: denied", mark=Mark.FAILED, step=6)

    lines = ANSI.sub("", stream.getvalue()).splitlines()
    assert lines == [
        "     6  Lines about single instances of this step are in the log.",
        "     6  500 backups planned",
        "❌   6  i-7: denied",
    ]


def test_the_size_of_the_fleet_is_learned_from_its_progress() -> None:
    console, stream = piped()
    with shown(console, live=False):
        tell_progress(progress(0, 21))
        tell("i-00000000000000001: job started", step=10)

    assert "job started" not in stream.getvalue()


def test_a_small_fleet_is_shown_instance_by_instance() -> None:
    console, stream = piped()
    with shown(console, live=False, fleet=20):
        for number in range(20):
            tell(f"i-{number:017x}: job started", step=6)

    assert len(stream.getvalue().splitlines()) == 20


def test_the_same_warning_of_many_instances_is_cut_off() -> None:
    console, stream = piped()
    with shown(console, live=False):
        for number in range(100):
            tell(f"vol-{number} is not encrypted", mark=Mark.WARNING, step=9)

    lines = stream.getvalue().splitlines()
    assert len(lines) == 21
    assert lines[-1] == "⚠    9  Further lines of this step are in the log."


def test_a_live_display_gives_way_to_the_line_of_its_step() -> None:
    console, stream = screen()
    with shown(console, live=True):
        tell_progress(progress(1, 2))
        tell("i-7: denied", mark=Mark.FAILED, step=10)
        tell_progress(progress(2, 2))
        tell_done(10, "2 of 2 jobs finished")
        finished = len(stream.getvalue())
        tell("after", step=11)

    text = ANSI.sub("", stream.getvalue())
    assert "1 of 2 finished" in text
    assert "━" in text
    assert text.count("2 of 2 jobs finished") == 1
    assert "━" not in stream.getvalue()[finished:]


def test_a_live_display_that_is_cut_short_leaves_its_last_state_as_a_line() -> None:
    console, stream = screen()
    with shown(console, live=True):
        tell_progress(progress(0, 3, step=6))
        tell_progress(progress(1, 3, step=10))

    assert ANSI.sub("", stream.getvalue()).splitlines()[-1] == "    10  1 of 3 finished (2 RUNNING, 1 COMPLETED)"


def test_the_view_of_a_fleet_shows_counts_and_the_slowest_jobs() -> None:
    stream = io.StringIO()
    jobs = tuple(a_job(an_instance(number), BackupJobState.RUNNING) for number in range(7))
    seen = FleetProgress(10, "finished", 3, 10, {BackupJobState.RUNNING: 7, BackupJobState.COMPLETED: 3}, 65, jobs)
    Console(file=stream, width=80).print(fleet_view(seen, 1, STARTED + timedelta(minutes=12)))

    lines = stream.getvalue().splitlines()
    assert "3 of 10 finished  1 min 06 s" in lines[1]
    assert lines[2].split() == ["7", "RUNNING", "3", "COMPLETED"]
    assert lines[3].rstrip() == "        i-00000000000000000  job 00000000  RUNNING 40 %  12 min 00 s  100 GiB"
    assert len(lines) == 8


def test_the_view_says_how_many_are_proven_when_all_may_be_over_and_where_to_look_on() -> None:
    seen = replace(progress(312, 1000), remaining_seconds=1500)

    view = lines_of(fleet_view(seen, 65, STARTED, proven=290, link="http://127.0.0.1:4217/runs/flow-run/1"))

    assert "312 of 1,000 finished  1 min 05 s" in view[1]
    assert view[2].strip() == "about 24 min left  ·  290 proven  ·  688 RUNNING  312 COMPLETED"
    assert view[3] == "http://127.0.0.1:4217/runs/flow-run/1"


def test_a_forecast_that_has_passed_is_not_shown_any_more() -> None:
    seen = replace(progress(1, 2), remaining_seconds=30)

    assert "left" in lines_of(fleet_view(seen, 29, STARTED))[2]
    assert "left" not in lines_of(fleet_view(seen, 31, STARTED))[2]


@pytest.mark.parametrize("width", [60, 80, 120])
def test_the_view_of_a_large_fleet_fits_any_screen(width: int) -> None:
    jobs = tuple(a_job(an_instance(number), BackupJobState.RUNNING) for number in range(5))
    counts = dict.fromkeys(BackupJobState, 11_111)
    seen = FleetProgress(10, "finished", 55_555, 99_999, counts, 86_000, jobs, 1e5)

    view = lines_of(fleet_view(seen, 0, STARTED + timedelta(hours=20), proven=44_444, link="http://x/"), width)

    assert all(cell_len(line) <= width for line in view)
    assert len(view) == 9
    assert "55,555 of 99,999 finished" in view[1]
    assert "about 28 h left" in view[2]


def test_a_live_display_takes_in_what_would_be_a_line_elsewhere() -> None:
    (live, screened), (lines, written) = screen(), piped()
    for console in (live, lines):
        with shown(console, live=True):
            tell_link("http://127.0.0.1:4217/runs/flow-run/1")
            tell_progress(progress(1, 3))
            tell_proven("1 backup proven, 1 of 3 by now", 1)
            tell_progress(progress(2, 3))
            tell_done(10, "2 of 3 jobs finished")

    assert "follow the run at" not in screened.getvalue()
    assert "by now" not in screened.getvalue()
    assert "1 proven" in screened.getvalue()
    assert "http://127.0.0.1:4217/runs/flow-run/1" in ANSI.sub("", screened.getvalue())
    assert "follow the run at http://127.0.0.1:4217/runs/flow-run/1" in written.getvalue()
    assert "1 backup proven, 1 of 3 by now" in written.getvalue()


def test_plain_progress_says_when_all_may_be_over() -> None:
    console, stream = piped()
    with shown(console, live=False):
        tell_progress(replace(progress(1, 2), remaining_seconds=100))

    assert stream.getvalue() == "    10  1 of 2 finished (1 RUNNING, 1 COMPLETED), about 2 min left\n"


def lines_of(view: RenderableType, width: int = 80) -> list[str]:
    stream = io.StringIO()
    Console(file=stream, width=width).print(view)
    return [line.rstrip() for line in stream.getvalue().splitlines()]
