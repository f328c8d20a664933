"""A folder of reports is read newest first, and what is no report of a run stops nothing."""

import json
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ec2_backup.files import write_atomically
from ec2_backup.history.past_run import PastRun, Seen, Unreadable
from ec2_backup.history.reading import past_runs, read_past_run
from ec2_backup.model import GIB
from ec2_backup.publication import write_report
from ec2_backup.report import to_document, to_json
from ec2_backup.results import RunReport
from ec2_backup.states import RunStatus, Verdict
from tests.unit.reports import STARTED, a_report, failed, planned, proven, running

WHOLE = to_document(a_report(proven(1), failed(2)))


def a_report_of(day: int, **more: object) -> RunReport:
    began = STARTED + timedelta(days=day)
    return a_report(
        proven(1, name="web"), failed(2), running(3), run_key=f"run-{day}", started_at=began,
        ended_at=began + timedelta(minutes=20), **more,
    )  # fmt: skip


def put(folder: Path, report: RunReport, name: str | None = None) -> Path:
    path = folder / (name or f"report_{report.run_key}.json")
    write_atomically(path, to_json(report))
    return path


def read(folder: Path) -> list[PastRun]:
    return [run for run in past_runs(folder) if isinstance(run, PastRun)]


def why_not(path: Path) -> str:
    found = read_past_run(path)
    assert isinstance(found, Unreadable)
    assert found.file == path.name
    return found.why


def test_a_run_is_read_with_the_figures_of_its_report(tmp_path):
    (run,) = [read_past_run(put(tmp_path, a_report_of(0)))]

    assert isinstance(run, PastRun)
    assert (run.run_key, run.status, run.exit_code) == ("run-0", RunStatus.INCOMPLETE, 3)
    assert (run.started_at, run.seconds) == (STARTED, 1325.4)
    assert (run.instances, run.proven, run.volumes, run.protected_bytes) == (3, 1, 6, 100 * GIB)
    assert run.success_rate == 1 / 3
    assert (run.origin.csv, run.vault, run.account) == ("ec2_instances.csv", "EC2-Backup", "123456789012")
    assert run.seen[proven(1).row.instance_id] == Seen(Verdict.PROVEN, "web")
    assert run.seen[failed(2).row.instance_id].reason.startswith("the job ended FAILED: Insufficient privileges")


def test_a_long_reason_is_cut_to_its_first_words(tmp_path):
    run = read_past_run(put(tmp_path, a_report(failed(1, "word " * 100))))

    assert isinstance(run, PastRun)
    assert len(run.seen[failed(1).row.instance_id].reason) <= 120


def test_a_dry_run_is_told_apart_and_has_no_success_rate(tmp_path):
    (tmp_path / "whole").mkdir()
    half = a_report(planned(1), failed(2), parameters={"dry_run": True})
    runs = [read_past_run(put(tmp_path, report)) for report in (half, a_report(planned(1), status=RunStatus.PLANNED))]

    assert [(run.is_dry, run.success_rate) for run in runs if isinstance(run, PastRun)] == [(True, None)] * 2


def test_the_runs_come_by_when_they_ended_whatever_the_times_of_their_files_say(tmp_path):
    for number, day in enumerate((3, 1, 2)):
        os.utime(put(tmp_path, a_report_of(day)), (number, number))

    assert [run.run_key for run in read(tmp_path)] == ["run-3", "run-2", "run-1"]


def test_of_several_reports_of_one_run_the_newest_counts(tmp_path):
    put(tmp_path, a_report_of(1))
    put(tmp_path, replace(a_report_of(2), run_key="run-1", exit_code=0), "report_run-1 (copy).json")

    assert [run.exit_code for run in read(tmp_path)] == [0]


def test_a_run_that_was_taken_up_again_counts_once_as_it_ended_in_the_end(tmp_path):
    report = replace(a_report_of(1), files={"log": str(tmp_path / "log")})
    write_report(replace(report, status=RunStatus.INTERRUPTED))
    write_report(replace(report, ended_at=report.ended_at + timedelta(hours=1)))

    assert [run.status for run in read(tmp_path)] == [RunStatus.INCOMPLETE]


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "not JSON, or only half of it"),
        (to_json(a_report(proven(1))).encode()[:-700], "not JSON, or only half of it"),
        (b"\xff\xfe\x00", "not JSON"),
        (b"[" * 100_000, ""),
        (b"[]", "no report of a run"),
        (b'{"rows": []}', "no report of a run"),
        (json.dumps({**WHOLE, "schema_version": 2}).encode(), "schema version 2; this program reads 1"),
        (json.dumps({"schema_version": 2}).encode(), "schema version 2; this program reads 1"),
        (json.dumps({**WHOLE, "status": "splendid"}).encode(), "status: Input should be"),
        (json.dumps({**WHOLE, "started_at": "2026-01-01T00:00:00"}).encode(), "started_at"),
        (json.dumps({**WHOLE, "ended_at": "0001-01-01T00:00:00+14:00"}).encode(), "ended_at"),
        (json.dumps({**WHOLE, "statistics": {**WHOLE["statistics"], "seconds": float("nan")}}).encode(), "seconds"),
        (json.dumps({**WHOLE, "statistics": {**WHOLE["statistics"], "protected_bytes": 10**40}}).encode(), "bytes"),
    ],
)  # fmt: skip
def test_what_is_no_report_of_this_version_is_named_with_the_reason(tmp_path, content, why):
    path = tmp_path / "report_x.json"
    path.write_bytes(content)

    assert why in why_not(path)


def test_a_folder_a_pipe_and_a_link_to_nowhere_are_no_reports(tmp_path):
    (tmp_path / "report_folder.json").mkdir()
    os.mkfifo(tmp_path / "report_pipe.json")
    (tmp_path / "report_link.json").symlink_to(tmp_path / "nowhere")
    put(tmp_path, a_report_of(1))

    found = list(past_runs(tmp_path))

    assert [one.why for one in found if isinstance(one, Unreadable)] == ["this is no file"] * 3
    assert [run.run_key for run in read(tmp_path)] == ["run-1"]


def test_half_written_reports_and_other_files_are_not_looked_at(tmp_path):
    (tmp_path / ".report_run-1.json.abc").write_text("{")
    (tmp_path / "run_run-1.json").write_text("{}")
    (tmp_path / "report_run-1.csv").write_text("")

    assert list(past_runs(tmp_path)) == []
    assert list(past_runs(tmp_path / "absent")) == []


def test_a_name_that_utf_8_cannot_hold_costs_the_run_nothing(tmp_path):
    put(tmp_path, a_report(proven(1, name="db-\ud800")))

    assert [run.proven for run in read(tmp_path)] == [1]


names = st.text() | st.sampled_from([*WHOLE])
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=4),
    max_leaves=12,
)


@given(values | st.dictionaries(st.sampled_from([*WHOLE]), values, max_size=3).map(lambda changed: WHOLE | changed))
@settings(max_examples=200, deadline=None)
def test_no_json_whatever_it_holds_raises_anything(tmp_path_factory, value):
    path = tmp_path_factory.getbasetemp() / "report_any.json"
    path.write_text(json.dumps(value))

    assert isinstance(read_past_run(path), PastRun | Unreadable)


@given(st.binary(max_size=200))
@settings(deadline=None)
def test_no_bytes_whatever_they_are_raise_anything(tmp_path_factory, content):
    folder = tmp_path_factory.getbasetemp() / "bytes"
    folder.mkdir(exist_ok=True)
    (folder / "report_any.json").write_bytes(content)

    assert len(list(past_runs(folder))) == 1
