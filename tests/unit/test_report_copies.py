"""Copies in every form of a report: the headline, what is not proven and what to do, and figures for each vault."""

import csv
import io
import json
from dataclasses import replace

import pytest

from ec2_backup.earlier import to_inventory
from ec2_backup.errors import InventoryError
from ec2_backup.history.document import read_document, to_past_run
from ec2_backup.report import from_json, headline, to_copy_table, to_csv, to_document, to_json, to_markdown
from ec2_backup.report.figures import figures
from ec2_backup.report.html import to_html
from ec2_backup.report.log_lines import closing_lines, opening_lines
from ec2_backup.report.message import to_message
from ec2_backup.results import RunError
from ec2_backup.settings import BackupOptions, BackupRequest
from ec2_backup.states import RunStatus, Verdict
from ec2_backup.terminal import console_for, print_plan, print_report
from tests.unit.copies import ARN, copied, with_copies
from tests.unit.reports import STARTED, a_report, failed, planned, proven
from tests.unit.screens import ending

REASON, ADVICE = "copy job ended FAILED: Access Denied", "Let the copies in, then resume."
GOOD = copied(proven(1))
BAD = copied(proven(2, name="db-2"), Verdict.FAILED, REASON, ADVICE)
WHERE = "EC2-Backup-Copy in eu-west-1"


REPORT = with_copies(GOOD, BAD)


def test_the_headline_says_both():
    assert headline(REPORT).endswith(
        "2 of 2 instances have a proven recovery point, 4 of 4 volumes; 1 of 2 copies is proven"
    )
    assert headline(with_copies(GOOD, copied(proven(2)), status=RunStatus.PROVEN)).endswith(
        "; 2 of 2 copies are proven"
    )


def test_the_headline_of_a_plan_counts_the_copies_that_it_covers():
    report = with_copies(
        copied(planned(1), Verdict.PLANNED), copied(planned(2), Verdict.FAILED, REASON), parameters={"dry_run": True}
    )

    assert headline(report) == "The plan covers 2 of 2 instances and 4 volumes, 1 of 2 copies; nothing was started"


def test_the_figures_have_a_line_for_each_vault():
    assert ("Copies", f"{WHERE} of account 123456789012: 1 proven, 1 failed; kept 30 days") in figures(REPORT)


def test_without_copies_no_form_of_the_report_has_a_word_of_them():
    report = a_report(proven(1))
    forms = [ending(report), to_json(report), to_csv(report), to_markdown(report), *closing_lines(report)]

    assert [form for form in forms if "cop" in form.lower().replace('"copies": {}', "")] == []
    assert to_copy_table(report) == []
    assert 'id="copies"' not in to_html(report)


def test_the_terminal_names_each_copy_that_is_not_proven_and_what_to_do():
    shown = ending(REPORT)

    (line,) = [line for line in shown.splitlines() if REASON in line]
    assert "i-00000000000000002" in line
    assert WHERE in line
    assert f"What to do:  {ADVICE}" in shown
    assert shown.count("i-00000000000000001") == 0


def test_more_than_twenty_are_counted():
    shown = ending(with_copies(*(copied(proven(n), Verdict.FAILED, REASON) for n in range(25))))

    assert shown.count(REASON) == 20
    assert "and 5 more copies in backup-output/report.csv" in shown


def test_a_quiet_terminal_says_where_to_look():
    stream = io.StringIO()
    print_report(REPORT, console_for(stream), quiet=True)

    assert "backup-output/report.csv" in stream.getvalue()
    assert stream.getvalue().rstrip().endswith("1 of 2 copies is proven")


def test_a_plan_shows_the_vaults_that_copies_would_go_into():
    stream = io.StringIO()
    print_plan(with_copies(copied(planned(1), Verdict.PLANNED), parameters={"dry_run": True}), console_for(stream))

    assert f"{WHERE} of account 123456789012: 1 planned; kept 30 days" in stream.getvalue()


def test_a_copy_of_a_backup_that_is_not_proven_is_nobodys_concern_but_its_backups():
    report = with_copies(copied(failed(1), Verdict.NOT_STARTED, "its backup is not proven, so nothing was copied"))

    assert "so nothing was copied" not in ending(report)
    assert "so nothing was copied" in to_csv(report)


