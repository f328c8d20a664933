"""What a run tells has one channel, and any reader can listen to it."""

import logging

import pytest

from ec2_backup.listener import Told, listening, told
from ec2_backup.narration import LOGGER, STEPS, FleetProgress, Mark, tell, tell_done, tell_progress, tell_report
from ec2_backup.states import BackupJobState
from tests.unit.reports import a_report


class Ear(logging.Handler):
    """A reader that remembers what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Told] = []
        self.records: list[logging.LogRecord] = []
        self.closed = False

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)
        self.heard.append(told(record))

    def close(self) -> None:
        self.closed = True
        super().close()


@pytest.fixture
def ear():
    handler = Ear()
    with listening(handler):
        yield handler


def test_the_thirteen_steps_have_names():
    assert list(STEPS) == list(range(1, 14))


@pytest.mark.parametrize(
    ("mark", "level"),
    [
        (Mark.DONE, logging.INFO),
        (Mark.NOTE, logging.INFO),
        (Mark.WARNING, logging.WARNING),
        (Mark.FAILED, logging.ERROR),
    ],
)
def test_the_mark_of_a_line_decides_its_level(ear, mark, level):
    tell("so it is", mark=mark, step=4)

    assert ear.heard == [Told("so it is", mark, 4)]
    assert ear.records[0].levelno == level


def test_a_step_that_ended_well_is_told_as_done(ear):
    tell_done(7, "role found")

    assert ear.heard == [Told("role found", Mark.DONE, 7)]


def test_progress_says_how_many_jobs_are_in_which_state(ear):
    counts = {BackupJobState.RUNNING: 2, BackupJobState.COMPLETED: 1, BackupJobState.FAILED: 0}
    progress = FleetProgress(10, "finished", 1, 3, counts, 60)

    tell_progress(progress)

    assert ear.heard == [Told("1 of 3 finished (2 RUNNING, 1 COMPLETED)", Mark.NOTE, 10, progress)]


def test_progress_of_an_empty_fleet_has_no_brackets(ear):
    tell_progress(FleetProgress(6, "started", 0, 0, {}, 0))

    assert ear.heard[0].text == "0 of 0 started"


def test_the_report_travels_with_the_last_record(ear):
    report = a_report()

    tell_report(report)

    assert ear.records[0].__dict__["report"] is report
    assert ear.heard[0].step == 13


@pytest.mark.parametrize(
    ("level", "mark"), [(logging.DEBUG, Mark.NOTE), (logging.WARNING, Mark.WARNING), (logging.CRITICAL, Mark.FAILED)]
)
def test_a_record_of_a_library_gets_its_mark_from_its_level(level, mark):
    record = logging.LogRecord("prefect", level, __file__, 1, "said %s", ("this",), None)

    assert told(record) == Told("said this", mark)


def test_who_stops_listening_is_closed_and_hears_no_more():
    level, handler = LOGGER.level, Ear()

    with listening(handler):
        tell("heard")
    tell("not heard")

    assert [line.text for line in handler.heard] == ["heard"]
    assert handler.closed
    assert LOGGER.level == level


def test_a_more_talkative_level_is_left_as_it_is():
    level = LOGGER.level
    LOGGER.setLevel(logging.DEBUG)
    try:
        with listening(Ear()):
            assert LOGGER.level == logging.DEBUG
    finally:
        LOGGER.setLevel(level)
