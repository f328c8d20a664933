"""The lines of a list that ended a run stand, with their reasons, in whatever form somebody reads the report."""

from datetime import timedelta

from ec2_backup.errors import BadLine, InventoryError
from ec2_backup.ledger import Ledger
from ec2_backup.report.document import from_json, to_json
from ec2_backup.report.markdown import to_markdown
from ec2_backup.results import RunReport
from ec2_backup.settings import BackupRequest
from ec2_backup.settlement import Calls, settle
from tests.unit.backups import BEGAN
from tests.unit.page_reports import page_of

LINES = tuple(BadLine(number, f"<x-{number}>", "this is not an instance id") for number in range(2, 62))


def ended_by_lines() -> RunReport:
    error = InventoryError("list.csv: 60 of 60 lines cannot be used", hint="Correct these lines.", bad_lines=LINES)
    return settle(Ledger(BackupRequest(), "run-1", BEGAN), BEGAN + timedelta(seconds=1), Calls({}, 0), error)


def test_the_json_has_every_line_and_reads_it_again():
    again = from_json(to_json(ended_by_lines()))

    assert again.error
    assert again.error.bad_lines == LINES


def test_the_page_has_the_first_fifty_and_says_how_many_more_there_are():
    page = page_of(ended_by_lines())
    items = [one.text for one in page.inside(page.one("section", **{"aria-labelledby": "error"})) if one.tag == "li"]

    assert len(items) == 51
    assert items[0] == "line 2: '<x-2>': this is not an instance id"
    assert items[-1] == "and 10 more lines; the log names them all"


def test_the_artifact_in_prefect_has_them_too():
    text = to_markdown(ended_by_lines())

    assert r"- line 2: '\<x-2\>': this is not an instance id" in text
    assert "- line 51: " in text
    assert "- line 52: " not in text
    assert "- and 10 more lines; the log names them all" in text
