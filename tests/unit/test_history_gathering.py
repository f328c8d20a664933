"""Of a folder with years of reports, no more is read than the question needs."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from ec2_backup.history.gathering import READ_FURTHER, to_history
from ec2_backup.history.overview import to_overview
from ec2_backup.history.past_run import PastRun, Unreadable
from ec2_backup.states import RunStatus, Verdict
from tests.unit.past_runs import FAILED, PROVEN, a_past_run


@dataclass
class Folder:
    """A folder with a run for each day, newest first, that counts how many of them were read."""

    days: int
    csv: str = "ec2_instances.csv"
    read: int = field(default=0)

    def runs(self, *newer: PastRun | Unreadable) -> Iterator[PastRun | Unreadable]:
        yield from newer
        for day in reversed(range(self.days)):
            self.read += 1
            yield a_past_run(day, csv=self.csv, a=PROVEN)


def test_reading_ends_with_the_last_run_that_is_asked_for():
    folder = Folder(10_000)
    history = to_history(folder.runs(), 30, lambda _: True)

    assert [run.run_key for run in history.runs] == [f"run-{day}" for day in range(9_970, 10_000)]
    assert folder.read == 30


def test_reading_goes_on_to_the_run_that_the_newest_is_compared_with():
    folder = Folder(10_000)
    cut = [a_past_run(10_000 + day, RunStatus.INTERRUPTED, a=FAILED) for day in (5, 4, 3, 2, 1)]

    history = to_history(folder.runs(*cut), 1, lambda _: True)

    assert [run.run_key for run in history.runs] == ["run-10005"]
    assert history.since_last
    assert history.since_last.still_failing == ("a",)
    assert folder.read == 1


def test_in_search_of_a_run_to_compare_with_reading_ends_somewhere():
    folder = Folder(10_000, csv="other.csv")
    history = to_history(folder.runs(a_past_run(10_000, a=PROVEN)), 1, lambda _: True)

    assert history.since_last is None
    assert folder.read == READ_FURTHER


def test_only_wanted_runs_count_and_are_compared():
    folder = Folder(50)
    other = a_past_run(60, csv="other.csv", a=FAILED)

    history = to_history(folder.runs(other), 2, lambda run: run.origin.csv == "ec2_instances.csv")

    assert history.newest
    assert (history.newest.run_key, [run.run_key for run in history.runs]) == ("run-49", ["run-48", "run-49"])


def test_as_json_each_run_has_its_figures_and_its_failures_and_the_news_all_ids():
    runs = [
        a_past_run(3, RunStatus.PLANNED, a=Verdict.PLANNED),
        a_past_run(2, a=FAILED, b=PROVEN),
        a_past_run(1, a=PROVEN),
    ]
    document = to_overview(to_history([Unreadable("report_x.json", "why"), *runs], 30, lambda _: True))

    first, second, dry = document["runs"]
    assert (first["success_rate"], second["success_rate"], dry["success_rate"]) == (1.0, 0.5, None)
    assert (second["started_at"], second["status"], second["dry_run"]) == ("2026-03-03T02:30:00Z", "incomplete", False)
    assert second["failures"] == [{"instance_id": "a", "name": "name-of-a", "verdict": "failed", "reason": ""}]
    assert dry["failures"] == []
    assert document["since_last"]["run_key"] == "run-2"
    assert document["since_last"]["earlier_run_key"] == "run-1"
    assert document["since_last"]["newly_failing"] == ["a"]
    assert document["since_last"]["new"] == ["b"]
    assert document["unreadable"] == [{"file": "report_x.json", "why": "why"}]


def test_as_json_nothing_is_nothing():
    assert to_overview(to_history([], 30, lambda _: True)) == {
        "schema_version": 1, "runs": [], "since_last": None, "unreadable": [],
    }  # fmt: skip