def test_the_log_says_what_was_asked_and_what_came_of_it():
    request = BackupRequest(options=BackupOptions(copy_to=(f"{ARN}=30",)))

    assert f"Copies     {ARN}=30" in opening_lines(request, "key", STARTED)
    assert f"❌ i-00000000000000002: copy into {WHERE} of account 123456789012: {REASON}" in closing_lines(REPORT)
    assert f"   What to do: {ADVICE}" in closing_lines(REPORT)


def test_the_csv_has_columns_for_copies_where_there_are_some():
    good, bad = csv.DictReader(io.StringIO(to_csv(REPORT)))

    assert (good["copies"], good["proven_copies"], good["copy_arns"]) == ("1", "1", f"{ARN}/ami")
    assert (bad["copies"], bad["proven_copies"], bad["copy_arns"]) == ("1", "0", "")
    assert REASON in bad["copy_reasons"]
    assert "copies" not in next(iter(csv.DictReader(io.StringIO(to_csv(a_report(proven(1)))))))


def test_the_json_is_read_back_as_it_was():
    assert from_json(to_json(REPORT)) == REPORT
    assert to_document(REPORT)["statistics"]["proven_copies"] == 1
    assert to_document(REPORT)["outcomes"][1]["copies"][0]["failure"]["reason"] == REASON


def test_markdown_and_table_link_the_instance_and_give_the_reason():
    text = to_markdown(REPORT)
    first, second = to_copy_table(REPORT)

    assert "## 1 copy not proven" in text
    assert f"into {WHERE} of account 123456789012: {REASON}" in text
    assert "i-00000000000000002" in first["Instance"]
    assert (first["Verdict"], first["What to do"]) == ("❌ failed", ADVICE)
    assert second["Verdict"] == "✅ proven"


def test_a_table_of_copies_stops_at_its_limit_and_says_so():
    assert to_copy_table(REPORT, 1)[-1]["Instance"] == "and 1 more copy in the CSV report"


def test_the_page_has_a_section_and_the_evidence_of_each_copy():
    page = to_html(REPORT)

    assert "Not every copy is proven." in page
    assert '<h2 id="copies">1 copy not proven</h2>' in page
    assert "<td>1 proven, 1 failed</td>" in page
    assert f"What to do: {ADVICE}" in page
    assert page.count("<dt>Copy") == 2
    assert "Not every backup is proven." in to_html(with_copies(failed(1)))


def test_the_message_tells_of_copies_in_the_subject_and_below():
    message = to_message(replace(REPORT, parameters=BackupRequest().model_dump(mode="json")))

    assert "2 of 2 instances proven, 1 of 2 copies" in message.subject
    assert "1 copy not proven: i-00000000000000002 (db-2)" in message.text
    assert f"    {REASON}" in message.text
    assert len(message.text.splitlines()) <= 20


def test_the_history_has_the_copies_of_a_run(tmp_path):
    run = to_past_run(read_document(to_json(REPORT).encode()), tmp_path)
    without = to_past_run(read_document(to_json(a_report(proven(1))).encode()), tmp_path)

    assert (run.copies, run.proven_copies) == (2, 1)
    assert (without.copies, without.proven_copies) == (0, 0)


def test_only_failed_says_how_copies_are_tried_again():
    with pytest.raises(InventoryError) as caught:
        to_inventory("report.json", json.dumps(to_document(REPORT)).encode())

    assert f"resume {REPORT.run_key}" in caught.value.hint


def test_the_message_stays_short_with_many_failures_and_copies():
    outcomes = [failed(n, f"the job of i-{n} failed", advice=f"Do {n % 5}.") for n in range(1, 100)]
    report = with_copies(*outcomes, *(copied(proven(n), Verdict.FAILED, REASON, ADVICE) for n in range(100, 200)))
    error = RunError("VaultError", "there is no such vault", "Correct --vault.", 12)

    text = to_message(replace(report, error=error, parameters=BackupRequest().model_dump(mode="json"))).text

    assert len(text.splitlines()) <= 20
    assert "100 copies not proven: i-00000000000000064 (web-100), " in text
    assert "And 59 more instances for other reasons: see the report." in text
