"""The trend of the drills: where no recovery time is known none is shown, least of all one of 0 s."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from ec2_backup.drill.model import Gone
from ec2_backup.drill.page import to_html
from ec2_backup.drill.past import to_drill_trend
from ec2_backup.drill.publication import write_drill
from ec2_backup.drill.report import DrillReport
from ec2_backup.drill.settlement import settle
from ec2_backup.restore.model import RestoreFailure
from ec2_backup.settlement import Calls
from tests.unit.drills import OTHER_KEY, a_drill, prove
from tests.unit.restores import NOW


def a_report(folder: Path, key: str, *, is_proven: bool) -> DrillReport:
    run = a_drill()
    run.run_key = key
    if is_proven:
        prove(run, 1)
        run.end(Gone(1))
    else:
        run.fail(RestoreFailure(1, "AWS Backup has no recovery point of it"))
    report = settle(run, NOW + timedelta(hours=1), Calls({}, 0, {}))
    return replace(report, files={"log": str(folder / "drill.log")})


def test_a_drill_that_proved_nothing_has_no_recovery_time_and_no_bar_of_one(tmp_path: Path) -> None:
    write_drill(a_report(tmp_path, OTHER_KEY, is_proven=True))
    report = write_drill(a_report(tmp_path, "20261123T020000Z-0a1b2c3d", is_proven=False))

    trend = to_drill_trend(report, tmp_path)
    page = to_html(report)

    assert trend is not None
    assert [bar.run.seconds for bar in trend.bars] == [240, None]
    assert len(re.findall(r'class="bar took', page)) == 1
    assert "0 of 1 instance proven, time unknown" in page
    assert not re.search(r"\b0 s\b", page)


def test_where_no_drill_has_proven_anything_no_longest_recovery_is_named(tmp_path: Path) -> None:
    write_drill(a_report(tmp_path, OTHER_KEY, is_proven=False))
    page = to_html(a_report(tmp_path, "20261123T020000Z-0a1b2c3d", is_proven=False))

    assert "median recovery took" not in page
    assert "at most" not in page
    assert not re.search(r"\b0 s\b", page)
