from dataclasses import replace

import pytest

from ec2_backup.model import GIB
from ec2_backup.report import figures, headline, places
from ec2_backup.report.units import count, duration, percentage, size
from ec2_backup.results import VaultUse
from ec2_backup.states import RunStatus
from tests.unit.reports import REGION, a_report, failed, not_started, planned, proven, running, unseen


@pytest.mark.parametrize(
    ("size_bytes", "shown"),
    [
        (0, "0 GiB"),
        (1, "less than 0.1 GiB"),
        (8.5 * GIB, "8.5 GiB"),
        (184 * GIB, "184 GiB"),
        (1023.9 * GIB, "1,023.9 GiB"),
        (1536 * GIB, "1.5 TiB"),
        (5000 * 1024 * GIB, "5,000 TiB"),
    ],
)
def test_sizes_are_shown_in_gib_and_tib(size_bytes: float, shown: str) -> None:
    assert size(size_bytes) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-1, "0 s"),
        (0.04, "0 s"),
        (4.21, "4.2 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1 min 00 s"),
        (125, "2 min 05 s"),
        (3599.9, "1 h 00 min"),
        (3725, "1 h 02 min"),
        (90_000 * 3, "3 d 03 h"),
    ],
)
def test_durations_are_shown_in_their_two_largest_units(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(0, "0 %"), (1, "100 %"), (72 / 74, "97.3 %"), (1 / 10_000, "under 0.1 %"), (9_999 / 10_000, "over 99.9 %")],
)
def test_a_rate_is_never_rounded_to_all_or_nothing(fraction: float, shown: str) -> None:
    assert percentage(fraction) == shown


def test_a_noun_is_singular_only_for_one() -> None:
    assert [count(number, "instance") for number in (0, 1, 1000)] == ["0 instances", "1 instance", "1,000 instances"]


def test_the_headline_counts_proven_instances_and_volumes() -> None:
    assert headline(a_report(proven(1))) == "1 of 1 instance has a proven recovery point, 2 of 2 volumes"
    assert headline(a_report(proven(1), failed(2))) == "1 of 2 instances have a proven recovery point, 2 of 4 volumes"
    assert headline(a_report(unseen(2))) == "0 of 1 instance has a proven recovery point"


@pytest.mark.parametrize(
    ("status", "beginning"),
    [(RunStatus.ABORTED, "The run ended early; 0 of 1"), (RunStatus.INTERRUPTED, "The run was interrupted; 0 of 1")],
)
def test_the_headline_of_a_run_that_was_cut_short_says_so_first(status: RunStatus, beginning: str) -> None:
    assert headline(a_report(not_started(1), status=status)).startswith(beginning)


def test_the_headline_of_a_dry_run_says_that_nothing_was_started() -> None:
    report = a_report(planned(1), planned(2), unseen(3), status=RunStatus.PLANNED)

    assert headline(report) == "The plan covers 2 of 3 instances and 4 volumes; nothing was started"


def test_the_figures_hold_every_statistic_of_a_run() -> None:
    report = a_report(proven(1), failed(2), running(3), not_started(4))

    assert figures(report) == [
        ("Instances", "4: 1 proven, 1 failed, 1 still running, 1 not started"),
        ("Success rate", "25 %"),
        ("Error rate", "25 %"),
        ("Execution time", "22 min 05 s"),
        ("AWS API calls", "17, 4.25 per instance"),
        ("Most called", "backup:ListBackupJobs 12, backup:StartBackupJob 4, sts:GetCallerIdentity 1"),
        ("Data protected", "100 GiB provisioned"),
        ("Vault", "EC2-Backup in eu-central-1: 12 → 13 recovery points, 4.1 TiB provisioned in all"),
    ]


def test_the_figures_of_a_dry_run_hold_what_would_be_protected_and_no_rates() -> None:
    labels = dict(figures(a_report(planned(1), planned(2), status=RunStatus.PLANNED)))

    assert labels["Data to protect"] == "200 GiB provisioned"
    assert "Success rate" not in labels


def test_a_run_without_instances_has_no_rates_at_all() -> None:
    report = a_report(status=RunStatus.ABORTED)
    bare = replace(report, statistics=replace(report.statistics, api_calls={}))

    assert [label for label, _ in figures(bare)] == [
        "Instances",
        "Execution time",
        "AWS API calls",
        "Data protected",
        "Vault",
    ]


def test_throttled_calls_are_told_where_there_were_any() -> None:
    report = a_report(proven(1))
    throttled = replace(report, statistics=replace(report.statistics, throttled_calls=3))

    assert ("AWS API calls", "14, 14.00 per instance, 3 throttled by AWS") in figures(throttled)


@pytest.mark.parametrize(
    ("use", "shown"),
    [
        (VaultUse("V", REGION, 0, 1), "V in eu-central-1: 0 → 1 recovery point"),
        (VaultUse("V", REGION, 12), "V in eu-central-1: 12 recovery points"),
        (VaultUse("V", REGION, 12, 12), "V in eu-central-1: 12 recovery points"),
    ],
)
def test_a_vaults_use_is_told_as_far_as_it_is_known(use: VaultUse, shown: str) -> None:
    report = a_report(proven(1))

    assert ("Vault", shown) in figures(replace(report, statistics=replace(report.statistics, vaults=(use,))))


def test_the_places_name_the_files_and_the_page_in_prefect() -> None:
    report = a_report(proven(1), files={"json": "a.json", "metrics": "m.prom"}, run_url="http://x/1")

    assert places(report) == [("JSON report", "a.json"), ("metrics", "m.prom"), ("Prefect run", "http://x/1")]
