"""A report over several accounts and Regions: every form of it says which, and has figures for each."""

import io
from dataclasses import replace

from ec2_backup.calls import Place
from ec2_backup.model import GIB, Caller
from ec2_backup.places import PlaceStatistics
from ec2_backup.report import from_json, to_json, to_markdown, to_table
from ec2_backup.report.html import to_html
from ec2_backup.report.log_lines import closing_lines
from ec2_backup.report.message import to_message
from ec2_backup.report.spreadsheet import to_csv
from ec2_backup.results import Outcome, RunReport
from ec2_backup.settlement import Calls, to_places
from ec2_backup.terminal import console_for, print_report
from tests.unit.reports import a_report, failed, proven

OWN, OTHER = "123456789012", "210987654321"
EU, US = "eu-west-1", "us-east-1"
ROLE = f"arn:aws:iam::{OTHER}:role/EC2BackupAutomation"


def there(outcome: Outcome) -> Outcome:
    """Return the outcome as one of the other account."""
    return replace(outcome, row=replace(outcome.row, account=OTHER, role_arn=ROLE), account=OTHER)


def over_two_accounts(*outcomes: Outcome, calls: dict[Place, int] | None = None) -> RunReport:
    outcomes = outcomes or (
        replace(proven(1, region=US), account=OWN),
        there(proven(2, region=EU)),
        there(replace(failed(3), region=EU)),
    )
    report = a_report(*outcomes, caller=Caller(OWN, f"arn:aws:iam::{OWN}:user/ops"))
    places = to_places(outcomes, Calls({}, 0, calls or {("", US): 7, (OTHER, EU): 12}), OWN)
    return replace(report, statistics=replace(report.statistics, places=places))


def ending(report: RunReport) -> str:
    stream = io.StringIO()
    print_report(report, console_for(stream))
    return stream.getvalue()


def test_figures_are_by_account_and_region():
    assert over_two_accounts().statistics.places == (
        PlaceStatistics(OWN, US, 1, 1, 0, 2, 100 * GIB, 7),
        PlaceStatistics(OTHER, EU, 2, 1, 1, 4, 100 * GIB, 12),
    )


def test_calls_count_where_no_instance_is():
    (first, *_) = over_two_accounts(calls={("", EU): 1}).statistics.places

    assert (first.account, first.region, first.instances, first.api_calls) == (OWN, EU, 0, 1)


def test_the_terminal_and_the_log_have_a_line_for_each_place():
    report = over_two_accounts()

    for text in (ending(report), "\n".join(closing_lines(report))):
        assert f"{OWN} {US}" in text
        assert "1 instance: 1 proven, 100 GiB provisioned, 7 AWS calls" in text
        assert "2 instances: 1 proven, 1 failed, 100 GiB provisioned, 12 AWS calls" in text


def test_every_form_of_the_report_names_the_account_of_what_failed():
    report = over_two_accounts()
    place = f"{EU} of account {OTHER}"

    for text in (ending(report), "\n".join(closing_lines(report)), to_markdown(report), to_html(report)):
        assert place in text
    assert {row["Region"] for row in to_table(report)} == {US, place}
    assert f"{OTHER},{EU},failed" in to_csv(report)


def test_headings_count_the_accounts():
    report = over_two_accounts()

    assert ", 2 AWS accounts." in to_markdown(report)
    assert ", 2 AWS accounts.</p>" in to_html(report)
    assert ", 2 accounts, ended " in to_message(report).text
    assert f", account {OWN}, ended " in to_message(over_two_accounts(replace(proven(1), account=OWN))).text


def test_pages_have_a_table_of_the_places():
    report = over_two_accounts()

    assert "### By account and Region" in to_markdown(report)
    assert f"| {OTHER} | {EU} | 2 | 1 | 100 GiB | 12 |" in to_markdown(report)
    assert "<caption>By account and Region</caption>" in to_html(report)
    assert f"with credentials of account {OTHER}" in to_html(report)


def test_one_place_needs_no_figures_of_its_own():
    report = over_two_accounts(replace(proven(1), account=OWN), replace(failed(2), account=OWN))

    for text in (to_markdown(report), to_html(report)):
        assert "By account and Region" not in text
    assert " of account " not in ending(report)


def test_the_places_come_back_from_json():
    report = over_two_accounts()

    assert from_json(to_json(report)).statistics.places == report.statistics.places
