import re
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from ec2_backup.lines import one_line
from ec2_backup.report import to_markdown
from ec2_backup.report.gfm import code, escape, table
from ec2_backup.results import RunError
from ec2_backup.states import RunStatus
from tests.unit.reports import a_report, failed, not_started, planned, proven, running

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
NASTY = "\\`*_[]()<>|~&#!-+=.:/@ \n\tab1"
texts = st.text(st.sampled_from(NASTY), max_size=25) | st.text(max_size=25)


def cells(markdown: str) -> list[list[Token]]:
    tokens = PARSER.parse(markdown)
    return [token.children or [] for before, token in pairwise(tokens) if before.type == "td_open"]


def shown(inline: list[Token]) -> str:
    return "".join(token.content for token in inline)


@given(texts)
@example("a\\|b")
@example("![x](http://e.vil)")
@example("<b>&lt;</b>")
@settings(max_examples=400, deadline=None)
def test_an_escaped_text_in_a_cell_shows_itself_and_nothing_else(text: str) -> None:
    found = cells("\n".join(table(("A", "B"), [(escape(text), "end")])))

    assert [shown(cell) for cell in found] == [one_line(text), "end"]
    assert {token.type for token in found[0]} <= {"text", "text_special"}


@given(texts)
@settings(max_examples=400, deadline=None)
def test_an_escaped_text_in_a_list_stays_one_line_of_it(text: str) -> None:
    tokens = PARSER.parse(f"- {escape('x' + text)}\n- {escape(text)}\n- end")

    assert [token.type for token in tokens].count("list_item_open") == 3
    assert {token.tag for token in tokens} <= {"ul", "li", "p", ""}


@given(texts.filter(lambda text: bool(one_line(text))))
@example("`")
@example("a``b")
@example("|")
@settings(max_examples=300, deadline=None)
def test_code_in_a_cell_shows_the_text_and_ends_where_it_should(text: str) -> None:
    found = cells("\n".join(table(("A", "B"), [(code(text), "end")])))

    assert len(found) == 2
    assert shown(found[0]) == one_line(text)


@pytest.mark.parametrize("text", ["https://e.vil/x", "HTTP://e.vil", "www.e.vil", "WWW.e.vil", "me@e.vil"])
def test_a_bare_address_is_written_so_that_it_does_not_become_a_link(text: str) -> None:
    assert re.search(r"(?<!\\)(://|(?<=www)\.|@)", escape(text), re.IGNORECASE) is None
    assert MarkdownIt("commonmark").renderInline(escape(text)) == text


def test_the_report_begins_with_its_verdict() -> None:
    assert to_markdown(a_report(proven(1), proven(2))).startswith(
        "# ✅ 2 of 2 instances have a proven recovery point, 4 of 4 volumes\n\nRun `20260301-023000-k3f9`"
    )
    assert to_markdown(a_report(proven(1), failed(2))).startswith("# ❌ 1 of 2")
    assert to_markdown(a_report(planned(1), status=RunStatus.PLANNED)).startswith("# 📋 The plan covers")


def test_a_failure_is_told_with_awss_words_and_what_to_do() -> None:
    report = a_report(proven(1), failed(2, "job ended FAILED: no such key", advice="Enable the key."), running(3))
    (line,) = (line for line in to_markdown(report).splitlines() if "i-00000000000000002" in line)

    assert line.startswith("- ❌ [i-00000000000000002](https://")
    assert line.endswith(
        "(web-2, eu-central-1, step 10 Monitoring): job ended FAILED: no such key. **What to do:** Enable the key."
    )
    assert "goes on at AWS" in to_markdown(report)


def test_after_a_hundred_failures_one_line_says_how_many_more_there_are() -> None:
    text = to_markdown(a_report(*map(failed, range(130))))

    assert text.count("InstanceDetails") == 100
    assert "And 30 more instances: the CSV report lists all." in text


def test_statistics_parameters_notes_and_files_have_their_sections() -> None:
    report = a_report(proven(1), notes=("2 lines were *merged*",), parameters={"vault": "a|b", "tags": {"team": "ops"}})
    values = [shown(cell) for cell in cells(to_markdown(report))]

    for expected in ("100 %", "backup:StartBackupJob", "12", "a|b", '{"team": "ops"}', "backup-output/report.csv"):
        assert expected in values
    assert r"- 2 lines were \*merged\*" in to_markdown(report)


def test_many_notes_are_cut_off_with_their_number() -> None:
    text = to_markdown(a_report(proven(1), notes=tuple(f"note {number}" for number in range(60))))

    assert "note 49" in text
    assert "note 50" not in text
    assert "- and 10 more notes in the JSON report" in text


def test_a_run_that_ended_early_says_why_and_what_to_do() -> None:
    error = RunError("VaultError", "the vault <EC2-Backup> does not exist", "Create it.", 12)
    text = to_markdown(a_report(not_started(1), status=RunStatus.ABORTED, error=error))

    assert r"**VaultError:** the vault \<EC2-Backup\> does not exist" in text
    assert "**What to do:** Create it." in text


def test_a_report_with_nothing_in_it_has_no_empty_sections() -> None:
    text = to_markdown(a_report(status=RunStatus.ABORTED, parameters={}, files={}))

    assert "## Parameters" not in text
    assert "## Files" not in text
    assert "without a proven" not in text
