import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from ec2_backup.narration import LOGGER, FleetProgress, Mark, tell, tell_done, tell_progress
from ec2_backup.states import BackupJobState
from ec2_backup.terminal import console_for, shown

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


def test_a_step_that_ended_is_a_line_with_its_number_and_name() -> None:
    console, stream = piped()
    with shown(console, live=False):
        tell_done(4, "2 instances can be backed up")
        tell_done(10, "2 of 2 jobs finished")

    assert stream.getvalue().splitlines() == [
        "✅   4  Instance validation     2 instances can be backed up",
        "✅  10  Monitoring              2 of 2 jobs finished",
    ]


def test_trouble_and_notes_begin_in_the_same_column() -> None:
    console, stream = piped()
    with shown(console, live=False):
        tell("denied", mark=Mark.FAILED, step=6)
        tell("not encrypted", mark=Mark.WARNING)
        tell("one line was merged", step=2)
        LOGGER.warning("from elsewhere")

    assert stream.getvalue().splitlines() == [
        "❌   6  denied",
        "⚠       not encrypted",
        "     2  one line was merged",
        "⚠       from elsewhere",
    ]


def test_without_a_terminal_there_is_no_escape_sequence_and_no_line_is_wrapped() -> None:
    console, stream = piped()
    with shown(console, live=True):
        tell("word " * 100, mark=Mark.FAILED)
        tell_progress(progress(1, 2))

    assert "\x1b" not in stream.getvalue()
    assert len(stream.getvalue().splitlines()) == 2


def test_on_a_terminal_a_long_text_goes_on_under_its_beginning() -> None:
    console, stream = screen(width=60)
    with shown(console, live=False):
        tell("word " * 30, mark=Mark.FAILED, step=6)

    lines = ANSI.sub("", stream.getvalue()).splitlines()
    assert len(lines) > 2
    assert all(line.startswith(" " * 8 + "word") for line in lines[1:])
    assert all(cell_len(line) <= 60 for line in lines)


def test_failures_are_red_and_warnings_yellow_unless_no_color_is_asked_for() -> None:
    console, stream = screen()
    with shown(console, live=False):
        tell("denied", mark=Mark.FAILED)
        tell("doubtful", mark=Mark.WARNING)
    plain = io.StringIO()
    with shown(Console(file=plain, force_terminal=True, no_color=True), live=False):
        tell("denied", mark=Mark.FAILED)

    assert "\x1b[31mdenied" in stream.getvalue()
    assert "\x1b[33mdoubtful" in stream.getvalue()
    assert "\x1b[31m" not in plain.getvalue()


@given(st.text(st.characters(codec="utf-8"), max_size=40) | st.just("[bold]x[/bold] :smile: [link=http://x]"))
@settings(max_examples=100, deadline=None)
def test_whatever_is_told_is_shown_as_it_is_without_markup_or_escapes(text: str) -> None:
    console, stream = piped()
    with shown(console, live=False):
        tell("a " + text, mark=Mark.FAILED)

    assert "\x1b" not in stream.getvalue()
    if text.isprintable():
        assert text.strip() in stream.getvalue()


def test_a_stream_that_knows_no_emoji_gets_question_marks_and_no_error() -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    with shown(console_for(stream), live=False):
        tell_done(4, "größer")

    assert raw.getvalue().decode("ascii").split() == ["?", "4", "Instance", "validation", "gr??er"]


def test_nothing_is_shown_any_more_once_the_block_is_over() -> None:
    console, stream = piped()
    before = list(LOGGER.handlers)
    with shown(console, live=False):
        pass
    tell("outside", mark=Mark.FAILED)

    assert stream.getvalue() == ""
    assert LOGGER.handlers == before
