import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.errors import UsageError
from ec2_backup.files import write_atomically
from ec2_backup.report import from_document, from_json, to_document, to_json
from ec2_backup.results import Outcome, RunReport
from tests.unit.reports import a_report, failed, not_started, planned, proven, running, unseen

json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
zones = st.integers(-12, 12).map(lambda hours: timezone(timedelta(hours=hours)))
moments = st.integers(946_684_800, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, tz=UTC))
# What the dataclasses promise and their types cannot say: times are aware, numbers are numbers.
st.register_type_strategy(datetime, st.builds(datetime.astimezone, moments, zones))
st.register_type_strategy(float, st.floats(allow_nan=False, allow_infinity=False))

outcomes = st.builds(Outcome)
reports = st.builds(
    RunReport,
    parameters=st.dictionaries(st.text(), json_values, max_size=3),
    outcomes=st.lists(outcomes, max_size=2).map(tuple),
    schema_version=st.just(1),
)


@given(reports)
@settings(max_examples=40, deadline=None)
def test_a_report_read_back_from_json_is_the_same_report(report: RunReport) -> None:
    assert from_json(to_json(report)) == report
    assert from_document(to_document(report)) == report


@pytest.mark.parametrize("outcome", [proven(1), failed(1), unseen(1), running(1), planned(1), not_started(1)])
def test_each_kind_of_outcome_survives_the_round_trip(outcome: Outcome) -> None:
    assert from_json(to_json(a_report(outcome))).outcomes == (outcome,)


def test_the_schema_version_comes_first() -> None:
    assert next(iter(json.loads(to_json(a_report(proven(1)))))) == "schema_version"


def test_times_are_written_in_utc_whatever_zone_they_came_in() -> None:
    summer = datetime(2026, 7, 1, 14, 30, tzinfo=timezone(timedelta(hours=2)))

    assert to_document(a_report(proven(1), started_at=summer))["started_at"] == "2026-07-01T12:30:00Z"


def test_the_statistics_hold_the_rates_and_the_counts_by_verdict() -> None:
    statistics = to_document(a_report(proven(1), failed(2), running(3), not_started(4)))["statistics"]

    assert statistics["success_rate"] == 0.25
    assert statistics["error_rate"] == 0.25
    assert statistics["calls_per_instance"] == 17 / 4
    assert statistics["verdicts"] == {"proven": 1, "failed": 1, "running": 1, "planned": 0, "not-started": 1}
    assert statistics["api_calls"]["backup:StartBackupJob"] == 4


def test_a_document_is_made_of_json_values_only() -> None:
    document = to_document(a_report(proven(1), failed(2)))

    assert json.loads(json.dumps(document)) == document


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "cannot be read as JSON"),
        ("[]", "not a JSON object"),
        ('{"schema_version": 99}', "schema version 99"),
        ("{}", "schema version None"),
        ('{"schema_version": 1}', "run_key"),
        ('{"schema_version": 1, "outcomes": [7]}', "run_key"),
    ],
)
def test_what_is_not_a_report_is_refused_with_the_reason(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said) as caught:
        from_json(text)

    assert caught.value.hint


def test_a_mapping_that_is_no_dict_is_written_as_an_object() -> None:
    report = a_report(proven(1), files=MappingProxyType({"csv": "report.csv"}))

    assert to_document(report)["files"] == {"csv": "report.csv"}


def test_a_name_that_utf_8_cannot_hold_is_written_and_read_back(tmp_path: Path) -> None:
    report = a_report(proven(1, name="db-\ud800"))
    write_atomically(tmp_path / "report.json", to_json(report))

    assert from_json((tmp_path / "report.json").read_bytes()) == report


def test_an_instance_is_written_once_though_its_plan_holds_it_too() -> None:
    assert to_json(a_report(proven(1))).count('"instance_type"') == 1
    other = replace(proven(1), instance=None)
    assert from_json(to_json(a_report(other))).outcomes == (other,)
