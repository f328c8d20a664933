"""Every kind of run keeps its log and its report through the same signals."""

import os
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ec2_backup.coverage.keeping import kept_survey
from ec2_backup.coverage.request import CoverageRequest
from ec2_backup.coverage.survey import Survey
from ec2_backup.drill.keeping import kept_drill
from ec2_backup.drill.ledger import DrillLedger
from ec2_backup.drill.request import DrillRequest, to_restores
from ec2_backup.narration import tell
from ec2_backup.restore.keeping import kept_restore
from ec2_backup.restore.ledger import RestoreLedger
from ec2_backup.restore.request import RestoreRequest

KEY, NOW = "20261123T020000Z-0a1b2c3d", datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
Show = Callable[[object], object]


def a_look(folder: Path, show: Show) -> AbstractContextManager[object]:
    return kept_survey(Survey(CoverageRequest(output=folder), KEY, NOW), show)


def a_restore(folder: Path, show: Show) -> AbstractContextManager[object]:
    request = RestoreRequest(instance="i-0a1b2c3d4e5f60718", output=folder)
    return kept_restore(RestoreLedger(request, KEY, NOW), show=show)


def a_drill(folder: Path, show: Show) -> AbstractContextManager[object]:
    request = DrillRequest(subnet="subnet-0a1b2c3d", security_group="sg-0a1b2c3d", output=folder)
    return kept_drill(DrillLedger(to_restores(request), KEY, NOW, drill=request), lambda _: None, show)


EACH = pytest.mark.parametrize("keep", [a_look, a_restore, a_drill])


@EACH
def test_what_is_told_while_the_report_is_shown_stands_in_the_log(keep, tmp_path: Path) -> None:
    with keep(tmp_path, lambda _: tell("shown in Prefect")):
        pass

    (log,) = tmp_path.glob("*_log_*.log")
    assert "shown in Prefect" in log.read_text().splitlines()[-1]


@EACH
def test_a_report_that_cannot_be_shown_is_told_and_is_on_disk(keep, tmp_path: Path) -> None:
    def gone(_: object) -> None:
        raise ConnectionError("Prefect is gone")

    with keep(tmp_path, gone):
        pass

    (log,) = tmp_path.glob("*_log_*.log")
    assert "its artifacts in Prefect are not: Prefect is gone" in log.read_text()
    assert len(list(tmp_path.glob(f"*_{KEY}.json"))) == 1


@EACH
def test_an_interrupted_run_has_its_report_all_the_same(keep, tmp_path: Path) -> None:
    def end_early() -> None:
        with keep(tmp_path, lambda _: None):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        end_early()

    (log,) = tmp_path.glob("*_log_*.log")
    assert "exit code 130" in log.read_text()
    assert len(list(tmp_path.glob(f"*_{KEY}.json"))) == 1
