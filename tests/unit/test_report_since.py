"""What is new since the last run, in one line wherever a run's end is told."""

import io
from dataclasses import replace

import pytest

from ec2_backup.report import to_markdown
from ec2_backup.report.log_lines import closing_lines
from ec2_backup.report.since import since_last_line, to_news
from ec2_backup.since import SinceLast
from ec2_backup.terminal import console_for, print_report
from tests.unit.reports import STARTED, a_report, failed, proven

NEWS = SinceLast(
    "run-1", STARTED, newly_failing=("i-1", "i-2"), still_failing=("i-3",), newly_fixed=("i-4",),
    new=("i-5", "i-6", "i-7"), vanished=("i-8",), still_proven=("i-9",),
)  # fmt: skip
LINE = (
    "Since the run of 2026-03-01 02:30 UTC: 2 newly failing (i-1, i-2), 1 still failing, 1 fixed, 3 new, "
    "1 vanished (i-8)"
)
REPORT = a_report(proven(1), failed(2), since_last=NEWS)


def test_the_line_counts_all_that_is_new_and_names_what_needs_attention():
    assert since_last_line(REPORT) == LINE


@pytest.mark.parametrize("since", [None, SinceLast("run-1", STARTED, still_failing=("i-1",), still_proven=("i-2",))])
def test_where_nothing_is_new_there_is_no_line(since):
    report = replace(REPORT, since_last=since)

    assert since_last_line(report) == ""
    assert "Since the run" not in "\n".join([to_markdown(report), *closing_lines(report)])


def test_of_many_the_first_five_are_named():
    many = SinceLast("run-1", STARTED, newly_failing=tuple(f"i-{number}" for number in range(1200)))

    line = since_last_line(replace(REPORT, since_last=many))
    assert line.endswith("1,200 newly failing (i-0, i-1, i-2, i-3, i-4, and 1,195 more)")


def test_terminal_log_and_markdown_say_it():
    stream = io.StringIO()
    print_report(REPORT, console_for(stream))

    assert f"\n    {LINE}\n" in stream.getvalue()
    assert LINE in closing_lines(REPORT)
    assert LINE in to_markdown(REPORT).replace("\\", "")


def test_what_is_as_it_was_is_no_news():
    assert [news.words for news in to_news(NEWS)] == ["newly failing", "still failing", "fixed", "new", "vanished"]
